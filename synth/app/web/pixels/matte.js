// Cuts a character out of its background, as synth/pixels/matte.py does. Images are { data: RGB, width, height }.
import { MATTE } from "../constants.js";

const { NOISE, BODY, CLOSED, CLEAR, SPECK, STEADY, LEAST } = MATTE;

// Returns the largest, or the smallest, value of a plane in a disc around each pixel; outside the border it is `beyond`.
function around(plane, { width, height }, radius, least, beyond) {
  const wide = width + 2 * radius, padded = new Uint8Array(wide * (height + 2 * radius)).fill(beyond), places = [];
  for (let y = 0; y < height; y++) padded.set(plane.subarray(y * width, (y + 1) * width), (y + radius) * wide + radius);
  for (let y = -radius; y <= radius; y++) {
    const reach = Math.round(Math.sqrt(radius * radius - y * y));
    for (let x = -reach; x <= reach; x++) places.push(y * wide + x);
  }
  const result = new Uint8Array(plane.length), count = places.length;
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0, from = (y + radius) * wide + radius; x < width; x++, from++, to++) {
      let best = padded[from];
      for (let i = 0; i < count; i++) {
        const value = padded[from + places[i]];
        if (least ? value < best : value > best) best = value;
      }
      result[to] = best;
    }
  }
  return result;
}

// Fills the holes of `body` that no background is seen through.
function fill(body, cover, { width, height }) {
  const least = SPECK * (Math.max(width, height) / 256) ** 2, known = Uint32Array.from(body);
  for (let start = 0; start < body.length; start++) {
    if (known[start]) continue;
    const area = [];
    let open = false, clear = 0;
    const visit = (at) => { if (known[at] === 0) known[at] = area.push(at); };
    visit(start);
    for (let next = 0; next < area.length; next++) {
      const at = area[next], left = at % width === 0, right = at % width === width - 1;
      open ||= left || right || at < width || at >= body.length - width;
      if (cover[at] < CLEAR) clear += 1;
      if (!left) visit(at - 1);
      if (!right) visit(at + 1);
      visit(at - width);
      visit(at + width);
    }
    if (!open && clear < least) for (const at of area) body[at] = 1;
  }
}

// Returns a cover without noise, pits and false holes.
function mended(cover, size) {
  const radius = Math.max(3, Math.round((CLOSED * Math.max(size.width, size.height)) / 256) | 1) >> 1;
  const quiet = cover.map((value) => Math.max(0, Math.min(2 * value - NOISE, value)));
  const closed = around(around(quiet, size, radius, false, 0), size, radius, true, 255);
  const body = closed.map((value) => Number(value > BODY));
  fill(body, closed, size);
  const inner = around(body, size, radius, true, 0);
  return closed.map((value, i) => (inner[i] ? 255 : value));
}

// Returns a function for one image after another: `cover` is how much of each pixel is covered, `plate` the background's
// RGB. It returns the character `alone` on black, and the `gap` through which another background is seen.
export function makeMatte() {
  let last = null;
  return (picture, cover, plate) => {
    const whole = Float32Array.from(mended(cover, picture));
    if (last && last.length === whole.length) {
      for (let i = 0; i < whole.length; i++) {
        const change = whole[i] - last[i], far = Math.min(Math.abs(change) / STEADY, 1);
        whole[i] = last[i] + change * (LEAST + (1 - LEAST) * far * far);
      }
    }
    last = whole;
    const gap = Uint8Array.from(whole, (value) => 255.5 - value), alone = new Uint8Array(picture.data.length);
    for (let i = 0; i < alone.length; i++) {
      const open = gap[(i / 3) | 0], behind = Math.round((plate[i] * open) / 255);
      alone[i] = Math.min(Math.max(picture.data[i] - behind, 0), 255 - open);
    }
    return { alone: { ...picture, data: alone }, gap };
  };
}
