// Keeps a tracked pose plausible, as synth/pixels/body/steady_pose.py does.
import { STEADY, TREE, TYPICAL } from "../constants.js";
import { distance, isSeen, withMiddles } from "./body.js";
import { evidence, makeFacing } from "./facing.js";
import { withSides } from "./sides.js";
import { makeStanding } from "./standing.js";

const { SPEED, SLACK, AGREE, REACH, NECK_TURN, OVER, UPSIDE } = STEADY;
const LIMBS = TREE.filter(([child, parent, kind]) => child < 17 && parent < 17 && kind < 8), TRUNK = [5, 6, 11, 12];

const middle = (pose, a, b) => [(pose[a][0] + pose[b][0]) / 2, (pose[a][1] + pose[b][1]) / 2];
const less = (a, b) => [a[0] - b[0], a[1] - b[1]];
const trunk = (pose) => less(middle(pose, 5, 6), middle(pose, 11, 12));
const unseen = ([x, y]) => [x, y, 0];

function between(a, b) {
  const way = Math.atan2(a[1], a[0]) - Math.atan2(b[1], b[0]);
  return Math.abs(way - 2 * Math.PI * Math.floor(way / (2 * Math.PI) + 0.5));
}

function dropImpossible(pose, tall) {
  for (const [child, parent, kind] of LIMBS) {
    if (isSeen(pose[child]) && isSeen(pose[parent]) && distance(pose[child], pose[parent]) > REACH * TYPICAL[kind] * tall) pose[child] = unseen(pose[child]);
  }
  if ([0, ...TRUNK].every((i) => isSeen(pose[i]))) {
    const head = less(pose[0], middle(pose, 5, 6));
    if (Math.hypot(...head) > SLACK * tall && between(head, trunk(pose)) > NECK_TURN) for (let i = 0; i < 5; i++) pose[i] = unseen(pose[i]);
  }
}

// Returns an object with `steady(pose or null, seconds)`: the plausible joints, or null.
export function makeSteady() {
  const facing = makeFacing(), standing = makeStanding();
  let last, when, rival, since, over, now;

  function reset() {
    facing.reset();
    standing.reset();
    [last, over, now] = [null, null, null];
    [when, since, rival] = [-Infinity, Infinity, null].map((value) => new Array(17).fill(value));
  }

  const recent = (time) => last && last.map((joint, i) => (time - when[i] > UPSIDE ? unseen(joint) : joint));

  function isOver(pose, time) {
    if (!last || !TRUNK.every((i) => isSeen(pose[i]) && isSeen(last[i]))) return false;
    if (time - Math.min(...TRUNK.map((i) => when[i])) > 2 * UPSIDE || between(trunk(pose), trunk(last)) < OVER) {
      over = null;
      return false;
    }
    over ??= time;
    return time - over < UPSIDE;
  }

  // Says whether a joint that moved too fast has been seen at its new place for a while.
  function isBelieved(joint, here, time, tall) {
    const moved = rival[joint] ? distance(here, rival[joint]) : Infinity;
    if (!Number.isFinite(since[joint]) || moved > (SPEED[joint] / 15 + SLACK) * tall) since[joint] = time;
    rival[joint] = here;
    return time - since[joint] >= AGREE;
  }

  function believe(pose, time, tall) {
    const fresh = !last;
    last ??= pose.map(() => [0, 0, 0]);
    pose.forEach((here, joint) => {
      if (!isSeen(here)) return;
      const age = time - when[joint], near = fresh || age > 1 || distance(here, last[joint]) <= (SPEED[joint] * age + SLACK) * tall;
      if (!near && !isBelieved(joint, here, time, tall)) {
        pose[joint] = unseen(here);
        return;
      }
      [since[joint], last[joint], when[joint]] = [Infinity, here, time];
    });
  }

  function steady(found, time) {
    const step = now === null ? 0 : Math.min(Math.max(time - now, 0), 1);
    now = time;
    const stance = found && standing.update(withMiddles(found), step);
    const front = facing.update(stance ? evidence(found, stance.tall) : null, step);
    if (!stance) return null;
    const pose = withSides(found, front, stance.tall, recent(time));
    if (isOver(pose, time)) return recent(time);
    dropImpossible(pose, stance.tall);
    believe(pose, time, stance.tall);
    return pose.some(isSeen) ? pose : null;
  }

  reset();
  return { steady, reset };
}
