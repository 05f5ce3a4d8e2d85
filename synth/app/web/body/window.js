// Windows of a frame around a person, as in synth/runtime/dance/window.py. A window is [x, y, width, height] in the
// frame's pixels and may reach beyond the frame.
import { WINDOW } from "../constants.js";
import { resize } from "../pixels/resize.js";
import { bounds, isSeen } from "./body.js";

/** @import { Picture } from "../pixels/pixels.js" */
/** @import { Pose } from "./body.js" */

const { STEP, MARGIN, TRUNK, LEGS } = WINDOW;
export const BEYOND = WINDOW.BEYOND;

// Rounds halves to the even number, as Python does.
const round = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

function feet(pose) {
  if (isSeen(pose[15]) || isSeen(pose[16]) || !isSeen(pose[5]) || !isSeen(pose[6])) return [];
  const mean = (a, b) => [(pose[a][0] + pose[b][0]) / 2, (pose[a][1] + pose[b][1]) / 2], neck = mean(5, 6);
  const hips = isSeen(pose[11]) && isSeen(pose[12]) ? mean(11, 12) : null;
  const trunk = hips ? [hips[0] - neck[0], hips[1] - neck[1]] : [0, TRUNK * Math.abs(pose[5][0] - pose[6][0])];
  return [[neck[0] + (1 + LEGS) * trunk[0], neck[1] + (1 + LEGS) * trunk[1]]];
}

/**
 * Returns a window around a pose, in one of the aspects (width by height).
 * @param {Pose} pose
 * @param {number[]} aspects
 * @param {number[]} size of the frame: height, width
 * @returns {number[]}
 */
export function around(pose, aspects, [height, width]) {
  const inside = ([x, y]) => [Math.min(Math.max(x, 0), width), Math.min(Math.max(y, 0), height)];
  const [left, right, top, bottom] = bounds([...pose.filter(isSeen), ...feet(pose).map(inside)]);
  const margin = MARGIN * Math.max(right - left, bottom - top), across = right - left + 2 * margin, down = bottom - top + 2 * margin;
  return widened([(left + right - across) / 2, (top + bottom - down) / 2, across, down], aspects);
}

/**
 * Widens a window until it has one of the aspects.
 * @param {number[]} window
 * @param {number[]} aspects
 * @returns {number[]}
 */
export function widened([x, y, width, height], aspects) {
  let best = null;
  for (const aspect of aspects) {
    const w = Math.max(width, height * aspect), h = Math.max(height, width / aspect), longest = Math.round(Math.max(w, h) * 1000);
    if (!best || longest < best[2] || (longest === best[2] && w * h < best[0] * best[1])) best = [w, h, longest];
  }
  return [x + (width - best[0]) / 2, y + (height - best[1]) / 2, best[0], best[1]];
}

function span(start, length, limit, pixels) {
  const first = Math.min(Math.max(Math.floor(start), 0), limit - 1);
  const last = Math.max(Math.min(Math.ceil(start + length), limit), first + 1), scale = pixels / length;
  const place = Math.min(Math.max(round((first - start) * scale), 0), pixels - 1);
  return { place, count: Math.min(Math.max(round((last - first) * scale), 1), pixels - place), first, last };
}

/**
 * Returns a window of a frame as an image whose longer side is `side`, and the way back: offset and scale of its pixels.
 * @param {Picture} frame
 * @param {number[]} window
 * @param {number} side
 */
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
