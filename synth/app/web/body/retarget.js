// Retargets one body's pose to another body, as synth/pixels/body/retarget.py and face.py do.
import { NECK, RETARGET, ROOT, SEEN, TREE } from "../constants.js";
import { at, clamp, depth, isSeen, isWhole, tilt, usualStature, withMiddles } from "./body.js";

/** @import { Body, Pose } from "./body.js" */
/**
 * @typedef {object} Plan
 * @property {number[][]} vectors to each of 19 joints from its parent
 * @property {number[]} root
 * @property {number[]} scores 0 where a joint is at rest
 * @property {number | null} lowest the y of the lowest joint; null: `root` has the y
 */

const { MARGIN, LEAN, UPRIGHT, BRIDGED } = RETARGET;
const plus = (a, b) => [a[0] + b[0], a[1] + b[1]], minus = (a, b) => [a[0] - b[0], a[1] - b[1]], times = (a, factor) => [a[0] * factor, a[1] * factor];
const scored = (joints, known) => joints.map((joint, i) => (known[i] ? Math.max(joint[2] || 0, SEEN) : 0));

/**
 * Returns a pose of the body `source` on the body `target`, in the target's pixels; scores are 1 for what is drawn, else 0.
 * @param {Pose} pose
 * @param {Body} source
 * @param {Body} target
 */
export function retarget(pose, source, target, legs = true) {
  const joints = withMiddles(pose);
  if (legs && source.ground.length && target.ground.length && isWhole(pose)) {
    const low = Math.max(...[15, 16].filter((i) => isSeen(joints[i])).map((i) => joints[i][1])), [line, tall] = at(source, depth(source, low));
    return putTogether(wholePlan(joints, source, target, { tall, line, loose: 0 }), target);
  }
  const plan = upperPlan(joints, source, target, at(source, 0.5)[1]);
  return plan ? putTogether(plan, target) : target.rest.map((joint) => [...joint]);
}

export function wholePlan(given, source, target, stance, legs = true) {
  const [joints, known] = completeTrunk(given, source, stance.tall);
  for (let i = 13; i < 17; i++) known[i] = known[i] && legs;
  const usual = usualStature(target) / usualStature(source);
  const [toLine, toTall] = at(target, depth(target, travel(stance.line, usual, source.ground, target.ground))), scale = toTall / stance.tall;
  const vectors = limbVectors(joints, known, source, target, stance.tall, toTall);
  let height = 0;
  if (known[15] || known[16]) {
    height = stance.line - Math.max(...joints.slice(0, 17).filter((_, i) => known[i]).map((joint) => joint[1]));
    if (stance.loose) height = Math.max(height - stance.loose, 0);
  }
  return { vectors, root: [along(joints[ROOT][0], scale, source, target), 0], scores: scored(joints, known), lowest: toLine - scale * height };
}

export function upperPlan(given, source, target, tall) {
  const toTall = at(target, 0.5)[1], scale = toTall / tall, rest = withMiddles(target.rest);
  const upright = minus(rest[NECK], rest[ROOT]), length = Math.hypot(...upright);
  const root = [rest[ROOT][0], rest[ROOT][1]], joints = given.map((joint) => [...joint]), known = joints.map(isSeen);
  if (!known[NECK]) {
    const shoulder = known[5] ? 5 : 6;
    if (!known[shoulder]) return null;
    joints[NECK] = [0, 1].map((axis) => joints[shoulder][axis] - (rest[shoulder][axis] - rest[NECK][axis]) / scale).concat(1);
    known[NECK] = true;
  }
  // A head below its shoulders belongs to a person who bends over: on a torso guessed upright it would cover the chest.
  if (!known[ROOT] && known[0] && joints[0][1] > joints[NECK][1]) known.fill(false, 0, 5);
  let direction;
  if (known[ROOT]) {
    direction = minus(joints[NECK], joints[ROOT]);
    root[0] = along(joints[ROOT][0], scale, source, target);
  } else {
    const sway = (joints[NECK][0] - source.across[1]) * scale, lean = clamp(sway, -LEAN * length, LEAN * length);
    direction = [upright[0] + lean, upright[1]];
    root[0] = clamp(root[0] + sway - lean, ...reach(target));
  }
  known.fill(false, 11, 17);
  known[ROOT] = true;
  for (const [elbow, wrist] of [[7, 9], [8, 10]]) known[elbow] = known[elbow] && known[wrist];
  const factor = length / Math.max(Math.hypot(...direction), 1e-6) / ratios(source, target, scale)[0];
  joints[ROOT] = [...minus(joints[NECK], times(direction, factor)), 1];
  const vectors = limbVectors(joints, known, source, target, tall, toTall);
  if (known[0] && joints[0][1] < joints[NECK][1]) {
    vectors[0] = times(vectors[0], Math.max(1, (UPRIGHT * target.limbs[7] * toTall) / Math.max(Math.hypot(...vectors[0]), 1e-9)));
  }
  return { vectors, root, scores: scored(joints, known), lowest: null };
}

export function restPlan(target) {
  const rest = withMiddles(target.rest);
  return { vectors: restVectors(target), root: [rest[ROOT][0], rest[ROOT][1]], scores: scored(rest, rest.map(isSeen)), lowest: null };
}

/**
 * Returns the pose of a plan: joints from the hips outwards, then moved up or down to the lowest.
 * @param {Plan} plan
 * @param {Body} target
 */
