// Draws a body as synth/pixels/skeleton.py does, from the same table of limbs, at any size.

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

// Makes a canvas as sharp as the screen shows it, and empty.
function sharpen(canvas, ratio) {
  const width = Math.max(1, Math.min(1024, Math.round(canvas.clientWidth * (window.devicePixelRatio || 1))));
  const height = Math.round(width * ratio);
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  else canvas.getContext("2d").clearRect(0, 0, width, height);
  return canvas.getContext("2d");
}
