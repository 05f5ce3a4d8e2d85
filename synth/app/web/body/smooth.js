// Smooths joints with the One-Euro filter, as synth/pixels/body/smooth.py does.
import { SMOOTH } from "../constants.js";
import { isSeen } from "./body.js";

const { HOLD, FADE, CUTOFF, BETA, SPEED_CUTOFF } = SMOOTH;
const gain = (cutoff, step) => 1 - 1 / (2 * Math.PI * cutoff * step + 1);

// Returns an object with `smooth(pose, seconds)`; a joint that is lost stays in its place, then fades. `size` is the
// height of the image in pixels.
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
