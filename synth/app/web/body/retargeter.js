// Retargets a live person to a character with continuous calibration, as synth/pixels/body/follow.py does.
import { CALIBRATION } from "../constants.js";
import { isSeen, isWhole, mirror, toward } from "./body.js";
import { measure } from "./measure.js";
import { retarget } from "./retarget.js";

const { MEMORY, EVERY, SETTLE, LEGS_AFTER, BLEND } = CALIBRATION;

const isEnough = (pose) => isSeen(pose[0]) && isSeen(pose[5]) && isSeen(pose[6]);

// Returns an object whose `move(pose or null, seconds, [height, width])` gives the character's pose.
export function makeRetargeter(target, mirrored = true) {
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

  // After a change of mode the pose starts where the last one was and moves to its place within moments.
  function soften(pose, next, step) {
    if (last && next !== mode) {
      offset = pose.map((joint, i) => (isSeen(joint) && isSeen(last[i]) ? [last[i][0] - joint[0], last[i][1] - joint[1]] : [0, 0]));
    }
    const left = Math.exp(-step / BLEND);
    offset = offset.map(([x, y]) => [x * left, y * left]);
    mode = next;
    return (last = pose.map(([x, y, score], i) => [x + offset[i][0], y + offset[i][1], score]));
  }

  function move(given, time, frame) {
    const step = Number.isFinite(now) ? Math.min(Math.max(time - now, 0), 1) : 0;
    now = time;
    const pose = given && mirrored ? mirror(given, frame[1]) : given;
    if (pose && isEnough(pose)) calibrate(pose, time, step, frame);
    const next = choose(pose, time);
    return soften(next === "rest" ? target.rest : retarget(pose, body, target, next === "whole"), next, step);
  }

  recalibrate();
  return { move, recalibrate, mode: () => mode };
}
