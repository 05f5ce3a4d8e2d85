// One drawing per kind of input, kept while a graph of another kind is shown.
import { makePainter } from "./painter.js";
import { listen } from "./pen.js";

const WHITE = [255, 255, 255], BLACK = [0, 0, 0];
export const TOOLS = { labels: ["brush", "rectangle", "fill"], lines: ["brush", "eraser"] };

/**
 * @typedef {object} Sheet
 * @property {{ name: string, title: string, size: number, palette: any[][], kind?: string }} graph
 * @property {HTMLCanvasElement} canvas
 * @property {ReturnType<typeof makePainter>} painter
 * @property {boolean} labels whether it is a label map, painted in the graph's palette
 * @property {string} tool
 * @property {number} color the place in the palette
 * @property {number} radius of the brush in pixels of the drawing
 * @property {string} source the name of the file that was opened, if there is one
 * @property {number} version counts up with every change
 */

// Returns a key that graphs share which take the same drawings.
export const inputOf = (graph) => JSON.stringify([graph.kind || "", graph.size, graph.palette]);

// Returns the colour of an empty sheet.
export const paper = (sheet) => (sheet.labels ? sheet.graph.palette[0].slice(1) : WHITE);

export function ink(sheet) {
  if (sheet.tool === "eraser") return paper(sheet);
  return sheet.labels ? sheet.graph.palette[sheet.color].slice(1) : BLACK;
}

export function clear(sheet) {
  sheet.painter.remember();
  sheet.painter.clear(paper(sheet));
  sheet.source = "";
}

/**
 * Makes an empty sheet for a graph. `ring` is moved to show the brush; `events` are those of pen.js without `ink`.
 * @returns {Sheet}
 */
export function makeSheet(graph, ring, events) {
  const canvas = document.createElement("canvas"), labels = graph.palette.length > 0 && (graph.kind || "labels") === "labels";
  canvas.className = "draw-canvas";
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", "Your drawing. Arrow keys move the brush, the space bar paints.");
  const painter = makePainter(canvas, graph.size, !labels), color = Math.max(0, Math.min(1, graph.palette.length - 1));
  /** @type {Sheet} */
  const sheet = { graph, canvas, painter, labels, tool: "brush", color, radius: labels ? 8 : 3, source: "", version: 0 };
  painter.clear(paper(sheet));
  listen(sheet, ring, { ...events, ink: () => ink(sheet) });
  return sheet;
}

// Returns the name of the label under a place, or nothing.
export function labelAt(sheet, place) {
  const color = sheet.painter.color(place).join(), named = sheet.graph.palette.find(([, ...rgb]) => rgb.join() === color);
  return named ? named[0] : "";
}

// Returns a patch of a palette's colour, for the button beside which it stands.
export function swatch(rgb) {
  const patch = document.createElement("i");
  patch.style.background = "rgb(" + rgb.join(",") + ")";
  return patch;
}
