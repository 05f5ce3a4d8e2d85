// Retargets one body's pose to another body, as synth/pixels/body/retarget.py and face.py do.
import { NECK, RETARGET, ROOT, TREE } from "../constants.js";
import { at, clamp, depth, isSeen, isWhole, tilt, withMiddles } from "./body.js";

/** @import { Body, Pose } from "./body.js" */

const { MARGIN, LEAN } = RETARGET;
const PARENT = Object.fromEntries(TREE);

/**
 * Returns a pose of the body `source` on the body `target`, in the target's pixels; scores are 1 for what is drawn, else 0.
 * @param {Pose} pose
 * @param {Body} source
 * @param {Body} target
 */
export function retarget(pose, source, target, legs = true) {
  const joints = withMiddles(pose), known = joints.map(isSeen);
  if (!legs || !source.ground.length || !target.ground.length || !isWhole(pose)) return upper(joints, known, source, target);
  const low = Math.max(...[15, 16].filter((i) => known[i]).map((i) => joints[i][1]));
  const [fromLine, fromTall] = at(source, depth(source, low));
  const usual = at(target, depth(target, target.ground[1]))[1] / at(source, depth(source, source.ground[1]))[1];
  const [toLine, toTall] = at(target, depth(target, travel(fromLine, usual, source.ground, target.ground)));
  const scale = toTall / fromTall, x = along(joints[ROOT][0], scale, source, target);
  const points = hang(joints, known, [x, 0], scale, source, target, toTall);
  const present = known.slice(0, 17).flatMap((yes, i) => (yes ? [i] : []));
  const lowest = Math.max(...present.map((i) => points[i][1])), reached = Math.max(...present.map((i) => joints[i][1]));
  return finish(points, known, target, toLine + scale * (reached - fromLine) - lowest);
}

function upper(given, seen, source, target) {
  const tall = at(target, 0.5)[1], scale = tall / at(source, 0.5)[1], rest = withMiddles(target.rest);
  const torso = [rest[NECK][0] - rest[ROOT][0], rest[NECK][1] - rest[ROOT][1]], length = Math.hypot(...torso);
  const root = [rest[ROOT][0], rest[ROOT][1]], joints = given.map((joint) => [...joint]), known = [...seen];
  if (!known[NECK]) {
    const shoulder = known[5] ? 5 : 6;
    if (!known[shoulder]) return target.rest.map((joint) => [...joint]);
    joints[NECK] = [0, 1].map((axis) => joints[shoulder][axis] - (rest[shoulder][axis] - rest[NECK][axis]) / scale).concat(1);
    known[NECK] = true;
  }
  // A head below its shoulders belongs to a person who bends over: on a torso guessed upright it would cover the chest.
  if (!known[ROOT] && known[0] && joints[0][1] > joints[NECK][1]) known.fill(false, 0, 5);
  let direction;
  if (known[ROOT]) {
    direction = [joints[NECK][0] - joints[ROOT][0], joints[NECK][1] - joints[ROOT][1]];
    root[0] = along(joints[ROOT][0], scale, source, target);
  } else {
    const sway = (joints[NECK][0] - source.across[1]) * scale, lean = clamp(sway, -LEAN * length, LEAN * length);
    direction = [torso[0] + lean, torso[1]];
    root[0] = clamp(root[0] + sway - lean, ...reach(target));
  }
  const factor = length / Math.max(Math.hypot(...direction), 1e-6), ratio = ratios(source, target, scale)[0];
  for (let i = 11; i < 17; i++) known[i] = false;
  known[ROOT] = true;
  joints[ROOT] = [0, 1].map((axis) => joints[NECK][axis] - (direction[axis] * factor) / ratio).concat(1);
  return finish(hang(joints, known, root, scale, source, target, tall), known, target, 0);
}

// Places the joints from the hips outwards; limbs that are not seen are as at rest.
function hang(joints, known, root, scale, source, target, tall) {
  const ratio = ratios(source, target, scale), shifts = faceShifts(joints, ratio, source, target, tall / scale, tall);
  const rest = withMiddles(target.rest), result = joints.map(() => root);
  for (const [child, parent, kind] of TREE) {
    let factor = known[child] ? ratio[kind] : 1, from = parent;
    while (known[child] && !known[from] && from !== ROOT) { from = PARENT[from]; factor = scale; }
    const [origin, step] = known[child] ? [joints[from], joints[child]] : [rest[parent], rest[child]];
    if (known[from] || !known[child]) {
      let x = factor * (step[0] - origin[0]), y = factor * (step[1] - origin[1]);
      if (shifts[child] && known[child] && from === parent) {
        const longest = Math.max(Math.hypot(x, y), tall * 1.1 * target.limbs[kind]);
        [x, y] = [x + shifts[child][0], y + shifts[child][1]];
        const bound = Math.min(1, longest / Math.max(Math.hypot(x, y), 1e-9));
        [x, y] = [x * bound, y * bound];
      }
      result[child] = [result[from][0] + x, result[from][1] + y];
    } else {
      result[child] = [0, 1].map((axis) => result[parent][axis] + rest[child][axis] - rest[parent][axis]);
    }
  }
  return result;
}

function finish(points, known, target, rise) {
  const faceless = !known.slice(0, 5).some(Boolean);
  return points.slice(0, 17).map(([x, y], i) => [x, y + rise, known[i] ? 1 : i >= 5 || faceless ? target.rest[i][2] : 0]);
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
