// Retargets a live person to a character with continuous calibration, as synth/pixels/body/live_retargeting.py does.
import { CALIBRATION, NECK, ROOT } from "../constants.js";
import { distance, isSeen, mirror, toward, usualStature, withMiddles } from "./body.js";
import { limbLengths, measurePerson } from "./measure.js";
import { makeMotion } from "./motion.js";
import { putTogether, restPlan, upperPlan, wholePlan } from "./retarget.js";
import { makeStanding } from "./standing.js";

const { MEMORY, EVERY, SETTLE, LEGS_AFTER, LEGS_SURE, LEGS_HELD, NEAR, BLEND } = CALIBRATION;

const isEnough = (pose) => isSeen(pose[0]) && isSeen(pose[5]) && isSeen(pose[6]);
const showsLegs = (joints, tall) => [13, 14, 15, 16].some((i, at) =>
  isSeen(joints[i]) && (!isSeen(joints[NECK]) || distance(joints[i], joints[NECK]) > NEAR[at] * tall));

function feet(joints, body, { tall }) {
  const legs = (body.limbs[2] + body.limbs[3]) * tall, shoulders = [5, 6].filter((i) => isSeen(joints[i])).map((i) => joints[i][1]);
  if (isSeen(joints[ROOT])) return joints[ROOT][1] + legs;
  return shoulders.reduce((sum, y) => sum + y, 0) / shoulders.length + legs + body.limbs[0] * tall;
}

// Returns an object whose `move(pose or null, seconds, [height, width])` gives the character's pose.
export function makeRetargeter(target, mirrored = true) {
  const motion = makeMotion(), standing = makeStanding(), own = limbLengths(withMiddles(target.rest)), stature = usualStature(target);
  const lengths = target.limbs.map((length, kind) => (own[kind] > length * stature ? own[kind] : length * stature));
  let poses, stances, size, body, goal, start, noted, measured, now, legs, left, mode, last = null, offset = [0, 0];

  function recalibrate() {
    [poses, stances, size, body, goal, legs, left, mode] = [[], [], [0, 0], null, null, null, -Infinity, "rest"];
    start = noted = measured = now = -Infinity;
    standing.reset();
  }

  function calibrate(pose, stance, time, step) {
    if (!poses.length) start = time;
    if (time - noted >= EVERY) {
      poses.push(pose);
      stances.push([stance.tall, stance.line]);
      if (poses.length > MEMORY) { poses.shift(); stances.shift(); }
      noted = time;
      if (poses.length <= 10 || time - measured >= 1) {
        goal = measurePerson(poses, stances, size);
        measured = time;
      }
    }
    if (!body || !goal) body = goal;
    else body = toward(body, goal, 1 - Math.exp(-step / Math.min(Math.max((time - start) / 2, 0.05), SETTLE)));
  }

  function choose(joints, stance, shown, time) {
    if (shown && body.ground.length && target.ground.length) {
      left = time;
      const mean = joints.slice(11, 17).reduce((sum, joint) => sum + joint[2], 0) / 6;
      legs ??= time - (mode === "rest" && mean >= LEGS_SURE ? LEGS_AFTER : 0);
    } else if (time - left > LEGS_HELD || !body.ground.length || feet(joints, body, stance) > size[0]) legs = null;
    return legs === null || time - legs < LEGS_AFTER - 1e-6 ? "upper" : "whole";
  }

  function plan(pose, time, step, frame) {
    if (!pose || !(isSeen(pose[5]) || isSeen(pose[6]))) return ["rest", restPlan(target)];
    if (poses.length && (frame[0] !== size[0] || frame[1] !== size[1])) {
      recalibrate();
      now = time;
    }
    size = frame;
    const joints = withMiddles(pose), stance = standing.update(joints, step);
    if (stance && isEnough(pose)) calibrate(pose, stance, time, step);
    if (!body || !stance) return ["rest", restPlan(target)];
    const shown = showsLegs(joints, stance.tall), next = choose(joints, stance, shown, time);
    return [next, next === "whole" ? wholePlan(joints, body, target, stance, shown) : upperPlan(joints, body, target, stance.tall)];
  }

  // After a change of mode the character moves from where it was to its place within moments.
  function draw(planned, next, step) {
    const pose = putTogether({ ...planned, vectors: motion(planned.vectors, planned.scores, lengths, step) }, target);
    const hips = (of) => [0, 1].map((axis) => (of[11][axis] + of[12][axis]) / 2);
    if (last && next !== mode) offset = [0, 1].map((axis) => hips(last)[axis] - hips(pose)[axis]);
    offset = offset.map((value) => value * Math.exp(-step / BLEND));
    mode = next;
    return (last = pose.map(([x, y, score]) => [x + offset[0], y + offset[1], score]));
  }

  function move(given, time, frame) {
    const step = Number.isFinite(now) ? Math.min(Math.max(time - now, 0), 1) : 0;
    now = time;
    const [next, planned] = plan(given && mirrored ? mirror(given, frame[1]) : given, time, step, frame);
    return draw(planned, next, step);
  }

  recalibrate();
  return { move, recalibrate, mode: () => mode };
}
