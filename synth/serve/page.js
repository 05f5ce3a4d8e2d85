// What the pages of tabs share: buttons, groups of which one is chosen, and a question to the server.
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

// Whatever goes wrong on the way is an answer with a sentence under `error`.
function asking(server) {
  return async (name, data) => {
    try {
      const answer = await server[name](data);
      return answer && (answer.png || answer.error) ? answer : { error: "synth could not answer. Try again." };
    } catch (error) {
      return { error: "synth does not answer. Is it still running?" };
    }
  };
}
