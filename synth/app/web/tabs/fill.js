// The Fill tab: an image, a mask painted over it, and the result.
import { button, choose, makeStatus, save } from "../canvas/elements.js";
import { BAD, imageOf, listenForFiles } from "../canvas/incoming.js";
import { makeLatest } from "../canvas/latest.js";
import { cut, paint, painted, part } from "../canvas/mask.js";
import { fileName, stemOf } from "../canvas/names.js";
import { shortcut } from "../canvas/shortcuts.js";
import { makeCall } from "../live/call.js";
import { firstModel } from "../memory/address.js";

const LARGEST = 4096;  // pixels: the longest side of an image that is opened

export function start({ element, props, server }) {
  const find = (name) => element.querySelector(name), call = makeCall(server);
  const photo = find(".fill-picture"), mask = find(".fill-mask"), result = find(".fill-result");
  const say = makeStatus(find(".fill-status")), slider = find(".fill-size input"), file = find(".fill-file"), ring = find(".fill-ring");
  let graph = firstModel("fill", props.graphs), tool = "brush", strokes = [], undone = [], drawing = null, opened = 0, source = "";

  async function bitmap(address) { return createImageBitmap(await (await fetch(address)).blob()); }

  // The mask is a list of strokes; undo draws all of them but the last.
  function redraw() {
    mask.getContext("2d").clearRect(0, 0, mask.width, mask.height);
    strokes.forEach((stroke) => paint(mask, stroke));
    changed();
  }

  function changed() {
    find("[data-do=undo]").disabled = find("[data-do=clear]").disabled = !strokes.length;
    find("[data-do=redo]").disabled = !undone.length;
    refresh();
  }

  // Marks the result as outdated while it is not that of the picture and mask beside it.
  function mark(fresh) {
    result.classList.toggle("outdated", !fresh);
    find("[data-do=save]").disabled = find("[data-do=keep]").disabled = !fresh;
  }

  // What is painted during a request is sent with the next one.
  const request = makeLatest(async (stale) => {
    const box = painted(mask), asked = opened;
    if (!box) { paste(null); say(""); mark(!stale()); return; }
    say("Filling …");
    const where = part(mask, box, graph.size, props.side), png = cut(photo, where).toDataURL("image/png");
    const answer = await call("fill_holes", { graph: graph.name, png, mask: cut(mask, where, true).toDataURL("image/png") });
    if (asked !== opened || (stale() && !answer.error)) return;
    if (answer.error) { say(answer.error, true); return; }
    paste(await bitmap(answer.png), where);
    mark(!stale());
    find(".fill-warning").textContent = answer.warning || "";
    say(answer.ms.toFixed(0) + " ms · " + answer.place);
  });

  function refresh() {
    mark(false);
    if (!drawing) request();
  }

  // Takes over only what is painted; the rest of the image is not changed.
  function paste(filled, where) {
    const context = result.getContext("2d");
    result.width = photo.width;
    result.height = photo.height;
    context.drawImage(photo, 0, 0);
    if (!filled) return;
    const { left, top, width, height } = where, layer = cut(mask, { ...where, across: width, down: height });
    const over = layer.getContext("2d");
    over.globalCompositeOperation = "source-in";
    over.drawImage(filled, 0, 0, width, height);
    context.drawImage(layer, left, top);
  }

  function show(image) {
    const scale = Math.min(1, LARGEST / Math.max(image.width, image.height));
    for (const canvas of [photo, mask, result]) {
      canvas.width = Math.max(1, Math.round(image.width * scale));
      canvas.height = Math.max(1, Math.round(image.height * scale));
    }
    photo.getContext("2d").fillStyle = "white";
    photo.getContext("2d").fillRect(0, 0, photo.width, photo.height);
    photo.getContext("2d").drawImage(image, 0, 0, photo.width, photo.height);
    find(".fill-stage").style.setProperty("--ratio", photo.width / photo.height);
    strokes = [];
    undone = [];
    opened += 1;
    redraw();
  }

  async function example(index) {
    const answer = await call("fill_example", { graph: graph.name, index });
    if (answer.error) return say(answer.error, true);
    source = "example-" + (index + 1);
    show(await bitmap(answer.png));
  }

  async function take(given) {
    const image = await imageOf(given);
    if (!image) return say(BAD, true);
    source = stemOf(given);
    show(image);
  }

  function at(event) {
    const box = mask.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * mask.width, ((event.clientY - box.top) / box.height) * mask.height];
  }

  function width() { return (Math.max(photo.width, photo.height) * slider.value) / 400; }

  function hover(event) {
    const box = mask.getBoundingClientRect(), size = (width() * box.width) / mask.width;
    Object.assign(ring.style, { width: size + "px", height: size + "px", left: event.clientX - box.left + "px", top: event.clientY - box.top + "px" });
  }

  function setTool(chosen) { tool = chosen; choose(find(".fill-tools"), "tool", chosen); }

  function setGraph(chosen) {
    graph = chosen;
    choose(find(".fill-graphs"), "graph", graph.name);
    refresh();
  }

  mask.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    mask.setPointerCapture(event.pointerId);
    drawing = { tool, width: width(), points: [at(event)] };
    mark(false);
    paint(mask, drawing);
  });
  mask.addEventListener("pointermove", (event) => {
    hover(event);
    if (!drawing) return;
    const from = drawing.points.at(-1);
    for (const move of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) drawing.points.push(at(move));
    paint(mask, { ...drawing, points: [from, ...drawing.points.slice(drawing.points.lastIndexOf(from) + 1)] });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    mask.addEventListener(end, () => {
      if (!drawing) return;
      strokes.push(drawing);
      undone = [];
      drawing = null;
      redraw();
    });
  }

  const actions = {
    open: () => file.click(),
    undo: () => { if (strokes.length) { undone.push(strokes.pop()); redraw(); } },
    redo: () => { if (undone.length) { strokes.push(undone.pop()); redraw(); } },
    invert: () => { strokes.push({ tool: "invert" }); undone = []; redraw(); },
    clear: () => { strokes = []; undone = []; redraw(); },
    keep: async () => show(await createImageBitmap(result)),
    save: () => save(result.toDataURL("image/png"), fileName(source, "picture", [graph.name], ".png")),
  };

  function keys(event) {
    if (!element.isConnected) return document.removeEventListener("keydown", keys);
    if (element.offsetParent) shortcut(event, actions);
  }

  for (const each of props.graphs) button(find(".fill-graphs"), each.title, () => setGraph(each), { graph: each.name }).title = each.task;
  for (const each of ["brush", "eraser"]) button(find(".fill-tools"), each[0].toUpperCase() + each.slice(1), () => setTool(each), { tool: each });
  for (const name of Object.keys(actions)) find("[data-do=" + name + "]").addEventListener("click", actions[name]);
  graph.examples.forEach((url, index) => {
    const image = new Image();
    image.src = url;
    image.alt = "Example " + (index + 1);
    button(find(".fill-examples"), image, () => example(index));
  });
  listenForFiles(element, file, take);
  document.addEventListener("keydown", keys);
  setTool("brush");
  setGraph(graph);
  if (graph.examples.length) example(0);
  else show(Object.assign(document.createElement("canvas"), { width: 640, height: 400 }));
}
