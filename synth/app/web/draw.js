// The Draw tab: wires the painter to the page. `element`, `props` and `server` are given by gr.HTML.
const find = (name) => element.querySelector(name), ask = makeCall(server);
const result = find(".draw-result"), ring = find(".draw-ring"), slider = find(".draw-size input");
const WHITE = [255, 255, 255], BLACK = [0, 0, 0], SLOW = 300;
const sheets = {};  // one drawing per graph, kept while the visitor looks at another
let sheet = null, drawing = null, busy = false, stale = false, lastMs = 0;

function say(text, wrong) {
  const status = find(".draw-status");
  status.textContent = text;
  status.classList.toggle("wrong", Boolean(wrong));
}

function picture(url) {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error("picture"));
    image.src = url;
  });
}

// One request at a time; what is drawn meanwhile goes out together with the next one.
async function refresh() {
  stale = true;
  if (busy || (drawing && lastMs > SLOW)) return;
  busy = true;
  while (stale) {
    stale = false;
    const asked = sheet, start = performance.now();
    const answer = await ask("translate_drawing", { graph: asked.graph.name, png: asked.painter.png() });
    lastMs = performance.now() - start;
    if (answer.error) say(answer.error, true);
    else await show(asked, answer);
  }
  busy = false;
}

async function show(asked, answer) {
  asked.image = await picture(answer.png);
  asked.warning = answer.warning;
  asked.note = answer.ms.toFixed(0) + " ms · " + answer.place;
  if (asked === sheet) display();
}

function display() {
  const size = sheet.graph.size, context = result.getContext("2d");
  result.width = result.height = size;
  if (sheet.image) context.drawImage(sheet.image, 0, 0, size, size);
  say(sheet.note || "");
  find(".draw-warning").textContent = sheet.warning || "";
}

function buttons() {
  find("[data-do=undo]").disabled = !sheet.painter.canUndo();
  find("[data-do=redo]").disabled = !sheet.painter.canRedo();
}

function changed() { buttons(); refresh(); }

function paper() { return sheet.labels ? sheet.graph.palette[0].slice(1) : WHITE; }

function ink() {
  if (sheet.tool === "eraser") return paper();
  return sheet.labels ? sheet.graph.palette[sheet.color].slice(1) : BLACK;
}

function setTool(tool) { sheet.tool = tool; choose(find(".draw-tools"), "tool", tool); element.firstElementChild.dataset.tool = tool; }

function setColor(index) {
  sheet.color = index;
  if (sheet.tool === "eraser") setTool("brush");
  choose(find(".draw-palette"), "color", index);
}

function setRadius(radius) { sheet.radius = Math.min(32, Math.max(1, radius)); slider.value = sheet.radius; }

async function start(index) {
  const asked = sheet, answer = await ask("open_example", { graph: asked.graph.name, index });
  if (answer.error) return say(answer.error, true);
  const image = await picture(answer.png);
  asked.painter.remember();
  asked.painter.show(image);
  if (asked === sheet) changed();
}

function open(graph) {
  const fresh = !sheets[graph.name];
  if (fresh) {
    const own = document.createElement("canvas"), labels = graph.palette.length > 0;
    own.className = "draw-canvas";
    own.setAttribute("aria-label", "Your drawing");
    const painter = makePainter(own, graph.size, !labels);
    sheets[graph.name] = { graph, canvas: own, painter, labels, tool: "brush", color: Math.min(1, graph.palette.length - 1), radius: labels ? 8 : 3 };
    listen(own);
  }
  sheet = sheets[graph.name];
  if (fresh) sheet.painter.clear(paper());
  find(".draw-canvas").replaceWith(sheet.canvas);
  furnish(graph);
  display();
  buttons();
  if (fresh && graph.examples.length) start(0);
  else if (fresh) refresh();
}

