// Finds and follows one person with a network that knows pictures of one person: synth/runtime/dance/tracker.py and window.py.
// A window is [x, y, width, height] in the frame's pixels, and may reach beyond it.
import { distance, isSeen } from "./body.js";
import { resize } from "./resize.js";

const FEWEST = 5, SURE = 0.33, DOUBTFUL = 0.26, SMALLEST = 12, EASE = 0.5, SPARE = 0.06;
const LARGER = 1.05, MUCH_LARGER = 1.2, EVERY = 15, AGAIN = 4, HIDDEN = 0.1;
const ACROSS = 2, HANGING = { 5: [7, 9], 6: [8, 10], 11: [13, 15], 12: [14, 16] };
const REACH = 3, INNER = [5, 6, 11, 12, 7, 8, 13, 14], OUTER = [7, 8, 13, 14, 9, 10, 15, 16];
const STEP = 32, MARGIN = 0.2, TRUNK = 1.4, LEGS = 1.45, BEYOND = 114;

const bounds = (points) => [0, 1].flatMap((axis) => [Math.min(...points.map((p) => p[axis])), Math.max(...points.map((p) => p[axis]))]);

// Rounds halves to the even number, as Python does.
const round = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

export function isPresent(pose, least) {
  const points = pose.filter(isSeen);
  if (points.length < FEWEST || ![5, 6, 11, 12].some((i) => isSeen(pose[i]))) return false;
  const [left, right, top, bottom] = bounds(points);
  return Math.max(right - left, bottom - top) >= SMALLEST && points.reduce((sum, p) => sum + p[2], 0) / points.length >= least;
}

const between = (pose) => ([a, b]) => (isSeen(pose[a]) && isSeen(pose[b]) ? distance(pose[a], pose[b]) : NaN);
const isLength = (one) => one >= 0;

function median(values) {
  const sorted = values.filter(isLength).sort((a, b) => a - b), half = sorted.length / 2;
  return sorted.length ? (sorted[Math.ceil(half) - 1] + sorted[Math.floor(half)]) / 2 : 0;
}

const trunk = (length) => Math.min(...[[5, 11], [6, 12]].map(length).filter(isLength), Infinity);
const finite = (value) => (Number.isFinite(value) ? value : 0);

// Without the shoulder, or the hip, of somebody else, and what hangs on it: synth/pixels/body/limbs.py.
function ofOneTrunk(pose) {
  const length = between(pose), usual = Math.max(median(INNER.map((a, i) => length([a, OUTER[i]]))), finite(trunk(length)));
  const face = pose.slice(0, 5).filter(isSeen), head = [0, 1].map((axis) => face.reduce((sum, p) => sum + p[axis], 0) / face.length);
  for (const [left, right] of [[5, 6], [11, 12]]) {
    if (!(usual && length([left, right]) > ACROSS * usual)) continue;
    const [a, b] = [left, right].map((i) => (face.length ? distance(pose[i], head) : -pose[i][2]));
    const [theirs, own] = a > b ? [left, right] : [right, left], at = (i) => [theirs, own].map((joint) => distance(pose[i], pose[joint]));
    const gone = [theirs, ...HANGING[theirs]].filter((i) => at(i)[0] < at(i)[1]);
    pose = pose.map((joint, i) => (gone.includes(i) ? [joint[0], joint[1], 0] : joint));
  }
  return pose;
}

// Without the ends of limbs that are too long to be one body's.
export function ofOneBody(whole) {
  const pose = ofOneTrunk(whole), length = between(pose), lengths = INNER.map((a, i) => length([a, OUTER[i]]));
  if (!lengths.some(isLength)) return pose;
  const usual = Math.max(median(lengths), length([5, 6]) || 0, finite(trunk(length)));
  const far = lengths.map((one) => one > REACH * usual), gone = far.map((one, i) => one || (i > 3 && far[i - 4]));
  return ofOnePlace(pose.map((joint, at) => (gone[OUTER.indexOf(at)] ? [joint[0], joint[1], 0] : joint)));
}

// Without what lies apart by more than all that is left measures, either way.
function ofOnePlace(pose) {
  const known = pose.flatMap((joint, i) => (isSeen(joint) ? [i] : [])), gaps = known.map((a) => known.map((b) => distance(pose[a], pose[b])));
  for (const k of known.keys()) for (const a of known.keys()) for (const b of known.keys()) gaps[a][b] = Math.min(gaps[a][b], Math.max(gaps[a][k], gaps[k][b]));
  const widest = Math.max(...gaps.flat()), groups = gaps.map((row) => known.filter((_, b) => row[b] < widest));
  const sure = groups.map((group) => group.reduce((sum, i) => sum + pose[i][2], 0)), own = groups[sure.indexOf(Math.max(...sure))];
  if (!own?.length) return pose;
  const [left, right, top, bottom] = bounds(own.map((i) => pose[i]));
  if (widest <= Math.max(right - left, bottom - top)) return pose;
  return pose.map((joint, i) => (own.includes(i) || !isSeen(joint) ? joint : [joint[0], joint[1], 0]));
}

