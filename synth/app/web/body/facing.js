// Tells over time which way a person faces, as synth/pixels/body/facing.py does for live images.
import { FACING, TYPICAL } from "../constants.js";
import { clamp, isSeen } from "./body.js";

const { ANGLES, LIVE_TURN, WIDTH, FRONT_WRONG, SIDE_WRONG, BACK_WRONG, OUTLIER, LIVE_INDEPENDENT, BACKS, SURE } = FACING;
const { FACE_SCORE, FACE_WEIGHT, FACE_RANGE, FACE_SATURATED } = FACING;
const ANGLE = Array.from({ length: ANGLES }, (_, i) => (2 * Math.PI * i) / ANGLES), COSINES = ANGLE.map(Math.cos);
const WRONG = COSINES.map((c) => SIDE_WRONG + ((c < 0 ? BACK_WRONG : FRONT_WRONG) - SIDE_WRONG) * Math.min(2 * Math.abs(c), 1));
const bell = (x) => Math.exp(-(x * x) / 2);
const sum = (values) => values.reduce((all, value) => all + value, 0);

// Returns the log-likelihood of a pose of a person of stature `tall` at each angle.
export function evidence(pose, tall) {
  const widths = [[5, 4], [11, 1]].filter(([left]) => isSeen(pose[left]) && isSeen(pose[left + 1]));
  const full = sum(widths.map(([, kind]) => 2 * TYPICAL[kind] * tall)), width = sum(widths.map(([left]) => pose[left][0] - pose[left + 1][0])) / full;
  const score = Number.isFinite(pose[0][2]) ? pose[0][2] : 0, faces = (isSeen(pose[5]) || isSeen(pose[6])) && score < FACE_SATURATED;
  const face = faces ? clamp((score - FACE_SCORE) * FACE_WEIGHT, FACE_RANGE[0], FACE_RANGE[1]) : 0;
  return COSINES.map((c, i) => {
    const trunk = widths.length ? Math.log((1 - WRONG[i]) * bell((width - c) / WIDTH) + WRONG[i] * bell((width + c) / WIDTH) + OUTLIER) : 0;
    return trunk + face * c;
  });
}

function turned(weights, step) {
  const variance = (LIVE_TURN * Math.max(Math.floor(step * 1000 + 0.5), 1)) / 1000;
  const kernel = ANGLE.map((angle) => Math.exp(-(Math.min(angle, 2 * Math.PI - angle) ** 2) / (2 * variance))), all = sum(kernel);
  return weights.map((_, to) => sum(weights.map((weight, from) => (weight * kernel[(to - from + ANGLES) % ANGLES]) / all)));
}

// Returns an object with `update(evidence or null, seconds since the last)`: whether the person faces the camera.
export function makeFacing() {
  let weights, front;

  function reset() {
    weights = COSINES.map((c) => (c > 0 ? 1 - BACKS : BACKS));
    const all = sum(weights);
    weights = weights.map((weight) => weight / all);
    front = true;
  }

  function update(likely, step) {
    weights = turned(weights, step);
    if (likely) {
      const trust = Math.min(Math.max(step, 1 / 60) / LIVE_INDEPENDENT, 1), most = Math.max(...likely);
      weights = weights.map((weight, i) => weight * Math.exp((likely[i] - most) * trust));
    }
    const all = sum(weights);
    weights = weights.map((weight) => weight / all);
    const facing = sum(weights.map((weight, i) => (Math.abs(COSINES[i]) <= 1e-9 ? weight / 2 : COSINES[i] > 0 ? weight : 0)));
    if (facing > SURE || facing < 1 - SURE) front = facing > 0.5;
    return front;
  }

  reset();
  return { update, reset };
}
