// A character follows a person, continuously calibrated: synth/pixels/body/follow.py; steady joints: smooth.py.
import { isSeen, isWhole, mirror, toward } from "./body.js";
import { measure } from "./measure.js";
import { retarget } from "./retarget.js";

const MEMORY = 300, EVERY = 0.2, SETTLE = 1.5, LEGS_AFTER = 0.4, BLEND = 0.15;
const HOLD = 0.3, FADE = 0.4, CUTOFF = 1.5, BETA = 20, SPEED_CUTOFF = 1;

const isEnough = (pose) => isSeen(pose[0]) && isSeen(pose[5]) && isSeen(pose[6]);

// `follow(pose or null, seconds, [height, width])` gives the character's pose.
export function makeFollower(target, mirrored = true) {
  let poses, size, body, goal, start, noted, measured, now, ankles, mode, last = null;
  let offset = target.rest.map(() => [0, 0]);

  function recalibrate() {
    [poses, size, body, goal, ankles, mode] = [[], [0, 0], null, null, null, "rest"];
    start = noted = measured = now = -Infinity;
  }

  function calibrate(pose, time, step, given) {
    if (poses.length && (given[0] !== size[0] || given[1] !== size[1])) {
      recalibrate();
      now = time;
    }
    size = given;
    if (!poses.length) start = time;
    if (time - noted >= EVERY) {
      poses.push(pose);
      if (poses.length > MEMORY) poses.shift();
      noted = time;
      if (poses.length <= 10 || time - measured >= 1) {
        goal = measure(poses, size);
        measured = time;
      }
    }
    if (!body || !goal) body = goal;
    else body = toward(body, goal, 1 - Math.exp(-step / Math.min(Math.max((time - start) / 2, 0.05), SETTLE)));
  }

  function choose(pose, time) {
    if (!pose || !body || !(isSeen(pose[5]) || isSeen(pose[6]))) {
      ankles = null;
      return "rest";
    }
    if (!isWhole(pose) || !body.ground.length) {
      ankles = null;
      return "upper";
    }
    ankles ??= time - (mode === "rest" ? LEGS_AFTER : 0);
    return time - ankles >= LEGS_AFTER - 1e-6 ? "whole" : "upper";
  }

  // After a change of mode the pose starts where the last one was and drifts to where it belongs.
  function soften(pose, next, step) {
    if (last && next !== mode) {
      offset = pose.map((joint, i) => (isSeen(joint) && isSeen(last[i]) ? [last[i][0] - joint[0], last[i][1] - joint[1]] : [0, 0]));
    }
    const left = Math.exp(-step / BLEND);
    offset = offset.map(([x, y]) => [x * left, y * left]);
    mode = next;
    return (last = pose.map(([x, y, score], i) => [x + offset[i][0], y + offset[i][1], score]));
  }

  function follow(given, time, frame) {
    const step = Number.isFinite(now) ? Math.min(Math.max(time - now, 0), 1) : 0;
    now = time;
    const pose = given && mirrored ? mirror(given, frame[1]) : given;
    if (pose && isEnough(pose)) calibrate(pose, time, step, frame);
    const next = choose(pose, time);
    return soften(next === "rest" ? target.rest : retarget(pose, body, target, next === "whole"), next, step);
  }

  recalibrate();
  return { follow, recalibrate, mode: () => mode };
}

const gain = (cutoff, step) => 1 - 1 / (2 * Math.PI * cutoff * step + 1);

// The One-Euro filter, joint by joint: `smooth(pose, seconds)`; a joint that is lost holds its place, then fades.
export function makeSmoother(size = 256) {
  let joints = null, now = -Infinity;

  function move(joint, [x, y, score], time) {
    if (joint.seen === -Infinity) return Object.assign(joint, { place: [x, y], score, speed: [0, 0], seen: time });
    const step = Math.max(time - joint.seen, 1e-4), way = [x - joint.place[0], y - joint.place[1]];
    joint.speed = joint.speed.map((speed, axis) => speed + gain(SPEED_CUTOFF, step) * (way[axis] / step - speed));
    const pull = gain(CUTOFF + (BETA * Math.hypot(...joint.speed)) / size, step);
    return Object.assign(joint, { place: joint.place.map((at, axis) => at + pull * way[axis]), score, seen: time });
  }

  function smooth(pose, time) {
    if (!joints || time - now > 1 + HOLD + FADE) {
      joints = pose.map(() => ({ place: [0, 0], score: 0, speed: [0, 0], seen: -Infinity }));
      now = -Infinity;
    }
    now = Math.max(time, now + 1e-4);
    return pose.map((given, i) => {
      const joint = joints[i];
      if (isSeen(given)) move(joint, given, now);
      const left = Math.min(Math.max(1 - (now - joint.seen - HOLD) / FADE, 0), 1);
      if (left <= 0) joint.seen = -Infinity;
      return [...joint.place, joint.score * left];
    });
  }

  return { smooth, reset: () => { joints = null; now = -Infinity; } };
}
