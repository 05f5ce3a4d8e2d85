// Images that come to a tab: chosen, dropped on it, or pasted while it is in sight.
export const BAD = "This file is not a picture that this browser can read. Use PNG, JPEG or WebP.";

// `take(file)` gets the first file; `zone` is where it can be dropped, `input` the file input, if there is one.
export function listenForFiles(zone, input, take) {
  const give = (files) => { if (files && files.length) take(files[0]); };
  if (input) input.addEventListener("change", () => { give([...input.files]); input.value = ""; });
  zone.addEventListener("dragover", (event) => event.preventDefault());
  zone.addEventListener("drop", (event) => { event.preventDefault(); give([...event.dataTransfer.files]); });

  function paste(event) {
    if (!zone.isConnected) return document.removeEventListener("paste", paste);
    if (zone.offsetParent) give([...(event.clipboardData || { files: [] }).files]);
  }
  document.addEventListener("paste", paste);
}

// Resolves to the image of a file, turned as its camera says, or to null where there is none.
export async function imageOf(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return null;
  }
}
