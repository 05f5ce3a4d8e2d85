// Small pieces that the tabs of this page share.

export function parts(section) {
  const found = {};
  for (const part of section.querySelectorAll("[data-part]")) found[part.dataset.part] = part;
  return found;
}

let groups = 0;

// Fills `box` with choices, of which one is checked; `entries` are [value, label, node before the label]. Native radio
// buttons bring the keyboard with them. Returns a function that checks one without an event.
export function choices(box, entries, chosen, changed) {
  const name = "choice" + (groups += 1);
  box.replaceChildren(...entries.map(([value, label, before]) => {
    const outer = document.createElement("label"), input = document.createElement("input"), text = document.createElement("span");
    Object.assign(input, { type: "radio", name, value, checked: value === String(chosen) });
    input.addEventListener("change", () => changed(value));
    text.textContent = label;
    outer.title = label;
    outer.append(input, ...(before ? [before] : []), text);
    return outer;
  }));
  return (value) => {
    for (const input of box.querySelectorAll("input")) input.checked = input.value === String(value);
  };
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg"), use = document.createElementNS(svg.namespaceURI, "use");
  use.setAttribute("href", "#" + name);
  svg.append(use);
  return svg;
}

export function thumbs(box, graph, open) {
  box.replaceChildren(...graph.examples.map((url, index) => {
    const button = document.createElement("button"), image = new Image();
    Object.assign(button, { type: "button" });
    Object.assign(image, { src: url, alt: "Example " + (index + 1), width: 60, height: 60 });
    button.append(image);
    button.addEventListener("click", () => open(url));
    return button;
  }));
}

// Shows the progress of loading in place of the image; `null` hides it.
export function loading(box, progress) {
  box.classList.toggle("on", Boolean(progress));
  if (!progress) return;
  const { what, loaded, total } = progress, mega = (value) => (value / 1e6).toFixed(1);
  box.querySelector("p").textContent = "Loading " + what + (total ? " · " + mega(loaded) + " of " + mega(total) + " MB" : "");
  const bar = box.querySelector("progress");
  if (total) bar.value = loaded / total;
  else bar.removeAttribute("value");
}

export const sentence = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);

// Milliseconds and where; in narrow windows the page shows the first alone.
export function tell(box, answer, more = "") {
  const first = document.createElement("b"), rest = document.createElement("span");
  first.textContent = answer ? (answer.ms < 9.95 ? answer.ms.toFixed(1) : answer.ms.toFixed(0)) + " ms" : "";
  rest.textContent = answer ? " · " + answer.place + more : "";
  box.replaceChildren(first, rest);
}

export function save(canvas, name) {
  canvas.toBlob((blob) => {
    const link = document.createElement("a"), url = URL.createObjectURL(blob);
    Object.assign(link, { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }, "image/png");
}
