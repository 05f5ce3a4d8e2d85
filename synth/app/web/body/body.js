// A measured body and helpers for joints, as in synth/pixels/body/body.py and pose.py.
import { MIRRORED, NECK, ROOT, SEEN } from "../constants.js";

/** @typedef {number[]} Joint x, y in pixels of the image, and a score from 0 to 1 */
/** @typedef {Joint[]} Pose COCO's 17 joints */
/**
 * @typedef {object} Body
 * @property {number[]} size height and width of the image in pixels
 * @property {number[]} ground where the feet are: far, usual, close; empty where no whole body was seen
 * @property {number[]} stature far and close, in pixels
 * @property {number[]} across the leftmost, usual and rightmost place
 * @property {number[]} limbs lengths by kind, in statures
 * @property {number[]} face the left eye from the nose, the left ear from the eye, in statures
 * @property {Pose} rest
 */

const LINEAR = ["ground", "stature", "across", "limbs", "face"];

/** @param {Joint} joint */
export const isSeen = (joint) => joint[2] >= SEEN && Number.isFinite(joint[0]) && Number.isFinite(joint[1]);
export const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
export const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);

// Returns the smallest and largest x, then the smallest and largest y.
export const bounds = (points) => [0, 1].flatMap((axis) => [Math.min(...points.map((p) => p[axis])), Math.max(...points.map((p) => p[axis]))]);

const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2, Math.min(a[2], b[2])];

// Returns the pose with the neck and the middle of the hips: 19 rows.
export const withMiddles = (pose) => [...pose, middle(pose[5], pose[6]), middle(pose[11], pose[12])];

export const mirror = (pose, width) => MIRRORED.map((at) => [width - pose[at][0], pose[at][1], pose[at][2]]);

// Returns the ground line and the stature at a depth: 0 is the far end of the walks, 1 the close one.
export function at(body, depth) {
  const [far, , close] = body.ground.length ? body.ground : [0, 0, 0], [small, large] = body.stature;
  return [far + (close - far) * depth, small + (large - small) * depth];
}

export function depth(body, low) {
  const [far, , close] = body.ground;
  return close - far > 1e-6 ? clamp((low - far) / (close - far), 0, 1) : 0.5;
}

export const usualStature = (body) => at(body, body.ground.length ? depth(body, body.ground[1]) : 0.5)[1];

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

// Interpolates between neighbours, as numpy's percentile and median do.
export function percentile(values, share) {
  const sorted = Float64Array.from(values).sort(), place = ((sorted.length - 1) * share) / 100, low = Math.floor(place);
  return sorted[low] + (sorted[Math.min(low + 1, sorted.length - 1)] - sorted[low]) * (place - low);
}

// Returns the rotation from an upright body to this one, [cos, sin], by the line from the hips (or neck) to the nose.
export function tilt(joints) {
  const foot = isSeen(joints[ROOT]) ? joints[ROOT] : joints[NECK], x = joints[0][0] - foot[0], y = joints[0][1] - foot[1];
  const length = Math.hypot(x, y);
  const known = isSeen(joints[0]) && length > 1e-6 && (isSeen(joints[ROOT]) || isSeen(joints[NECK]));
  return known ? [-y / length, x / length] : [1, 0];
}