// Whether the second of two bodies is more than `times` as large as the first, by the limbs that are seen of both.
function isLarger(one, other, times) {
  const pairs = [...INNER.map((a, i) => [a, OUTER[i]]), [5, 11], [6, 12]];
  const both = pairs.filter((pair) => pair.every((i) => isSeen(one[i]) && isSeen(other[i])));
  const size = (pose) => both.reduce((sum, [a, b]) => sum + distance(pose[a], pose[b]), 0);
  return both.length > 0 && size(other) > times * size(one);
}

// The frame without the box around somebody, so that somebody else is seen in it.
function without({ data, width, height }, pose) {
  const [left, right, top, bottom] = bounds(pose.filter(isSeen)), margin = HIDDEN * Math.max(right - left, bottom - top);
  const place = (value, most) => Math.min(Math.max(Math.floor(value), 0), most), result = Uint8Array.from(data);
  const [from, to] = [place(left - margin, width), place(right + margin, width)];
  for (let y = place(top - margin, height); y < place(bottom + margin, height); y++) result.fill(BEYOND, (y * width + from) * 3, (y * width + to) * 3);
  return { data: result, width, height };
}

function feet(pose) {
  if (isSeen(pose[15]) || isSeen(pose[16]) || !isSeen(pose[5]) || !isSeen(pose[6])) return [];
  const mean = (a, b) => [(pose[a][0] + pose[b][0]) / 2, (pose[a][1] + pose[b][1]) / 2], neck = mean(5, 6);
  const hips = isSeen(pose[11]) && isSeen(pose[12]) ? mean(11, 12) : null;
  const trunk = hips ? [hips[0] - neck[0], hips[1] - neck[1]] : [0, TRUNK * Math.abs(pose[5][0] - pose[6][0])];
  return [[neck[0] + (1 + LEGS) * trunk[0], neck[1] + (1 + LEGS) * trunk[1]]];
}

export function around(pose, aspects, [height, width]) {
  const inside = ([x, y]) => [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
  const [left, right, top, bottom] = bounds([...pose.filter(isSeen), ...feet(pose).map(inside)]);
  const margin = MARGIN * Math.max(right - left, bottom - top), across = right - left + 2 * margin, down = bottom - top + 2 * margin;
  return widened([(left + right - across) / 2, (top + bottom - down) / 2, across, down], aspects);
}

export function widened([x, y, width, height], aspects) {
  let best = null;
  for (const aspect of aspects) {
    const w = Math.max(width, height * aspect), h = Math.max(height, width / aspect), longest = Math.round(Math.max(w, h) * 1000);
    if (!best || longest < best[2] || (longest === best[2] && w * h < best[0] * best[1])) best = [w, h, longest];
  }
  return [x + (width - best[0]) / 2, y + (height - best[1]) / 2, best[0], best[1]];
}

const holds = ([x, y, width, height], pose) => pose.filter(isSeen).every(([px, py]) =>
  [(px - x) / width, (py - y) / height].every((share) => share >= SPARE && share <= 1 - SPARE));

function span(start, length, limit, pixels) {
  const first = Math.min(Math.max(Math.floor(start), 0), limit - 1);
  const last = Math.max(Math.min(Math.ceil(start + length), limit), first + 1), scale = pixels / length;
  const place = Math.min(Math.max(round((first - start) * scale), 0), pixels - 1);
  return { place, count: Math.min(Math.max(round((last - first) * scale), 1), pixels - place), first, last };
}

// The window of a frame { data: RGB, width, height } as a picture whose longer side is `side`, and the way back.
export function cut(frame, [x, y, width, height], side) {
  const fitted = (length) => {
    const share = length / Math.max(width, height);
    return share > 0.99 ? side : Math.max(STEP, round((share * side) / STEP) * STEP);
  };
  const w = fitted(width), h = fitted(height), across = span(x, width, frame.width, w), down = span(y, height, frame.height, h);
  const part = resize(frame, across.first, down.first, across.last - across.first, down.last - down.first, across.count, down.count);
  const data = new Uint8Array(w * h * 3).fill(BEYOND);
  for (let row = 0; row < down.count; row++) {
    data.set(part.subarray(row * across.count * 3, (row + 1) * across.count * 3), ((down.place + row) * w + across.place) * 3);
  }
  const scale = [(across.last - across.first) / across.count, (down.last - down.first) / down.count];
  return { picture: { data, width: w, height: h }, from: [across.first - scale[0] * across.place, down.first - scale[1] * down.place], scale };
}

function places(height, width) {
  const side = Math.min(height, width), rest = Math.max(height, width) - side, whole = [0, 0, width, height];
  if (rest < side / 5) return [whole];
  return [whole, ...[rest / 2, 0, rest].map((at) => (width > height ? [at, 0, side, side] : [0, at, side, side]))];
}

// `estimate(picture)` resolves to a pose in the picture's pixels; `track(frame)` to one in the frame's, or null.
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

  // Who is followed, or somebody else who is much larger, now as well as AGAIN frames ago.
  async function largest(frame, pose, size) {
    if ((wait -= 1)) return pose;
    const other = await find(without(frame, pose), widened(places(...size)[0], [1]), size), known = rival;
    rival = other !== null && isLarger(pose, other, MUCH_LARGER);
    wait = rival && !known ? AGAIN : EVERY;
    if (!rival || !known) return pose;
    rival = false;
    window = around(other, aspects, size);
    return other;
  }

  // Of two people the larger.
  async function search(frame, size) {
    const all = places(...size), place = widened(all[turn++ % all.length], [1]), found = await find(frame, place, size);
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
