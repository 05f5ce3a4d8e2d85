// Images as graphs take them, and padding as in synth/pixels/resize.py.

/** @typedef {{ data: Uint8Array, width: number, height: number }} Picture uint8 RGB */

/** @param {ImageData} image @returns {Picture} */
export function fromImage(image) {
  const { data, width, height } = image, rgb = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < rgb.length; from += 4) {
    rgb[to++] = data[from];
    rgb[to++] = data[from + 1];
    rgb[to++] = data[from + 2];
  }
  return { data: rgb, width, height };
}

/** @param {Picture} picture */
export function toImage(picture) {
  const { data, width, height } = picture, image = new ImageData(width, height);
  for (let from = 0, to = 0; from < data.length; to += 4) {
    image.data[to] = data[from++];
    image.data[to + 1] = data[from++];
    image.data[to + 2] = data[from++];
    image.data[to + 3] = 255;
  }
  return image;
}

// Returns a plane of one byte a pixel as a grey image.
export function toGray(plane, width, height) {
  const image = new ImageData(width, height), pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < plane.length; i++) pixels[i] = 0xff000000 | (plane[i] * 0x10101);
  return image;
}

// Returns the place that a padded pixel mirrors; the outermost row is not doubled, a side of one pixel is repeated.
export function mirrored(place, side) {
  const period = Math.max(1, 2 * (side - 1)), at = place % period;
  return at < side ? at : period - at;
}

/** @param {Picture} picture @param {number} multiple @returns {Picture} */
export function pad(picture, multiple) {
  const round = (side) => Math.ceil(side / multiple) * multiple;
  const width = round(picture.width), height = round(picture.height);
  if (width === picture.width && height === picture.height) return picture;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const row = mirrored(y, picture.height) * picture.width;
    for (let x = 0; x < width; x++) {
      const from = (row + mirrored(x, picture.width)) * 3;
      data[to++] = picture.data[from];
      data[to++] = picture.data[from + 1];
      data[to++] = picture.data[from + 2];
    }
  }
  return { data, width, height };
}

export function crop(picture, width, height) {
  if (width === picture.width && height === picture.height) return picture;
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const from = y * picture.width * 3;
    data.set(picture.data.subarray(from, from + width * 3), y * width * 3);
  }
  return { data, width, height };
}
