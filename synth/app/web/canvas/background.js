// The background of a character: its own, a colour, or an image, which never leaves this browser.
const SIDE = 512;  // pixels

// `box` holds the choice; `changed()` is called after every one, `failed(text)` for a file that is no image, and
// with no text for one that is.
export function makeBackground(box, changed, failed) {
  const [kind, color, file, other] = ["select", "[type=color]", "[type=file]", "button"].map((name) => box.querySelector(name));
  const picture = document.createElement("canvas");
  let loaded = false;

  const chosen = () => kind.value === "color" || (kind.value === "picture" && loaded);

  // Keeps the middle of the image, made small.
  async function read() {
    const [given] = file.files;
    if (!given) return;
    try {
      const image = await createImageBitmap(given, { imageOrientation: "from-image" });
      const side = Math.min(image.width, image.height);
      picture.width = picture.height = Math.min(side, SIDE);
      const left = (image.width - side) / 2, top = (image.height - side) / 2;
      picture.getContext("2d", { alpha: false }).drawImage(image, left, top, side, side, 0, 0, picture.width, picture.height);
      image.close();
      loaded = true;
      failed("");
    } catch {
      failed("This file is not a picture that this browser can read. Use PNG, JPEG or WebP.");
    }
    file.value = "";
    changed();
  }

  // Paints background times gap, plus the character, which stands on black.
  function paint(context, image, gap) {
    const { width, height } = context.canvas;
    if (gap && chosen()) {
      context.fillStyle = color.value;
      if (kind.value === "picture") context.drawImage(picture, 0, 0, width, height);
      else context.fillRect(0, 0, width, height);
      context.globalCompositeOperation = "multiply";
      context.drawImage(gap, 0, 0);
      context.globalCompositeOperation = "lighter";
    } else context.clearRect(0, 0, width, height);
    context.drawImage(image, 0, 0);
    context.globalCompositeOperation = "source-over";
  }

  // `cannot` says why the choice is closed, where it is.
  function refresh(cannot) {
    kind.disabled = Boolean(cannot);
    box.title = cannot;
    color.hidden = Boolean(cannot) || kind.value !== "color";
    other.hidden = Boolean(cannot) || kind.value !== "picture";
  }

  kind.addEventListener("change", () => {
    if (kind.value === "picture" && !loaded) file.click();
    changed();
  });
  color.addEventListener("input", changed);
  other.addEventListener("click", () => file.click());
  file.addEventListener("change", read);
  return { chosen, paint, refresh };
}
