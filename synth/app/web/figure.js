// Draws a body as synth/pixels/body/skeleton.py does, from the same table of limbs, at any size.

// joints: 17 rows of x, y, score in a picture `height` pixels tall; drawn on the whole of `context`'s canvas.
function drawFigure(context, limbs, joints, width, height) {
  const canvas = context.canvas, across = canvas.width / width, down = canvas.height / height;
  const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.min(a[2], b[2])];
  const all = [...joints, middle(joints[5], joints[6]), middle(joints[11], joints[12])];
  const thick = Math.max(1, canvas.height / 64);
  context.lineCap = "round";
  for (const [from, to, color, thin] of limbs) {
    if (all[from][2] < 0.2 || all[to][2] < 0.2) continue;
    context.strokeStyle = color;
    context.lineWidth = thin ? thick / 2 : thick;
    context.beginPath();
    context.moveTo(all[from][0] * across, all[from][1] * down);
    context.lineTo(all[to][0] * across, all[to][1] * down);
    context.stroke();
  }
}

// Makes a canvas about as sharp as the screen shows it, and empty. Sizes are watched: asking for them costs a layout.
const boxes = new Map();
const sizes = new ResizeObserver((entries) => { for (const one of entries) boxes.set(one.target, one.contentRect.width); });

function sharpen(canvas, ratio) {
  if (!boxes.has(canvas)) sizes.observe(canvas);
  if (!(boxes.get(canvas) > 1)) boxes.set(canvas, canvas.clientWidth);
  const width = Math.max(1, Math.min(640, Math.round(boxes.get(canvas) * (window.devicePixelRatio || 1))));
  const height = Math.round(width * ratio), context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  else context.clearRect(0, 0, width, height);
  return context;
}
