// Joints, bodies and tracking: the modules of web/body/ compute what Python computes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture, load, near, picture } from "./support.js";

const PIXELS = 0.01;  // how far a joint may be from Python's

test("a person is measured as in Python", async () => {
  const { measurePerson } = await load("body/measure.js"), { size, cases, stances, bodies } = fixture("measured");
  assert.ok(bodies.some((body) => body.ground.length) && bodies.some((body) => !body.ground.length));
  cases.forEach((poses, i) => {
    const found = measurePerson(poses, stances[i].map(([tall, line]) => [tall, line ?? NaN]), size);
    for (const name of ["ground", "stature", "across"]) near(found[name], bodies[i][name], PIXELS, name);
    for (const name of ["limbs", "face"]) near(found[name], bodies[i][name], 1e-4, name);
  });
});

test("a person's size and ground are told as in Python", async () => {
  const { makeStanding } = await load("body/standing.js"), { withMiddles } = await load("body/body.js"), { poses, expected } = fixture("standing");
  const standing = makeStanding();
  poses.forEach((pose, i) => {
    const found = standing.update(withMiddles(pose), 0.05);
    if (!expected[i]) return assert.equal(found, null);
    near([found.tall, Number.isNaN(found.line) ? null : found.line, found.loose], expected[i], PIXELS, `frame ${i}`);
  });
});

test("joints are kept plausible as in Python", async () => {
  const { makeSteady } = await load("body/steady.js"), { poses, nobody, times, expected } = fixture("steadied"), { steady } = makeSteady();
  poses.forEach((pose, i) => {
    const found = steady(i >= nobody[0] && i < nobody[1] ? null : pose, times[i]);
    expected[i] === null ? assert.equal(found, null) : near(found, expected[i], PIXELS, `frame ${i}`);
  });
});

test("a pose is retargeted as in Python, with and without legs", async () => {
  const { retarget } = await load("body/retarget.js"), { poses, source, target, expected } = fixture("retargeted");
  poses.forEach((pose, i) => [true, false].forEach((legs, k) => {
    near(retarget(pose, source, target, legs), expected[i][k], PIXELS, `pose ${i}, legs ${legs}`);
  }));
});

test("a live person is retargeted as in Python, mirrored or not", async () => {
  const { makeRetargeter } = await load("body/retargeter.js"), { size, poses, target, runs } = fixture("retargeter");
  for (const { mirrored, poses: expected, modes } of runs) {
    const retargeter = makeRetargeter(target, mirrored), found = poses.map((pose, i) => [retargeter.move(pose, i / 20, size), retargeter.mode()]);
    assert.deepEqual(found.map(([, mode]) => mode), modes);
    assert.equal(new Set(modes).size, 3, "whole, upper and rest");
    near(found.map(([pose]) => pose), expected, PIXELS);
  }
});

test("joints are smoothed as in Python", async () => {
  const { makeSmoother } = await load("body/smooth.js"), { size, poses, times, expected } = fixture("smoothed");
  const { smooth } = makeSmoother(size);
  near(poses.map((pose, i) => smooth(pose, times[i])), expected, PIXELS);
});

test("joints of somebody else are dropped as in Python", async () => {
  const { ofOneBody } = await load("body/limbs.js"), { poses, expected } = fixture("one_body");
  near(poses.map(ofOneBody), expected, 1e-4);
  const changed = poses.filter((pose, i) => JSON.stringify(pose) !== JSON.stringify(expected[i]));
  assert.ok(changed.length > 24);
});

test("a window is cut and resized as in Python", async () => {
  const { cut } = await load("body/window.js"), { side, frame, results } = fixture("windows");
  for (const { window, image, from, scale } of results) {
    const found = cut(picture(frame), window, side), expected = picture(image);
    assert.deepEqual([found.picture.width, found.picture.height], [expected.width, expected.height]);
    near([...found.picture.data], [...expected.data], 1, "pixels");
    near([found.from, found.scale], [from, scale], 1e-3, "the way back");
  }
});

test("a person is tracked through the same windows as in Python", async () => {
  const { makeTracker } = await load("body/tracker.js"), { height, width, side, narrow, runs } = fixture("tracked");
  for (const { played, shares, sizes, expected } of runs) {
    const seen = [], found = [], frame = { data: new Uint8Array(height * width * 3), width, height };
    const { track } = makeTracker(async (image) => {
      const pose = played[seen.push([image.width, image.height]) - 1], scale = shares ? [image.width / width, image.height / height] : [1, 1];
      return pose.map(([x, y, score]) => [x * scale[0], y * scale[1], score]);
    }, side, narrow);
    for (let i = 0; i < expected.length; i++) found.push(await track(frame));
    assert.deepEqual(seen, sizes);
    expected.forEach((pose, i) => (pose === null ? assert.equal(found[i], null) : near(found[i], pose, PIXELS, `frame ${i}`)));
  }
  const [first, second] = runs, dropped = first.expected.filter((pose) => pose?.filter((joint) => joint[2] === 0).length === 2);
  assert.ok(dropped.length > 0, "a leg of somebody else");
  assert.ok(second.sizes.length > 36 + 3 + 2 * 2, "somebody else was looked for, and seen, at the beginning and twice later");
});

test("limbs are drawn from the same table as in Python", async () => {
  const { drawLimbs } = await load("body/skeleton.js"), { pose, limbs } = fixture("limbs"), drawn = [];
  const context = {
    canvas: { width: 256, height: 256 },
    beginPath() { drawn.push([]); },
    moveTo(x, y) { drawn.at(-1).push([x, y]); },
    lineTo(x, y) { drawn.at(-1).push([x, y]); },
    stroke() { drawn.at(-1).push(this.strokeStyle, this.lineWidth); },
  };
  drawLimbs(context, pose, [1, 1]);
  near(drawn, limbs, PIXELS);
});
