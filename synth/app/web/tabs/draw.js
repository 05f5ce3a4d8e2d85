// The Draw tab: a drawing per graph, and the result, which follows every stroke.
import { button, choose, load, makeStatus, save } from "../canvas/elements.js";
import { makeLatest } from "../canvas/latest.js";
import { TOOLS, clear, labelAt, makeSheet, swatch } from "../canvas/sheets.js";
import { shortcut } from "../canvas/shortcuts.js";
import { makeCall } from "../live/call.js";

const SLOW = 300;  // milliseconds: a slower graph runs when a stroke ends, and not during it

export function start({ element, props, server }) {
  const find = (name) => element.querySelector(name), call = makeCall(server), say = makeStatus(find(".draw-status"));
  const result = find(".draw-result"), ring = find(".draw-ring"), slider = find(".draw-size input"), sheets = new Map();
  let sheet = null, drawing = false, lastMs = 0;

  const request = makeLatest(async () => {
    const asked = sheet, start = performance.now();
    const answer = await call("translate_drawing", { graph: asked.graph.name, png: asked.painter.png() });
    lastMs = performance.now() - start;
    if (answer.error) say(answer.error, true);
    else await show(asked, answer);
  });

  async function show(asked, answer) {
    asked.image = await load(answer.png);
    asked.warning = answer.warning;
    asked.note = answer.ms.toFixed(0) + " ms · " + answer.place;
    if (asked === sheet) display();
  }

  function display() {
    result.width = result.height = sheet.graph.size;
    if (sheet.image) result.getContext("2d").drawImage(sheet.image, 0, 0, sheet.graph.size, sheet.graph.size);
    say(sheet.note);
    find(".draw-warning").textContent = sheet.warning || "";
  }

  function buttons() {
    find("[data-do=undo]").disabled = !sheet.painter.canUndo();
    find("[data-do=redo]").disabled = !sheet.painter.canRedo();
  }

  function changed() {
    buttons();
    if (!(drawing && lastMs > SLOW)) request();
  }

  function setTool(tool) {
    sheet.tool = element.firstElementChild.dataset.tool = tool;
    choose(find(".draw-tools"), "tool", tool);
  }

  function setColor(index) {
    sheet.color = index;
    if (sheet.tool === "eraser") setTool("brush");
    choose(find(".draw-palette"), "color", index);
  }

  function setRadius(radius) { slider.value = sheet.radius = Math.min(32, Math.max(1, radius)); }

  async function example(index) {
    const asked = sheet, answer = await call("open_example", { graph: asked.graph.name, index });
    if (answer.error) return say(answer.error, true);
    const image = await load(answer.png);
    if (!image) return say("This example could not be shown. Reload the page.", true);
    asked.painter.remember();
    asked.painter.show(image);
    if (asked === sheet) changed();
  }

  function hover(place) { find(".draw-under").textContent = sheet.labels ? labelAt(sheet, place) : ""; }

  function make(graph) {
    const made = makeSheet(graph, ring, { changed, hover, drawing: (on) => { drawing = on; } });
    made.canvas.addEventListener("pointerleave", () => { find(".draw-under").textContent = ""; });
    sheets.set(graph.name, made);
    return made;
  }

  function open(graph) {
    const fresh = !sheets.has(graph.name);
    sheet = fresh ? make(graph) : sheets.get(graph.name);
    find(".draw-canvas").replaceWith(sheet.canvas);
    furnish(graph);
    display();
    buttons();
    if (fresh && graph.examples.length) example(0);
    else if (fresh) request();
  }

  function furnish(graph) {
    const tools = find(".draw-tools"), palette = find(".draw-palette"), thumbs = find(".draw-thumbs");
    element.firstElementChild.classList.toggle("labels", sheet.labels);
    find(".draw-task").textContent = graph.task;
    choose(find(".draw-graphs"), "graph", graph.name);
    tools.replaceChildren();
    for (const tool of sheet.labels ? TOOLS.labels : TOOLS.lines) {
      button(tools, tool[0].toUpperCase() + tool.slice(1), () => setTool(tool), { tool });
    }
    palette.replaceChildren();
    graph.palette.forEach(([name, ...rgb], index) => {
      button(palette, swatch(rgb), () => setColor(index), { color: index }).append(name);
    });
    thumbs.replaceChildren();
    graph.examples.forEach((url, index) => {
      button(thumbs, Object.assign(new Image(), { src: url, alt: "Example " + (index + 1) }), () => example(index));
    });
    find(".draw-examples").hidden = !graph.examples.length;
    setTool(sheet.tool);
    if (sheet.labels) setColor(sheet.color);
    setRadius(sheet.radius);
  }

  const file = (what) => "synth-" + sheet.graph.name + "-" + what + ".png";
  const actions = {
    undo: () => sheet.painter.undo() && changed(),
    redo: () => sheet.painter.redo() && changed(),
    clear: () => { clear(sheet); changed(); },
    "save-drawing": () => save(sheet.painter.png(), file("drawing")),
    "save-result": () => save(result.toDataURL("image/png"), file("result")),
  };
  const sizes = { thinner: () => setRadius(sheet.radius - 1), thicker: () => setRadius(sheet.radius + 1) };

  function keys(event) {
    if (!element.isConnected) return document.removeEventListener("keydown", keys);
    if (!element.offsetParent || /^(TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    shortcut(event, { ...actions, ...sizes });
  }

  for (const graph of props.graphs) button(find(".draw-graphs"), graph.title, () => open(graph), { graph: graph.name });
  for (const name of Object.keys(actions)) find("[data-do=" + name + "]").addEventListener("click", actions[name]);
  slider.addEventListener("input", () => setRadius(Number(slider.value)));
  document.addEventListener("keydown", keys);
  open(props.graphs[0]);
}
