// The mask over an image: its strokes, the part of the image around it, and how that part is cut out.
const INK = "#e11d48", AROUND = 1.5;

export function paint(mask, stroke) {
  const context = mask.getContext("2d");
  if (stroke.tool === "invert") {
    context.globalCompositeOperation = "xor";
    context.fillStyle = INK;
    context.fillRect(0, 0, mask.width, mask.height);
  } else {
    context.globalCompositeOperation = stroke.tool === "eraser" ? "destination-out" : "source-over";
    context.strokeStyle = INK;
    context.lineWidth = stroke.width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    stroke.points.forEach(([x, y], i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
    if (stroke.points.length === 1) context.lineTo(stroke.points[0][0] + 0.01, stroke.points[0][1]);
    context.stroke();
  }
  context.globalCompositeOperation = "source-over";
}

// Returns the smallest box around what is painted, or null.
export function painted(mask) {
  const { width, height } = mask, data = new Uint32Array(mask.getContext("2d").getImageData(0, 0, width, height).data.buffer);
  let left = width, right = -1, top = height, bottom = -1;
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (!data[i]) continue;
      left = Math.min(left, x); right = Math.max(right, x); top = Math.min(top, y); bottom = y;
    }
  }
  return right < 0 ? null : { left, right: right + 1, top, bottom: bottom + 1 };
}

// Returns the part to send: the box with as much around it as the graph looks at, shrunk where it is large.
export function part(mask, box, least, most) {
  const reach = Math.max(least, AROUND * Math.max(box.right - box.left, box.bottom - box.top));
  const left = Math.max(0, Math.floor(box.left - reach)), top = Math.max(0, Math.floor(box.top - reach));
  const width = Math.min(mask.width, Math.ceil(box.right + reach)) - left, height = Math.min(mask.height, Math.ceil(box.bottom + reach)) - top;
  const scale = Math.min(1, most / Math.max(width, height));
  return { left, top, width, height, across: Math.max(1, Math.floor(width * scale)), down: Math.max(1, Math.floor(height * scale)) };
}

export function cut(source, { left, top, width, height, across, down }, black) {
  const made = document.createElement("canvas"), context = made.getContext("2d");
  made.width = across;
  made.height = down;
  if (black) context.fillRect(0, 0, across, down);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, left, top, width, height, 0, 0, across, down);
  return made;
}
