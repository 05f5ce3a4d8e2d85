// Calls the action of a key: Ctrl+Z `undo`, Ctrl+Y or Ctrl+Shift+Z `redo`, [ `thinner`, ] `thicker`. Keys without an
// action are left to the browser.
export function shortcut(event, actions) {
  const key = event.key.toLowerCase(), held = event.ctrlKey || event.metaKey;
  const name = held ? { y: "redo", z: event.shiftKey ? "redo" : "undo" }[key] : { "[": "thinner", "]": "thicker" }[key];
  if (!name || !actions[name]) return;
  actions[name]();
  event.preventDefault();
}
