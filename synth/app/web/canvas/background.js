// The background of a character: its own, a colour, or an image, which never leaves this browser.
const SIDE = 512;  // pixels
const MOST = 300_000;  // letters of an image that is kept

// `box` holds the choice; `changed()` is called after every one, `failed(text)` for a file that is no image, and
// with no text for one that is. `memory` recalls and keeps the choice, if it is to outlast the page.
export function makeBackground(box, changed, failed, memory = null) {
  const [kind, color, file, other] = ["select", "[type=color]", "[type=file]", "button"].map((name) => box.querySelector(name));
  const picture = document.createElement("canvas");
  let loaded = false, stored = "";

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
      stored = memory ? picture.toDataURL("image/jpeg", 0.85) : "";
      failed("");
    } catch {
      failed("This file is not a picture that this browser can read. Use PNG, JPEG or WebP.");
    }
    file.value = "";
    note();
  }

  function note() {
    if (memory) memory.keep({ kind: kind.value, color: color.value, picture: stored.length <= MOST ? stored : "" });
    changed();
  }

  function restore() {
    const { kind: chosen = "", color: tint = "", picture: address = "" } = (memory && memory.recall()) || {}, image = new Image();
    if ([...kind.options].some((one) => one.value === chosen)) kind.value = chosen;
    if (/^#[0-9a-f]{6}$/.test(tint)) color.value = tint;
    if (!String(address).startsWith("data:image/jpeg;base64,")) return;
    image.onload = () => {
      if (loaded) return;
      picture.width = picture.height = Math.min(image.naturalWidth, SIDE);
      picture.getContext("2d", { alpha: false }).drawImage(image, 0, 0, picture.width, picture.height);
      loaded = true;
      stored = address;
      changed();
    };
    image.src = address;
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
    note();
  });
  color.addEventListener("input", note);
  other.addEventListener("click", () => file.click());
  file.addEventListener("change", read);
  restore();
  return { chosen, paint, refresh };
}
