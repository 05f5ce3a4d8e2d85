// Paints on a small canvas: strokes, rectangles, flood fill, history. Label maps are painted without smoothing, because
// a mixture of two label colours would be a third label.
export function makePainter(canvas, size, soft) {
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const past = [], future = [];
  const DEPTH = 60;
  const css = (color) => "rgb(" + color.join(",") + ")";
  const copy = () => context.getImageData(0, 0, size, size);

  function stamp(x, y, radius) {
    const reach = Math.floor(radius);
    for (let dy = -reach; dy <= reach; dy++) {
      const half = Math.sqrt(Math.max(0, radius * radius - dy * dy));
      const left = Math.round(x - half);
      context.fillRect(left, Math.round(y) + dy, Math.max(1, Math.round(x + half) - left), 1);
    }
  }

  function line(from, to, radius, color) {
    if (soft) {
      context.strokeStyle = css(color);
      context.lineWidth = radius * 2;
      context.lineCap = context.lineJoin = "round";
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
      return;
    }
    context.fillStyle = css(color);
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const steps = Math.max(1, Math.ceil(length / Math.max(0.5, radius / 3)));
    for (let i = 0; i <= steps; i++) {
      stamp(from.x + ((to.x - from.x) * i) / steps, from.y + ((to.y - from.y) * i) / steps, radius);
    }
  }

  function rectangle(from, to, color) {
    const left = Math.floor(Math.min(from.x, to.x)), top = Math.floor(Math.min(from.y, to.y));
    const right = Math.ceil(Math.max(from.x, to.x)), bottom = Math.ceil(Math.max(from.y, to.y));
    context.fillStyle = css(color);
    context.fillRect(left, top, Math.max(1, right - left), Math.max(1, bottom - top));
  }

  function fill(at, color) {
    const picture = copy(), pixels = new Uint32Array(picture.data.buffer);
    const probe = new Uint32Array(new Uint8ClampedArray([...color, 255]).buffer)[0];
    const start = Math.floor(at.y) * size + Math.floor(at.x), old = pixels[start];
    if (old === probe || old === undefined) return;
    const waiting = [start];
    pixels[start] = probe;
    while (waiting.length) {
      const place = waiting.pop(), x = place % size;
      for (const next of [x > 0 ? place - 1 : -1, x < size - 1 ? place + 1 : -1, place - size, place + size]) {
        if (next >= 0 && next < pixels.length && pixels[next] === old) {
          pixels[next] = probe;
          waiting.push(next);
        }
      }
    }
    context.putImageData(picture, 0, 0);
  }

  function remember() {
    past.push(copy());
    if (past.length > DEPTH) past.shift();
    future.length = 0;
  }

  function step(from, to) {
    if (!from.length) return false;
    to.push(copy());
    context.putImageData(from.pop(), 0, 0);
    return true;
  }

  return {
    line, rectangle, fill, remember,
    undo: () => step(past, future),
    redo: () => step(future, past),
    canUndo: () => past.length > 0,
    canRedo: () => future.length > 0,
    restore: () => past.length && context.putImageData(past[past.length - 1], 0, 0),
    clear(color) { context.fillStyle = css(color); context.fillRect(0, 0, size, size); },
    show(image) { context.imageSmoothingEnabled = soft; context.drawImage(image, 0, 0, size, size); },
    // Shows all of an image, as large as fits, in the middle of the paper.
    fit(image, paper) {
      const scale = size / Math.max(image.width, image.height);
      const width = Math.max(1, Math.round(image.width * scale)), height = Math.max(1, Math.round(image.height * scale));
      context.fillStyle = css(paper);
      context.fillRect(0, 0, size, size);
      context.imageSmoothingEnabled = soft;
      context.imageSmoothingQuality = "high";
      context.drawImage(image, (size - width) >> 1, (size - height) >> 1, width, height);
    },
    color: (at) => [...context.getImageData(Math.floor(at.x), Math.floor(at.y), 1, 1).data.slice(0, 3)],
    png: () => canvas.toDataURL("image/png"),
  };
}
