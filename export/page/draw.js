// The Draw page: a sheet per graph, its palette as brushes, and the picture that follows every stroke.
import { makePainter } from "./paint.js";
import { choices, icon, loading, parts, save, sentence, tell, thumbs } from "./parts.js";
import { listen } from "./pen.js";
import { fromImage, toImage } from "./pixels.js";

const WHITE = [255, 255, 255], BLACK = [0, 0, 0], SLOW = 400;
const drawn = ({ canvas }) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);

export function makeDraw(section, graphs, { engine, trouble, where }) {
  const part = parts(section), result = section.querySelector(".draw-result");
  const sheets = new Map();
  let sheet = null, busy = false, stale = false, drawing = false, lastMs = 0, setTool = null, setColor = null;

  const paper = () => (sheet.labels ? sheet.graph.palette[0].slice(1) : WHITE);
  const ink = () => (sheet.tool === "eraser" ? paper() : sheet.labels ? sheet.graph.palette[sheet.color].slice(1) : BLACK);

  // One run at a time; what is drawn meanwhile goes in together with the next one. Slow graphs wait for the stroke's end.
  async function refresh() {
    stale = true;
    if (busy || (drawing && lastMs > SLOW)) return;
    busy = true;
    while (stale) {
      stale = false;
      const asked = sheet;
      try {
        const answer = await engine.run(asked.graph, fromImage(drawn(asked)));
        lastMs = answer.ms;
        Object.assign(asked, { picture: answer.picture, answer });
        where(answer.place);
        trouble("");
      } catch (error) {
        trouble(error);
      }
      loading(part.loading, null);
      if (asked === sheet) display();
    }
    busy = false;
  }

  function display() {
    result.width = result.height = sheet.graph.size;
    if (sheet.picture) result.getContext("2d").putImageData(toImage(sheet.picture), 0, 0);
    tell(part.speed, sheet.answer);
    section.querySelector("[data-do=save]").disabled = !sheet.picture;
  }

  function changed() {
    section.querySelector("[data-do=undo]").disabled = !sheet.painter.canUndo();
    section.querySelector("[data-do=redo]").disabled = !sheet.painter.canRedo();
    refresh();
  }

  async function start(url) {
    const asked = sheet, image = new Image();
    image.src = url;
    try {
      await image.decode();
    } catch (error) {
      return trouble("This example could not be loaded. Reload the page to try again.");
    }
    asked.painter.remember();
    asked.painter.show(image);
    if (asked === sheet) changed();
  }

  function choose(color) {
    sheet.color = Number(color);
    if (sheet.tool === "eraser") tool("brush");
    setColor(color);
  }

  function tool(name) {
    sheet.tool = section.dataset.tool = name;
    setTool(name);
  }

  function radius(value) { part.size.value = sheet.radius = Math.min(32, Math.max(1, value)); }

  function make(graph) {
    const canvas = document.createElement("canvas"), labels = graph.kind === "labels" && graph.palette.length > 0;
    const painter = makePainter(canvas, graph.size, !labels);
    canvas.className = "draw-canvas";
    canvas.tabIndex = 0;
    canvas.setAttribute("role", "application");
    canvas.setAttribute("aria-label", "Your drawing. Arrow keys move the brush, the space bar paints.");
    const made = { graph, canvas, painter, labels, tool: "brush", color: Math.min(labels ? 2 : 0, graph.palette.length - 1), radius: labels ? 8 : 3 };
    listen(made, section.querySelector(".ring"), { ink, changed, drawing: (on) => { drawing = on; } });
    sheets.set(graph.name, made);
    return made;
  }

  function open(name) {
    const graph = graphs.find((each) => each.name === name), fresh = !sheets.has(name);
    sheet = fresh ? make(graph) : sheets.get(name);
    if (fresh) sheet.painter.clear(paper());
    section.querySelector(".draw-canvas").replaceWith(sheet.canvas);
    section.classList.toggle("labels", sheet.labels);
    part.task.textContent = sentence(graph.task);
    part.licence.textContent = "Licence of " + graph.title + ": " + graph.licence;
    const tools = sheet.labels ? ["brush", "rectangle", "fill"] : ["brush", "eraser"];
    setTool = choices(part.tools, tools.map((each) => [each, sentence(each), icon(each)]), sheet.tool, tool);
    setColor = choices(part.palette, sheet.labels ? graph.palette.map(swatch) : [], sheet.color, choose);
    thumbs(part.thumbs, graph, start);
    tool(sheet.tool);
    radius(sheet.radius);
    display();
    if (fresh && graph.examples.length) start(graph.examples[0]);
    else changed();
  }

  function swatch([name, ...rgb], index) {
    const mark = document.createElement("i");
    mark.style.background = "rgb(" + rgb.join(",") + ")";
    return [String(index), name, mark];
  }

  const actions = {
    undo: () => sheet.painter.undo() && changed(),
    redo: () => sheet.painter.redo() && changed(),
    clear: () => { sheet.painter.remember(); sheet.painter.clear(paper()); changed(); },
    save: () => save(result, "synth-" + sheet.graph.name + ".png"),
  };

  function keys(event) {
    if (section.hidden || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase(), held = event.ctrlKey || event.metaKey;
    if (held && (key === "y" || (key === "z" && event.shiftKey))) actions.redo();
    else if (held && key === "z") actions.undo();
    else if (!held && key === "[") radius(sheet.radius - 1);
    else if (!held && key === "]") radius(sheet.radius + 1);
    else return;
    event.preventDefault();
  }

  for (const button of section.querySelectorAll("[data-do]")) button.addEventListener("click", actions[button.dataset.do]);
  part.size.addEventListener("input", () => radius(Number(part.size.value)));
  document.addEventListener("keydown", keys);
  choices(part.graphs, graphs.map((graph) => [graph.name, graph.title]), graphs[0].name, open);

  return {
    open: () => (sheet ? changed() : open(graphs[0].name)),
    progress: (progress) => loading(part.loading, progress),
  };
}
