// Small pieces that the tabs share: buttons, choices, statuses, images, and files to save.

/**
 * Appends a button. `data` is its dataset.
 * @param {Element} parent
 * @param {string | Node} text
 * @param {() => void} action
 * @param {Record<string, any>} [data]
 */
export function button(parent, text, action, data) {
  const made = document.createElement("button");
  made.type = "button";
  made.append(text);
  made.addEventListener("click", action);
  Object.assign(made.dataset, data || {});
  parent.append(made);
  return made;
}

// Marks one of the radio buttons in `parent` as chosen.
export function choose(parent, key, value) {
  for (const child of parent.children) {
    child.setAttribute("role", "radio");
    child.setAttribute("aria-checked", String(child.dataset[key] === String(value)));
  }
}

// Returns a function that shows a sentence in `box`, as a mistake where `wrong` is true.
export function makeStatus(box) {
  return (text, wrong) => {
    box.textContent = text || "";
    box.classList.toggle("wrong", Boolean(wrong));
  };
}

// Resolves to the image at an address, or to null where there is none.
export function load(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.naturalWidth ? image : null);
    image.onerror = () => resolve(null);
    image.src = url;
  });
}

export function save(url, name) {
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
}

const boxes = new Map();
let sizes = null;

// Makes a canvas about as sharp as the screen shows it, and empty; returns its context. Sizes are watched, because asking
// for them costs a layout.
export function sharpen(canvas, ratio) {
  sizes ||= new ResizeObserver((entries) => { for (const one of entries) boxes.set(one.target, one.contentRect.width); });
  if (!boxes.has(canvas)) sizes.observe(canvas);
  if (!(boxes.get(canvas) > 1)) boxes.set(canvas, canvas.clientWidth);
  const width = Math.max(1, Math.min(640, Math.round(boxes.get(canvas) * (window.devicePixelRatio || 1))));
  const height = Math.round(width * ratio), context = canvas.getContext("2d");
  if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
  else context.clearRect(0, 0, width, height);
  return context;
}
