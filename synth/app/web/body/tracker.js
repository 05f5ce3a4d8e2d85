// Tracks one person with a network that was trained on images of one person, as synth/runtime/dance/tracker.py does.
import { TRACKER } from "../constants.js";
import { bounds, distance, isSeen } from "./body.js";
import { INNER, OUTER, ofOneBody } from "./limbs.js";
import { BEYOND, around, cut, widened } from "./window.js";

const { FEWEST, SURE, DOUBTFUL, SMALLEST, EASE, SPARE, LARGER, MUCH_LARGER, EVERY, AGAIN, HIDDEN } = TRACKER;

export function isPresent(pose, least) {
  const points = pose.filter(isSeen);
  if (points.length < FEWEST || ![5, 6, 11, 12].some((i) => isSeen(pose[i]))) return false;
  const [left, right, top, bottom] = bounds(points);
  return Math.max(right - left, bottom - top) >= SMALLEST && points.reduce((sum, p) => sum + p[2], 0) / points.length >= least;
}

// Returns whether the second of two bodies is more than `times` as large as the first, by the limbs that are seen of both.
function isLarger(one, other, times) {
  const pairs = [...INNER.map((a, i) => [a, OUTER[i]]), [5, 11], [6, 12]];
  const both = pairs.filter((pair) => pair.every((i) => isSeen(one[i]) && isSeen(other[i])));
  const size = (pose) => both.reduce((sum, [a, b]) => sum + distance(pose[a], pose[b]), 0);
  return both.length > 0 && size(other) > times * size(one);
}

// Returns the frame with a box over one person, so that another person is found in it.
function without({ data, width, height }, pose) {
  const [left, right, top, bottom] = bounds(pose.filter(isSeen)), margin = HIDDEN * Math.max(right - left, bottom - top);
  const place = (value, most) => Math.min(Math.max(Math.floor(value), 0), most), result = Uint8Array.from(data);
  const [from, to] = [place(left - margin, width), place(right + margin, width)];
  for (let y = place(top - margin, height); y < place(bottom + margin, height); y++) result.fill(BEYOND, (y * width + from) * 3, (y * width + to) * 3);
  return { data: result, width, height };
}

/** @param {number[]} window @param {number[][]} pose */
const holds = ([x, y, width, height], pose) => pose.filter(isSeen).every(([px, py]) =>
  [(px - x) / width, (py - y) / height].every((share) => share >= SPARE && share <= 1 - SPARE));

function places([height, width]) {
  const side = Math.min(height, width), rest = Math.max(height, width) - side, whole = [0, 0, width, height];
  if (rest < side / 5) return [whole];
  return [whole, ...[rest / 2, 0, rest].map((at) => (width > height ? [at, 0, side, side] : [0, at, side, side]))];
}

// `estimate(image)` resolves to a pose in the image's pixels, `track(frame)` to one in the frame's, or null.
export function makeTracker(estimate, side, narrow) {
  const aspects = [1, narrow / side, side / narrow];
  let window = null, turn = 0, wait = EVERY, rival = false;

  async function look(frame, where) {
    const { picture, from, scale } = cut(frame, where, side);
    return ofOneBody((await estimate(picture)).map(([x, y, score]) => [from[0] + scale[0] * x, from[1] + scale[1] * y, score]));
  }

  async function find(frame, place, size) {
    const first = await look(frame, place);
    if (!isPresent(first, DOUBTFUL)) return null;
    const pose = await look(frame, around(first, aspects, size));
    return isPresent(pose, SURE) ? pose : null;
  }

  // Returns the tracked person, or another person who is much larger now and was so AGAIN frames ago.
  async function largest(frame, pose, size) {
    if ((wait -= 1)) return pose;
    const other = await find(without(frame, pose), widened(places(size)[0], [1]), size), known = rival;
    rival = other !== null && isLarger(pose, other, MUCH_LARGER);
    wait = rival && !known ? AGAIN : EVERY;
    if (!rival || !known) return pose;
    rival = false;
    window = around(other, aspects, size);
    return other;
  }

  // Returns the larger of two people.
  async function search(frame, size) {
    const all = places(size), place = widened(all[turn++ % all.length], [1]), found = await find(frame, place, size);
    if (!found) return null;
    const other = await find(without(frame, found), place, size), pose = other && isLarger(found, other, LARGER) ? other : found;
    window = around(pose, aspects, size);
    return pose;
  }

  async function track(frame) {
    const size = [frame.height, frame.width];
    if (!window) return search(frame, size);
    const found = await look(frame, window);
    if (!isPresent(found, DOUBTFUL)) {
      reset();
      return search(frame, size);
    }
    const pose = await largest(frame, found, size);
    const wanted = around(pose, aspects, size), eased = widened(window.map((value, i) => value + EASE * (wanted[i] - value)), aspects);
    window = holds(eased, pose) ? eased : wanted;
    return pose;
  }

  function reset() { [window, turn, wait, rival] = [null, 0, EVERY, false]; }

  return { track, reset };
}
