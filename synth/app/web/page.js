// What the pages with a canvas share: buttons, and groups of which one is chosen.
function button(parent, text, action, extra) {
  const made = document.createElement("button");
  made.type = "button";
  made.append(text);
  made.addEventListener("click", action);
  Object.assign(made.dataset, extra || {});
  parent.append(made);
  return made;
}

function choose(parent, key, value) {
  for (const child of parent.children) {
    child.setAttribute("role", "radio");
    child.setAttribute("aria-checked", String(child.dataset[key] === String(value)));
  }
}
