// Resizes as OpenCV does for synth/runtime/dance/window.py: averages areas where an image shrinks, else interpolates.

// Returns for every pixel of the result the pixels that it comes from: [first, weight, weight, ...].
function weights(from, to, shrinks) {
  const scale = from / to;
  return Array.from({ length: to }, (_, i) => {
    if (!shrinks) {
      const place = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), from - 1), low = Math.min(Math.floor(place), Math.max(from - 2, 0));
      return from > 1 ? [low, 1 - (place - low), place - low] : [0, 1];
    }
    const start = i * scale, end = Math.min((i + 1) * scale, from), first = Math.floor(start + 1e-9), row = [first];
    for (let at = first; at < end - 1e-9; at++) row.push((Math.min(at + 1, end) - Math.max(at, start)) / scale);
    return row;
  });
}

// Returns a rectangle of an image { data: RGB, width } at `width` x `height` pixels, as RGB.
export function resize(picture, left, top, fromWidth, fromHeight, width, height) {
  // As in Python, the width alone decides; where an area would be smaller than a pixel, neighbours are mixed.
  const shrinks = fromWidth > width && fromHeight >= height;
  const columns = weights(fromWidth, width, shrinks), rows = weights(fromHeight, height, shrinks);
  const strip = new Float32Array(fromHeight * width * 3), result = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < fromHeight; y++) {
    const line = (top + y) * picture.width + left;
    for (const [first, ...shares] of columns) {
      for (let c = 0; c < 3; c++, to++) {
        let sum = 0;
        for (let k = 0; k < shares.length; k++) sum += shares[k] * picture.data[(line + first + k) * 3 + c];
        strip[to] = sum;
      }
    }
  }
  for (let y = 0, to = 0; y < height; y++) {
    const [first, ...shares] = rows[y];
    for (let x = 0; x < width * 3; x++, to++) {
      let sum = 0;
      for (let k = 0; k < shares.length; k++) sum += shares[k] * strip[(first + k) * width * 3 + x];
      result[to] = Math.round(sum);
    }
  }
  return result;
}
