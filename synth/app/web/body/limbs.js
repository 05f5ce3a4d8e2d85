// Drops joints that belong to another person, as synth/pixels/body/limbs.py does.
import { ONE_BODY } from "../constants.js";
import { bounds, distance, isSeen } from "./body.js";

/** @import { Pose } from "./body.js" */

const { REACH, ACROSS, HANGING } = ONE_BODY;
export const INNER = ONE_BODY.INNER;
export const OUTER = ONE_BODY.OUTER;

const between = (pose) => ([a, b]) => (isSeen(pose[a]) && isSeen(pose[b]) ? distance(pose[a], pose[b]) : NaN);
const isLength = (one) => one >= 0;

function median(values) {
  const sorted = values.filter(isLength).sort((a, b) => a - b), half = sorted.length / 2;
  return sorted.length ? (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2 : 0;
}

const trunk = (length) => Math.min(...[[5, 11], [6, 12]].map(length).filter(isLength), Infinity);
const finite = (value) => (Number.isFinite(value) ? value : 0);

// Drops the shoulder, or the hip, of another person, and what hangs on it.
function ofOneTrunk(pose) {
  const length = between(pose), usual = Math.max(median(INNER.map((a, i) => length([a, OUTER[i]]))), finite(trunk(length)));
  const face = pose.slice(0, 5).filter(isSeen), head = [0, 1].map((axis) => face.reduce((sum, p) => sum + p[axis], 0) / face.length);
  for (const [left, right] of [[5, 6], [11, 12]]) {
    if (!(usual && length([left, right]) > ACROSS * usual)) continue;
    const [a, b] = [left, right].map((i) => (face.length ? distance(pose[i], head) : -pose[i][2]));
    const [theirs, own] = a > b ? [left, right] : [right, left], at = (i) => [theirs, own].map((joint) => distance(pose[i], pose[joint]));
    const gone = [theirs, ...HANGING[theirs]].filter((i) => at(i)[0] < at(i)[1]);
    pose = pose.map((joint, i) => (gone.includes(i) ? [joint[0], joint[1], 0] : joint));
  }
  return pose;
}

/**
 * Drops the ends of limbs that are too long to be one body's.
 * @param {Pose} whole
 */
export function ofOneBody(whole) {
  const pose = ofOneTrunk(whole), length = between(pose), lengths = INNER.map((a, i) => length([a, OUTER[i]]));
  if (!lengths.some(isLength)) return pose;
  const usual = Math.max(median(lengths), length([5, 6]) || 0, finite(trunk(length)));
  const far = lengths.map((one) => one > REACH * usual), gone = far.map((one, i) => one || (i > 3 && far[i - 4]));
  return ofOnePlace(pose.map((joint, at) => (gone[OUTER.indexOf(at)] ? [joint[0], joint[1], 0] : joint)));
}

// Drops joints that are farther from the rest than the rest is wide and high.
function ofOnePlace(pose) {
  const known = pose.flatMap((joint, i) => (isSeen(joint) ? [i] : [])), gaps = known.map((a) => known.map((b) => distance(pose[a], pose[b])));
  for (const k of known.keys()) for (const a of known.keys()) for (const b of known.keys()) gaps[a][b] = Math.min(gaps[a][b], Math.max(gaps[a][k], gaps[k][b]));
  const widest = Math.max(...gaps.flat()), groups = gaps.map((row) => known.filter((_, b) => row[b] < widest));
  const sure = groups.map((group) => group.reduce((sum, i) => sum + pose[i][2], 0)), own = groups[sure.indexOf(Math.max(...sure))];
  if (!own?.length) return pose;
  const [left, right, top, bottom] = bounds(own.map((i) => pose[i]));
  if (widest <= Math.max(right - left, bottom - top)) return pose;
  return pose.map((joint, i) => (own.includes(i) || !isSeen(joint) ? joint : [joint[0], joint[1], 0]));
}
