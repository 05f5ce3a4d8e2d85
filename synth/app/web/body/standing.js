// Tells how large a person appears and where they stand, as synth/pixels/body/standing.py does.
import { STANDING, TYPICAL } from "../constants.js";
import { isSeen } from "./body.js";
import { limbLengths } from "./measure.js";

const { SIZED, HEADED, UNSURE, GROW, SHRINK, STAY, SAME, MOVED, GONE, SETTLE, WALK, LAND, LEAP, AIR, FLOOR } = STANDING;

// Returns an object with `update(19 joints, seconds since the last)`: the stance, or null until enough was seen.
export function makeStanding() {
  let tall, line, low, home, seen, air, age;

  function reset() { [tall, line, low, home, seen, air, age] = [null, 0, 0, 0, false, 0, 0]; }

  function size(joints, step) {
    const best = Math.max(...joints.map((joint) => joint[2] || 0));
    const lengths = limbLengths(joints.map((joint) => (joint[2] >= UNSURE * best ? joint : [0, 0, 0])));
    const kinds = Number.isFinite(lengths[0]) ? SIZED : [...SIZED, ...HEADED];
    const sizes = kinds.filter((kind) => Number.isFinite(lengths[kind])).map((kind) => lengths[kind] / TYPICAL[kind]).sort((a, b) => b - a);
    if (sizes.length < 2) return;
    const now = sizes[1];
    age += step;
    if (tall === null) [tall, age] = [now, 0];
    let slow = now > tall ? GROW : SHRINK;
    if (age < SETTLE) slow = Math.min(slow, Math.max(age, SETTLE / 10));
    else if (Math.abs(line - home) > MOVED * tall) slow = GROW;
    else if (Math.abs(now / tall - 1) < SAME) slow = STAY;
    tall += (now - tall) * (1 - Math.exp(-step / slow));
    home += (line - home) * (1 - Math.exp(-step / GONE));
  }

  function ground(joints, step) {
    if (!isSeen(joints[15]) || !isSeen(joints[16])) return;
    const now = Math.max(joints[15][1], joints[16][1]);
    if (!seen) [line, low, home, seen] = [now, now, now, true];
    const speed = (low - now) / Math.max(step, 1e-3) / tall, height = (line - now) / tall;
    low = now;
    if (height < FLOOR) air = 0;
    else if (speed > LEAP && !air) air = AIR;
    if (height < 0) line = Math.min(line + LAND * tall * step, now);
    else {
      if (air) air = Math.max(air - step, 1e-9);
      if (air <= 1e-9) line -= Math.min(WALK * step, height) * tall;
    }
  }

  function update(joints, step) {
    size(joints, step);
    if (tall === null) return null;
    ground(joints, step);
    return { tall, line: seen ? line : NaN, loose: FLOOR * tall };
  }

  reset();
  return { update, reset };
}
