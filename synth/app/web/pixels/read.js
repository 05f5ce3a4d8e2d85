// Reads an image file into pixels, upright, with white where it is transparent.
const LARGEST = 1_048_576;  // pixels: what a phone computes within a few seconds
const FAR = 10;  // grey levels from every label colour, above which a pixel is no label, not even a blurred one

// Colours become sRGB by the file's profile, as in synth/pixels/profile.py.
// Resolves to { image: ImageData, note }; label maps are shrunk to the nearest pixel, because their colours must not mix.
export async function read(file, name, labels) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error("“" + name + "” is not a picture that this browser can read. Use PNG, JPEG or WebP.");
  });
  const scale = Math.min(1, Math.sqrt(LARGEST / (bitmap.width * bitmap.height)));
  const width = Math.max(1, Math.floor(bitmap.width * scale)), height = Math.max(1, Math.floor(bitmap.height * scale));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.imageSmoothingEnabled = !labels;
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width, height);
  const note = scale < 1 ? "Shrunk from " + bitmap.width + " × " + bitmap.height + " pixels, because this page runs no larger ones." : "";
  bitmap.close();
  return { image: context.getImageData(0, 0, width, height), note };
}

// Returns whether most of an image is far from every label colour of a graph that takes a label map.
export function isStray(image, graph) {
  if (graph.kind !== "labels" || !graph.palette.length) return false;
  const count = image.width * image.height, step = Math.max(1, Math.floor(count / 4096));
  let far = 0, all = 0;
  for (let i = 0; i < count; i += step, all++) {
    const pixel = image.data.subarray(4 * i, 4 * i + 3);
    const near = graph.palette.some(([, ...rgb]) => rgb.every((value, c) => Math.abs(value - pixel[c]) <= FAR));
    if (!near) far += 1;
  }
  return far > all / 2;
}
