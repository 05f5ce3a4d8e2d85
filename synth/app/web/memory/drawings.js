// The drawings that a reload keeps, one for each kind of input.
import { keep, recall } from "./store.js";

const MOST = 500_000;  // letters of a drawing
const WAIT = 400;  // milliseconds after a change until it is kept
const PNG = "data:image/png;base64,";

const valid = (kept) => Boolean(kept) && typeof kept.png === "string" && kept.png.startsWith(PNG) && kept.png.length <= MOST;

/**
 * Returns the drawings that were kept for some of `inputs`: { png, source } by input.
 * @param {string[]} inputs
 * @param {any} kept
 * @returns {Record<string, { png: string, source: string }>}
 */
export function known(inputs, kept) {
  const found = inputs.filter((input) => kept && Object.hasOwn(Object(kept), input) && valid(kept[input]));
  return Object.fromEntries(found.map((input) => [input, { png: kept[input].png, source: String(kept[input].source || "") }]));
}

// `inputs` are those that a drawing can be for; others are forgotten.
export function makeDrawings(inputs) {
  const drawings = known(inputs, recall("drawings")), waiting = new Map();
  let timer = 0;

  function flush() {
    clearTimeout(timer);
    if (!waiting.size) return;
    for (const [input, sheet] of waiting) drawings[input] = { png: sheet.painter.png(), source: sheet.source };
    waiting.clear();
    keep("drawings", known(inputs, drawings));
  }

  window.addEventListener("pagehide", flush);
  return {
    of: (input) => drawings[input],
    // Keeps what is on a sheet, a moment after the last call.
    keep(input, sheet) {
      waiting.set(input, sheet);
      clearTimeout(timer);
      timer = setTimeout(flush, WAIT);
    },
  };
}
