// Measures a person from poses, as synth/pixels/body/measure.py does, and the usual face, as face.py does.
import { MEASURE, NECK, ROOT, TREE, TYPICAL, TYPICAL_FACE } from "../constants.js";
import { clamp, distance, isSeen, percentile, tilt, withMiddles } from "./body.js";

/** @import { Body, Pose } from "./body.js" */

const { LEAST, MOST, LONGEST, BEYOND, DOUBT } = MEASURE;
const finite = (values) => values.filter(Number.isFinite);

/**
 * Returns the person seen in poses, which are in pixels of an image of [height, width], with the stature and the ground
 * line (NaN until ankles were seen) of each.
 * @param {Pose[]} poses
 * @param {number[][]} stances
 * @param {number[]} size
 * @returns {Body}
 */
export function measurePerson(poses, stances, size) {
  const joints = poses.map(withMiddles), lengths = joints.map(limbLengths);
  const local = stances.map(([tall]) => tall), lines = finite(stances.map(([, line]) => line));
  const limbs = TYPICAL.map((typical, kind) => {
    const shares = finite(lengths.map((row, i) => row[kind] / local[i]));
    const full = shares.length ? Math.max(percentile(shares, LONGEST), 1e-3) : typical;
    return clamp(full / BEYOND, typical * LEAST, typical * MOST);
  });
  const tall = percentile(local, 50), ground = lines.length ? [2, 50, 98].map((share) => percentile(lines, share)) : [];
  return { size, ground, stature: [tall, tall], across: across(joints), limbs, face: usualFace(joints, local), rest: [] };
}

// Returns the longer of the left and right limb of each kind, NaN where it is not seen.
export function limbLengths(joints) {
  const row = new Array(TYPICAL.length).fill(NaN);
  for (const [child, parent, kind] of TREE) {
    if (!isSeen(joints[child]) || !isSeen(joints[parent])) continue;
    const length = distance(joints[child], joints[parent]);
    row[kind] = row[kind] > length ? row[kind] : length;
  }
  return row;
}

function across(joints) {
  for (const joint of [ROOT, NECK, 0]) {
    const x = joints.filter((pose) => isSeen(pose[joint])).map((pose) => pose[joint][0]);
    if (x.length) return [2, 50, 98].map((share) => percentile(x, share));
  }
  return [0, 0, 0];
}

// Returns where the left eye is from the nose and the left ear from the eye; the right side counts as a mirrored left.
function usualFace(joints, local) {
  const result = [...TYPICAL_FACE];
  /** @type {[number, number[][]][]} places in the result, and joints: from which to which */
  const chains = [[0, [[1, 0], [2, 0]]], [2, [[3, 1], [4, 2]]]];
  for (const [place, pairs] of chains) {
    const steps = [];
    pairs.forEach(([child, parent], side) => {
      joints.forEach((pose, i) => {
        if (!isSeen(pose[child]) || !isSeen(pose[parent])) return;
        const [cos, sin] = tilt(pose), x = (pose[child][0] - pose[parent][0]) / local[i], y = (pose[child][1] - pose[parent][1]) / local[i];
        steps.push([(cos * x + sin * y) * (side ? -1 : 1), -sin * x + cos * y]);
      });
    });
    const doubt = DOUBT / (DOUBT + steps.length);
    for (const axis of steps.length ? [0, 1] : []) {
      result[place + axis] = percentile(steps.map((step) => step[axis]), 50) * (1 - doubt) + TYPICAL_FACE[place + axis] * doubt;
    }
  }
  return result;
}
