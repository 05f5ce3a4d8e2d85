// What is known of a body, and small steps on joints: synth/pixels/body/body.py and pose.py. A pose is 17 rows of x, y, score
// in pixels; a body has { size, ground, stature, across, limbs, face, rest }.
import { MIRRORED, TYPICAL } from "./anatomy.js";

export const SEEN = 0.2, NECK = 17, ROOT = 18, KINDS = TYPICAL.length;
export const LINEAR = ["ground", "stature", "across", "limbs", "face"];

export const isSeen = (joint) => joint[2] >= SEEN && Number.isFinite(joint[0]) && Number.isFinite(joint[1]);
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.min(a[2], b[2])];

// The pose with the neck and the middle of the hips: 19 rows.
export const withMiddles = (pose) => [...pose, middle(pose[5], pose[6]), middle(pose[11], pose[12])];

export const mirror = (pose, width) => MIRRORED.map((at) => [width - pose[at][0], pose[at][1], pose[at][2]]);

// The ground line and the stature at a depth: 0 is the far end of the walks, 1 the close one.
export function at(body, depth) {
  const [far, , close] = body.ground.length ? body.ground : [0, 0, 0], [small, large] = body.stature;
  return [far + (close - far) * depth, small + (large - small) * depth];
}

export function depth(body, low) {
  const [far, , close] = body.ground;
  return close - far > 1e-6 ? clamp((low - far) / (close - far), 0, 1) : 0.5;
}

export function scaled(body, factor) {
  const times = (values) => values.map((value) => value * factor);
  return {
    ...body, size: times(body.size).map(Math.round), ground: times(body.ground), stature: times(body.stature),
    across: times(body.across), rest: body.rest.map(([x, y, score]) => [x * factor, y * factor, score]),
  };
}

export function toward(body, other, weight) {
  if (body.ground.length !== other.ground.length) return other;
  const mixed = { ...other };
  for (const name of LINEAR) mixed[name] = body[name].map((value, i) => value + weight * (other[name][i] - value));
  return mixed;
}

export const isWhole = (pose) => isSeen(pose[11]) && isSeen(pose[12]) && (isSeen(pose[15]) || isSeen(pose[16]));

// As numpy's percentile and median, between neighbours in proportion.
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort(), place = ((sorted.length - 1) * share) / 100, low = Math.floor(place);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (place - low);
}

// The rotation from an upright body to this one, [cos, sin]: hips (or neck) to nose.
export function tilt(joints) {
  const foot = isSeen(joints[ROOT]) ? joints[ROOT] : joints[NECK], x = joints[0][0] - foot[0], y = joints[0][1] - foot[1];
  const length = Math.hypot(x, y);
  const known = isSeen(joints[0]) && length > 1e-6 && (isSeen(joints[ROOT]) || isSeen(joints[NECK]));
  return known ? [-y / length, x / length] : [1, 0];
}