function furnish(graph) {
  element.firstElementChild.classList.toggle("labels", sheet.labels);
  find(".draw-task").textContent = graph.task;
  choose(find(".draw-graphs"), "graph", graph.name);
  const tools = find(".draw-tools"), palette = find(".draw-palette"), thumbs = find(".draw-thumbs");
  tools.replaceChildren();
  for (const tool of sheet.labels ? ["brush", "rectangle", "fill"] : ["brush", "eraser"]) {
    button(tools, tool[0].toUpperCase() + tool.slice(1), () => setTool(tool), { tool });
  }
  palette.replaceChildren();
  graph.palette.forEach(([name, ...rgb], index) => {
    const swatch = document.createElement("i");
    swatch.style.background = "rgb(" + rgb.join(",") + ")";
    button(palette, swatch, () => setColor(index), { color: index }).append(name);
  });
  thumbs.replaceChildren();
  graph.examples.forEach((url, index) => {
    const image = new Image();
    image.src = url;
    image.alt = "Example " + (index + 1);
    button(thumbs, image, () => start(index), {});
  });
  find(".draw-examples").hidden = !graph.examples.length;
  setTool(sheet.tool);
  if (sheet.labels) setColor(sheet.color);
  setRadius(sheet.radius);
}

function at(event) {
  const box = sheet.canvas.getBoundingClientRect(), size = sheet.graph.size;
  const inside = (value) => Math.min(size - 0.01, Math.max(0, value));
  return { x: inside(((event.clientX - box.left) / box.width) * size), y: inside(((event.clientY - box.top) / box.height) * size) };
}

function hover(event) {
  const place = at(event), width = (sheet.radius * 2 * sheet.canvas.clientWidth) / sheet.graph.size;
  ring.style.width = ring.style.height = width + "px";
  ring.style.left = (place.x / sheet.graph.size) * 100 + "%";
  ring.style.top = (place.y / sheet.graph.size) * 100 + "%";
  if (!sheet.labels) return;
  const color = sheet.painter.color(place).join();
  const named = sheet.graph.palette.find(([, ...rgb]) => rgb.join() === color);
  find(".draw-under").textContent = named ? named[0] : "";
}

function listen(own) {
  own.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    own.setPointerCapture(event.pointerId);
    sheet.painter.remember();
    drawing = { from: at(event), last: at(event) };
    if (sheet.tool === "fill") sheet.painter.fill(drawing.from, ink());
    else if (sheet.tool !== "rectangle") sheet.painter.line(drawing.from, drawing.from, sheet.radius, ink());
    changed();
  });
  own.addEventListener("pointermove", (event) => {
    hover(event);
    if (!drawing || sheet.tool === "fill") return;
    for (const part of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
      const place = at(part);
      if (sheet.tool === "rectangle") { sheet.painter.restore(); sheet.painter.rectangle(drawing.from, place, ink()); }
      else sheet.painter.line(drawing.last, place, sheet.radius, ink());
      drawing.last = place;
    }
    changed();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    own.addEventListener(end, () => { if (drawing) { drawing = null; changed(); } });
  }
  own.addEventListener("pointerleave", () => { find(".draw-under").textContent = ""; });
}

function save(source, what) {
  const link = document.createElement("a");
  link.href = source.toDataURL("image/png");
  link.download = "synth-" + sheet.graph.name + "-" + what + ".png";
  link.click();
}

const actions = {
  undo: () => sheet.painter.undo() && changed(),
  redo: () => sheet.painter.redo() && changed(),
  clear: () => { sheet.painter.remember(); sheet.painter.clear(paper()); changed(); },
  "save-drawing": () => save(sheet.canvas, "drawing"),
  "save-result": () => save(result, "result"),
};

function keys(event) {
  if (!element.isConnected) return document.removeEventListener("keydown", keys);
  if (!element.offsetParent || /^(TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const key = event.key.toLowerCase(), held = event.ctrlKey || event.metaKey;
  if (held && (key === "y" || (key === "z" && event.shiftKey))) actions.redo();
  else if (held && key === "z") actions.undo();
  else if (!held && key === "[") setRadius(sheet.radius - 1);
  else if (!held && key === "]") setRadius(sheet.radius + 1);
  else return;
  event.preventDefault();
}

for (const graph of props.graphs) button(find(".draw-graphs"), graph.title, () => open(graph), { graph: graph.name });
for (const name of Object.keys(actions)) find("[data-do=" + name + "]").addEventListener("click", actions[name]);
slider.addEventListener("input", () => setRadius(Number(slider.value)));
document.addEventListener("keydown", keys);
open(props.graphs[0]);
