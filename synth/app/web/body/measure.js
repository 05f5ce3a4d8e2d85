// Measures a person from poses, as synth/pixels/body/measure.py does, and the usual face, as face.py does.
import { MEASURE, NECK, ROOT, STATURE, TREE, TYPICAL, TYPICAL_FACE } from "../constants.js";
import { clamp, distance, isSeen, percentile, tilt, withMiddles } from "./body.js";

/** @import { Body, Pose } from "./body.js" */

const { LEAST, MOST, STRETCHED, DOUBT } = MEASURE;
const finite = (values) => values.filter(Number.isFinite);

/**
 * Returns the body seen in poses, which are in pixels of an image of [height, width]; null where no pose shows enough.
 * @param {Pose[]} poses
 * @param {number[]} size
 * @returns {Body | null}
 */
export function measure(poses, size) {
  const joints = poses.map(withMiddles), lengths = joints.map(limbLengths);
  const chain = lengths.map((row) => STATURE.reduce((sum, kind) => sum + row[kind], 0));
  const low = joints.map((pose) => Math.max(...[15, 16].map((i) => (isSeen(pose[i]) ? pose[i][1] : -Infinity))));
  const whole = joints.map((_, i) => i).filter((i) => Number.isFinite(chain[i]) && Number.isFinite(low[i]));
  const pick = (values) => whole.map((i) => values[i]);
  let ground = [], stature, local;
  if (whole.length) {
    [ground, stature] = walk(pick(low), pick(chain));
    const inside = (i) => Number.isFinite(chain[i]) && Number.isFinite(low[i]);
    local = joints.map((_, i) => {
      const near = clamp(((inside(i) ? low[i] : ground[2]) - ground[0]) / Math.max(ground[2] - ground[0], 1e-6), 0, 1);
      return stature[0] + (stature[1] - stature[0]) * near;
    });
  } else {
    const guessed = guess(lengths);
    if (guessed === null) return null;
    stature = [guessed, guessed];
    local = joints.map(() => guessed);
  }
  const limbs = TYPICAL.map((typical, kind) => {
    const shares = finite(lengths.map((row, i) => row[kind] / local[i]));
    const full = shares.length ? Math.max(percentile(shares, STRETCHED), 1e-3) : typical;
    return clamp(full, typical * LEAST, typical * MOST);
  });
  return { size, ground, stature, across: across(joints), limbs, face: usualFace(joints, local), rest: [] };
}

function limbLengths(joints) {
  const row = new Array(TYPICAL.length).fill(NaN);
  for (const [child, parent, kind] of TREE) {
    if (!isSeen(joints[child]) || !isSeen(joints[parent])) continue;
    const length = distance(joints[child], joints[parent]);
    row[kind] = row[kind] > length ? row[kind] : length;
  }
  return row;
}

function walk(low, chain) {
  const [close, usual, highest] = [98, 50, 2].map((share) => percentile(low, share)), tall = percentile(chain, STRETCHED);
  let far = highest;
  const high = low.map((_, i) => i).filter((i) => low[i] <= far + 0.25 * (usual - far));
  const shrunk = tall - percentile(high.map((i) => chain[i]), 90);
  if (usual - far > 1.5 * (close - usual) && shrunk < 0.4 * (usual - percentile(high.map((i) => low[i]), 50))) {
    far = Math.max(far, 2 * usual - close);
  }
  if (close - far < 0.05 * tall) return [[far, usual, close], [tall, tall]];
  const [small, large] = [far, close].map((end) => {
    const there = chain.filter((_, i) => Math.abs(low[i] - end) <= 0.25 * (close - far));
    return there.length >= 3 ? percentile(there, STRETCHED) : tall;
  });
  return [[far, usual, close], small <= large ? [small, large] : [tall, tall]];
}

function guess(lengths) {
  const shares = [4, 7, 0].map((kind) => [kind, finite(lengths.map((row) => row[kind]))]).filter(([, values]) => values.length);
  return shares.length ? percentile(shares.map(([kind, values]) => percentile(values, STRETCHED) / TYPICAL[kind]), 50) : null;
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
