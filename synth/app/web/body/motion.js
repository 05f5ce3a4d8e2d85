// Moves a character's limbs as limbs can move, as synth/pixels/body/limb_motion.py does.
import { MOTION, TREE } from "../constants.js";
import { clamp } from "./body.js";

const { FULL, LONGEST, TURNING, UNSURE, SLOW, ACROSS } = MOTION;

const limited = (share) => (share <= FULL ? share : FULL + LONGEST * Math.tanh((share - FULL) / LONGEST));

function turned(last, wanted, score, full, [turn, slow, most], step) {
  let share = limited(Math.hypot(...wanted) / full), angle = Math.atan2(wanted[1], wanted[0]);
  if (last) {
    const trust = clamp(score, UNSURE, 1), before = Math.hypot(...last) / full, from = Math.atan2(last[1], last[0]);
    share = before + clamp((share - before) * (1 - Math.exp((-step * trust) / slow)), -most * trust * step, most * trust * step);
    const way = angle - from, reach = (score ? turn : Math.min(turn, SLOW)) * step;
    angle = from + clamp(way - 2 * Math.PI * Math.floor(way / (2 * Math.PI) + 0.5), -reach, reach);
  }
  return [share * full * Math.cos(angle), share * full * Math.sin(angle)];
}

// Returns a function (vectors, scores, full lengths by kind, seconds) that gives the vectors to draw.
export function makeMotion() {
  let last = null;

  return function move(vectors, scores, lengths, step) {
    const result = vectors.map((vector) => [...vector]);
    for (const [child, parent, kind] of TREE) {
      const full = lengths[kind];
      if (TURNING[kind]) result[child] = turned(last && last[child], vectors[child], Math.min(scores[child], scores[parent]), full, TURNING[kind], step);
      if (kind !== 1 && kind !== 4) continue;
      if (last) result[child] = [0, 1].map((axis) => last[child][axis] + (vectors[child][axis] - last[child][axis]) * (1 - Math.exp(-step / ACROSS)));
      const long = Math.hypot(...result[child]), factor = (limited(long / full) * full) / Math.max(long, 1e-9);
      result[child] = result[child].map((value) => value * factor);
    }
    return (last = result);
  };
}
