// Images: the modules of web/pixels/ compute what Python computes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, load, near, picture } from "./support.js";

test("padding is that of Python", async () => {
  const { crop, pad } = await load("pixels/pixels.js");
  for (const { image, multiple, expected } of fixture("padded")) {
    const given = picture(image), found = pad(given, multiple);
    assert.deepEqual(found, picture(expected));
    assert.deepEqual(crop(found, given.width, given.height), given);
  }
});

test("a character is cut out as in Python", async () => {
  const { makeMatte } = await load("pixels/matte.js");
  for (const { side, plate, steps } of fixture("matted")) {
    const matte = makeMatte();
    for (const { image, cover, alone, gap } of steps) {
      const found = matte(picture(image), Uint8Array.from(cover.flat()), picture(plate).data);
      near([...found.gap], gap.flat(), 1, "gap");
      near([...found.alone.data], alone.flat(2), 2, "alone");
    }
    const [{ gap }] = steps, middle = side / 2;
    assert.ok(gap.flat().some((value) => value < 5), "somebody");
    assert.ok(gap[middle - 4][middle - 4] > 250, "a view past an elbow");
    assert.equal(gap[middle + 8][middle - 4], 0, "a false hole is closed");
  }
});

test("an image that shrinks is averaged, one that grows is interpolated", async () => {
  const { resize } = await load("pixels/resize.js"), row = [0, 100, 200, 40].flatMap((value) => [value, value, value]);
  const shrunk = resize({ data: Uint8Array.from(row), width: 4 }, 0, 0, 4, 1, 2, 1);
  assert.deepEqual([...shrunk], [50, 50, 50, 120, 120, 120]);
  const grown = resize({ data: Uint8Array.from(row), width: 4 }, 1, 0, 2, 1, 4, 1);
  assert.deepEqual([...grown].filter((_, i) => i % 3 === 0), [100, 125, 175, 200]);
});
