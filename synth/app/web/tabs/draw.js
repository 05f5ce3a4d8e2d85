// The Draw tab: a drawing per kind of input, and the result, which follows every stroke.
import { button, choose, load, makeStatus, save } from "../canvas/elements.js";
import { BAD, imageOf, listenForFiles } from "../canvas/incoming.js";
import { makeLatest } from "../canvas/latest.js";
import { fileName, stemOf } from "../canvas/names.js";
import { TOOLS, clear, inputOf, labelAt, makeSheet, paper, swatch } from "../canvas/sheets.js";
import { shortcut } from "../canvas/shortcuts.js";
import { makeCall } from "../live/call.js";
import { firstModel } from "../memory/address.js";
import { makeDrawings } from "../memory/drawings.js";

const SLOW = 300;  // milliseconds: a slower graph runs when a stroke ends, and not during it

export function start({ element, props, server }) {
  const find = (name) => element.querySelector(name), call = makeCall(server), say = makeStatus(find(".draw-status"));
  const result = find(".draw-result"), ring = find(".draw-ring"), slider = find(".draw-size input"), sheets = new Map(), results = new Map();
  const drawings = makeDrawings(props.graphs.map(inputOf));
  let graph = null, sheet = null, drawing = false, lastMs = 0;

  const request = makeLatest(async () => {
    const asked = { graph, sheet, version: sheet.version }, start = performance.now();
    const answer = await call("translate_drawing", { graph: graph.name, png: sheet.painter.png() });
    lastMs = performance.now() - start;
    if (answer.error) { if (asked.graph === graph) say(answer.error, true); }
    else await show(asked, answer);
  });

  async function show(asked, answer) {
    const image = await load(answer.png), note = answer.ms.toFixed(0) + " ms · " + answer.place;
    results.set(asked.graph.name, { image, note, warning: answer.warning, sheet: asked.sheet, version: asked.version });
    if (asked.graph === graph) display();
  }

  function display() {
    const made = results.get(graph.name);
    result.width = result.height = graph.size;
    if (made && made.image) result.getContext("2d").drawImage(made.image, 0, 0, graph.size, graph.size);
    if (made) say(made.note);
    find(".draw-warning").textContent = (made && made.warning) || "";
    mark();
  }

  // Marks the result as outdated while it is not that of the drawing beside it.
  function mark() {
    const made = results.get(graph.name), fresh = Boolean(made && made.image && made.version === sheet.version);
    result.classList.toggle("outdated", !fresh);
    find("[data-do=save-result]").disabled = !fresh;
  }

  function buttons() {
    find("[data-do=undo]").disabled = !sheet.painter.canUndo();
    find("[data-do=redo]").disabled = !sheet.painter.canRedo();
  }

  function changed(own = true) {
    sheet.version += 1;
    if (own) drawings.keep(inputOf(graph), sheet);
    mark();
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

  async function example(index, own = true) {
    const asked = { graph, sheet }, answer = await call("open_example", { graph: graph.name, index });
    if (answer.error) return say(answer.error, true);
    await put(asked, answer.png, "", own);
  }

  // Shows a drawing of the sheet's size; one that is not the visitor's own choice is not kept.
  async function put(asked, url, source, own = true) {
    const image = await load(url);
    if (!image) return say("This drawing could not be shown. Choose another.", true);
    asked.sheet.painter.remember();
    asked.sheet.painter.show(image);
    asked.sheet.source = source;
    if (asked.sheet === sheet) return changed(own);
    asked.sheet.version += 1;
    if (own) drawings.keep(inputOf(asked.graph), asked.sheet);
  }

  // Shows a file, scaled to fit. Label maps are read by the server, which knows their colours and class numbers.
  async function take(file) {
    const asked = { graph, sheet }, image = await imageOf(file), source = stemOf(file);
    if (!image) return say(BAD, true);
    const scratch = makeSheet(graph, ring, { changed: () => {}, drawing: () => {} });
    scratch.painter.fit(image, asked.sheet.labels ? paper(asked.sheet) : [255, 255, 255]);
    image.close();
    if (!asked.sheet.labels) return put(asked, scratch.painter.png(), source);
    const answer = await call("open_label_map", { graph: graph.name, png: scratch.painter.png() });
    if (answer.error) return say(answer.error, true);
    await put(asked, answer.png, source);
    if (answer.notice) say(answer.notice);
  }

  function hover(place) { find(".draw-under").textContent = sheet.labels ? labelAt(sheet, place) : ""; }

  function make(graph) {
    const made = makeSheet(graph, ring, { changed, hover, drawing: (on) => { drawing = on; } });
    made.canvas.addEventListener("pointerleave", () => { find(".draw-under").textContent = ""; });
    sheets.set(inputOf(graph), made);
    return made;
  }

  function open(chosen) {
    const fresh = !sheets.has(inputOf(chosen));
    graph = chosen;
    sheet = fresh ? make(graph) : sheets.get(inputOf(graph));
    find(".draw-canvas").replaceWith(sheet.canvas);
    furnish();
    display();
    buttons();
    const kept = fresh && drawings.of(inputOf(graph));
    if (kept) put({ graph, sheet }, kept.png, kept.source, false);
    else if (fresh && graph.examples.length) example(0, false);
    else if (find("[data-do=save-result]").disabled) request();
  }

  function furnish() {
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

  const actions = {
    undo: () => sheet.painter.undo() && changed(),
    redo: () => sheet.painter.redo() && changed(),
    clear: () => { clear(sheet); changed(); },
    "save-drawing": () => save(sheet.painter.png(), fileName(sheet.source, "drawing", [], ".png")),
    "save-result": () => save(result.toDataURL("image/png"), fileName(sheet.source, "drawing", [graph.name], ".png")),
    open: () => find(".draw-file").click(),
  };
  const sizes = { thinner: () => setRadius(sheet.radius - 1), thicker: () => setRadius(sheet.radius + 1) };

  function keys(event) {
    if (!element.isConnected) return document.removeEventListener("keydown", keys);
    if (!element.offsetParent || /^(TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    shortcut(event, { ...actions, ...sizes });
  }

  for (const each of props.graphs) button(find(".draw-graphs"), each.title, () => open(each), { graph: each.name });
  for (const name of Object.keys(actions)) find("[data-do=" + name + "]").addEventListener("click", actions[name]);
  slider.addEventListener("input", () => setRadius(Number(slider.value)));
  document.addEventListener("keydown", keys);
  listenForFiles(element, find(".draw-file"), take);
  open(firstModel("draw", props.graphs));
}
