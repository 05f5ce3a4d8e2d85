// The Draw page: a drawing per graph, and the result, which follows every stroke.
import { makeLatest } from "../../synth/app/web/canvas/latest.js";
import { TOOLS, clear, makeSheet, swatch } from "../../synth/app/web/canvas/sheets.js";
import { shortcut } from "../../synth/app/web/canvas/shortcuts.js";
import { fromImage, toImage } from "../../synth/app/web/pixels/pixels.js";
import { choices, icon, loading, parts, save, sentence, tell, thumbs } from "./parts.js";

const SLOW = 400;  // milliseconds: a slower graph runs when a stroke ends, and not during it
const drawn = ({ canvas }) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);

export function makeDraw(section, graphs, { engine, trouble, where }) {
  const part = parts(section), result = section.querySelector(".draw-result"), sheets = new Map();
  let sheet = null, drawing = false, lastMs = 0, setTool = null, setColor = null;

  const request = makeLatest(async () => {
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
  });

  function display() {
    result.width = result.height = sheet.graph.size;
    if (sheet.picture) result.getContext("2d").putImageData(toImage(sheet.picture), 0, 0);
    tell(part.speed, sheet.answer);
    section.querySelector("[data-do=save]").disabled = !sheet.picture;
  }

  function changed() {
    section.querySelector("[data-do=undo]").disabled = !sheet.painter.canUndo();
    section.querySelector("[data-do=redo]").disabled = !sheet.painter.canRedo();
    if (!(drawing && lastMs > SLOW)) request();
  }

  async function start(url) {
    const asked = sheet, image = new Image();
    image.src = url;
    try {
      await image.decode();
    } catch {
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
    const made = makeSheet(graph, section.querySelector(".ring"), { changed, drawing: (on) => { drawing = on; } });
    sheets.set(graph.name, made);
    return made;
  }

  function open(name) {
    const graph = graphs.find((each) => each.name === name), fresh = !sheets.has(name);
    sheet = fresh ? make(graph) : sheets.get(name);
    section.querySelector(".draw-canvas").replaceWith(sheet.canvas);
    section.classList.toggle("labels", sheet.labels);
    part.task.textContent = sentence(graph.task);
    part.licence.textContent = "Licence of " + graph.title + ": " + graph.licence;
    const tools = sheet.labels ? TOOLS.labels : TOOLS.lines, palette = sheet.labels ? graph.palette : [];
    setTool = choices(part.tools, tools.map((each) => [each, sentence(each), icon(each)]), sheet.tool, tool);
    setColor = choices(part.palette, palette.map(([label, ...rgb], i) => [String(i), label, swatch(rgb)]), sheet.color, choose);
    thumbs(part.thumbs, graph, start);
    tool(sheet.tool);
    radius(sheet.radius);
    display();
    if (fresh && graph.examples.length) start(graph.examples[0]);
    else changed();
  }

  const actions = {
    undo: () => sheet.painter.undo() && changed(),
    redo: () => sheet.painter.redo() && changed(),
    clear: () => { clear(sheet); changed(); },
    save: () => save(result, "synth-" + sheet.graph.name + ".png"),
  };
  const sizes = { thinner: () => radius(sheet.radius - 1), thicker: () => radius(sheet.radius + 1) };

  for (const button of section.querySelectorAll("[data-do]")) button.addEventListener("click", actions[button.dataset.do]);
  part.size.addEventListener("input", () => radius(Number(part.size.value)));
  document.addEventListener("keydown", (event) => {
    if (!section.hidden && !document.querySelector("dialog[open]")) shortcut(event, { ...actions, ...sizes });
  });
  choices(part.graphs, graphs.map((graph) => [graph.name, graph.title]), graphs[0].name, open);

  return {
    open: () => (sheet ? changed() : open(graphs[0].name)),
    progress: (progress) => loading(part.loading, progress),
  };
}
