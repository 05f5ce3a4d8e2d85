// What is seen behind a character: its own background, a colour, or a picture, which never leaves this browser.
const BACKDROP_SIDE = 512;

// `box` holds the choice; `changed()` is called after every one, `failed(text)` for a file that is no picture; with
// nothing for one that is.
function makeBackdrop(box, changed, failed) {
  const [kind, color, file, other] = ["select", "[type=color]", "[type=file]", "button"].map((name) => box.querySelector(name));
  const picture = document.createElement("canvas");
  let there = false;

  const chosen = () => kind.value === "color" || (kind.value === "picture" && there);

  // The page may only keep what it can show: the middle of the picture, made small.
  async function read() {
    const [given] = file.files;
    if (!given) return;
    try {
      const image = await createImageBitmap(given, { imageOrientation: "from-image" });
      const side = Math.min(image.width, image.height);
      picture.width = picture.height = Math.min(side, BACKDROP_SIDE);
      const left = (image.width - side) / 2, top = (image.height - side) / 2;
      picture.getContext("2d", { alpha: false }).drawImage(image, left, top, side, side, 0, 0, picture.width, picture.height);
      image.close();
      there = true;
      failed("");
    } catch (error) {
      failed("This file is not a picture that the browser can read. Choose a PNG, JPEG or WebP.");
    }
    file.value = "";
    changed();
  }

  // A character alone on black, and what of a background is seen through it: background times gap, plus character.
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

  // `cannot` says why there is no choice, if there is none.
  function refresh(cannot) {
    kind.disabled = Boolean(cannot);
    box.title = cannot;
    color.hidden = Boolean(cannot) || kind.value !== "color";
    other.hidden = Boolean(cannot) || kind.value !== "picture";
  }

  kind.addEventListener("change", () => {
    if (kind.value === "picture" && !there) file.click();
    changed();
  });
  color.addEventListener("input", changed);
  other.addEventListener("click", () => file.click());
  file.addEventListener("change", read);
  return { chosen, paint, refresh };
}
