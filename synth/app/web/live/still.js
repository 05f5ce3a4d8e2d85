// A still image as the server takes it: not too large, on white, as JPEG.
import { STILL } from "../constants.js";

export function shrunk(image) {
  const sheet = document.createElement("canvas"), { naturalWidth: width, naturalHeight: height } = image;
  const scale = Math.min(1, STILL.LONGEST / Math.max(width, height));
  sheet.width = Math.max(STILL.SMALLEST, Math.round(width * scale));
  sheet.height = Math.max(STILL.SMALLEST, Math.round(height * scale));
  const context = sheet.getContext("2d", { alpha: false });
  context.fillStyle = "white";
  context.fillRect(0, 0, sheet.width, sheet.height);
  context.drawImage(image, 0, 0, sheet.width, sheet.height);
  let jpeg = "";
  for (const quality of STILL.QUALITIES) {
    jpeg = sheet.toDataURL("image/jpeg", quality);
    if (jpeg.length < STILL.MAX_LETTERS) break;
  }
  return { sheet, jpeg };
}
