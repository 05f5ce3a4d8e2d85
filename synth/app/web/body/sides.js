// Gives joints to the person's left and right, as synth/pixels/body/sides.py does.
import { SIDES } from "../constants.js";
import { bounds, distance, isSeen } from "./body.js";

const { CLEAR, NEARER, SPREAD } = SIDES;
const SHOULDERS = [5, 6], HIPS = [11, 12], ARMS = [[7, 8], [9, 10]], LEGS = [[13, 14], [15, 16]], HEAD = [[1, 2], [3, 4]];

const both = (pose, pair) => pair.every((i) => isSeen(pose[i]));
const apart = (pose, last, now, before) => now.reduce((sum, joint, i) => sum + distance(pose[joint], last[before[i]]), 0);
const reversed = ([left, right]) => [right, left];

function isSwapped(pose, pair, front, tall, last) {
  if (!both(pose, pair)) return false;
  const width = (pose[pair[0]][0] - pose[pair[1]][0]) * (front ? 1 : -1);
  if (Math.abs(width) > CLEAR * tall || !last || !both(last, pair)) return width < 0;
  return apart(pose, last, pair, reversed(pair)) < NEARER * apart(pose, last, pair, pair);
}

function exchange(pose, pairs) {
  for (const [left, right] of pairs) [pose[left], pose[right]] = [pose[right], pose[left]];
}

function cross(pose, chain, last) {
  const pairs = chain.filter((pair) => both(pose, pair) && both(last, pair));
  if (!pairs.length) return;
  const total = (turn) => pairs.reduce((sum, pair) => sum + apart(pose, last, pair, turn(pair)), 0), same = total((pair) => pair), other = total(reversed);
  const [, , top, bottom] = bounds(pose.filter(isSeen));
  if (other < NEARER * same && same - other > SPREAD * (bottom - top)) exchange(pose, chain);
}

// Returns the pose with left and right exchanged where they are wrong. `last` is the pose before, or null.
export function withSides(pose, front, tall, last) {
  const result = [...pose], shoulders = isSwapped(pose, SHOULDERS, front, tall, last), hips = isSwapped(pose, HIPS, front, tall, last);
  if (shoulders) exchange(result, [SHOULDERS, ...ARMS, ...HEAD]);
  if (hips) exchange(result, [HIPS, ...LEGS]);
  if (last) for (const chain of [ARMS, LEGS]) cross(result, chain, last);
  return result;
}