export function putTogether({ vectors, root, scores, lowest }, target) {
  const points = scores.map(() => [0, 0]), known = scores.map((score) => score > 0);
  points[ROOT] = [...root];
  for (const [child, parent] of TREE) points[child] = plus(points[parent], vectors[child]);
  let rise = 0;
  if (lowest !== null) {
    const stands = !known[15] && !known[16];
    rise = lowest - Math.max(...points.slice(0, 17).filter((_, i) => known[i] || (stands && i > 14)).map((point) => point[1]));
  }
  const faceless = !known.slice(0, 5).some(Boolean);
  return points.slice(0, 17).map(([x, y], i) => [x, y + rise, known[i] ? 1 : i >= 5 || faceless ? target.rest[i][2] : 0]);
}

function completeTrunk(given, source, tall) {
  const joints = given.map((joint) => [...joint]), known = joints.map(isSeen);
  const [torso, hip, shoulder] = [0, 1, 4].map((kind) => source.limbs[kind] * tall), side = joints[5][0] >= joints[6][0] || !known[NECK] ? 1 : -1;
  /** @param {number[]} joint @param {number} dx @param {number} dy */
  const moved = ([x, y, score], dx, dy) => [x + dx, y + dy, score];
  for (const [left, right, wide] of [[5, 6, shoulder], [11, 12, hip]]) {
    if (known[left] && !known[right]) joints[right] = moved(joints[left], -2 * wide * side, 0);
    else if (known[right] && !known[left]) joints[left] = moved(joints[right], 2 * wide * side, 0);
  }
  const mean = (a, b) => [0, 1, 2].map((axis) => (a[axis] + b[axis]) / 2);
  if (!known[5] && !known[6]) {
    const root = mean(joints[11], joints[12]);
    [joints[5], joints[6]] = [moved(root, shoulder * side, -torso), moved(root, -shoulder * side, -torso)];
  }
  if (!known[11] && !known[12]) {
    const neck = mean(joints[5], joints[6]);
    [joints[11], joints[12]] = [moved(neck, hip * side, torso), moved(neck, -hip * side, torso)];
  }
  [joints[NECK], joints[ROOT]] = [mean(joints[5], joints[6]), mean(joints[11], joints[12])];
  for (const i of [5, 6, 11, 12, NECK, ROOT]) known[i] = true;
  return /** @type {[number[][], boolean[]]} */ ([joints, known]);
}

// Returns the target's vector from each joint's parent to it; limbs that are not seen are at rest.
function limbVectors(joints, known, source, target, fromTall, toTall) {
  const scale = toTall / fromTall, ratio = ratios(source, target, scale), vectors = restVectors(target);
  for (const [child, parent, kind] of TREE) {
    if (known[child] && known[parent]) vectors[child] = times(minus(joints[child], joints[parent]), ratio[kind]);
  }
  for (const [middle, inner, outer, first, second] of BRIDGED) {
    if (!known[inner] || !known[outer] || known[middle]) continue;
    const [a, b] = [target.limbs[first], target.limbs[second]];
    const reached = times(minus(joints[outer], joints[inner]), (scale * (a + b)) / (source.limbs[first] + source.limbs[second]));
    [vectors[middle], vectors[outer]] = [times(reached, a / (a + b)), times(reached, b / (a + b))];
  }
  const shifts = faceShifts(joints, ratio, source, target, fromTall, toTall);
  for (const [child, parent, kind] of TREE) {
    if (!shifts[child] || !known[child] || !known[parent]) continue;
    const longest = Math.max(Math.hypot(...vectors[child]), 1.1 * toTall * target.limbs[kind]), shifted = plus(vectors[child], shifts[child]);
    vectors[child] = times(shifted, Math.min(1, longest / Math.max(Math.hypot(...shifted), 1e-9)));
  }
  return vectors;
}

function restVectors(target) {
  const rest = withMiddles(target.rest), result = rest.map(() => [0, 0]);
  for (const [child, parent] of TREE) result[child] = minus(rest[child], rest[parent]);
  return result;
}

// Returns by how much eyes and ears move after scaling, so that a usual face becomes the target's usual face.
function faceShifts(joints, ratio, source, target, fromTall, toTall) {
  const [cos, sin] = tilt(joints), shifts = {};
  /** @type {[number, number, number[]][]} kind of limb, place in `face`, joints */
  const limbs = [[8, 0, [1, 2]], [9, 2, [3, 4]]];
  for (const [kind, place, children] of limbs) {
    const [x, y] = [0, 1].map((axis) => target.face[place + axis] * toTall - ratio[kind] * fromTall * source.face[place + axis]);
    children.forEach((child, side) => {
      const across = side ? -x : x;
      shifts[child] = [cos * across - sin * y, sin * across + cos * y];
    });
  }
  return shifts;
}

const ratios = (source, target, scale) => target.limbs.map((length, kind) => (scale * length) / source.limbs[kind]);
const along = (x, scale, source, target) => clamp(travel(x, scale, source.across, target.across), ...reach(target));

// A walk keeps its length in body sizes; it is shortened only where the target has less room.
function travel(place, scale, source, target) {
  const end = place < source[1] ? 0 : 2, room = Math.abs(target[end] - target[1]), way = Math.abs(source[end] - source[1]) * scale;
  return target[1] + (place - source[1]) * scale * (way > 1e-6 ? Math.min(1, room / way) : 1);
}

function reach(target) {
  const spare = MARGIN * at(target, 0.5)[1];
  return [target.across[0] - spare, target.across[2] + spare];
}
