// Small pieces of the tabs that need no browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.js";

test("calls that come during a run lead to one more run", async () => {
  const { makeLatest } = await load("canvas/latest.js"), runs = [];
  let finish = null;
  const request = makeLatest((stale) => new Promise((resolve) => {
    runs.push(stale);
    finish = resolve;
  }));
  const whole = request();
  assert.equal(runs[0](), false);
  request();
  request();
  assert.equal(runs[0](), true);
  finish();
  await new Promise(setImmediate);
  assert.equal(runs.length, 2);
  finish();
  await whole;
  assert.equal(runs.length, 2);
});

test("a run that fails does not block the next one", async () => {
  const { makeLatest } = await load("canvas/latest.js");
  let runs = 0;
  const request = makeLatest(async () => { if ((runs += 1) === 1) throw new Error("no"); });
  await assert.rejects(request());
  await request();
  assert.equal(runs, 2);
});

test("keys call the actions that a tab has, and others are left alone", async () => {
  const { shortcut } = await load("canvas/shortcuts.js"), called = [];
  const actions = { undo: () => called.push("undo"), redo: () => called.push("redo"), thinner: () => called.push("thinner") };
  let prevented = 0;
  const press = (key, held = {}) => shortcut({ key, preventDefault: () => { prevented += 1; }, ...held }, actions);
  press("z", { ctrlKey: true });
  press("Z", { metaKey: true, shiftKey: true });
  press("y", { ctrlKey: true });
  press("[");
  press("]");
  press("z");
  press("c", { ctrlKey: true });
  assert.deepEqual(called, ["undo", "redo", "redo", "thinner"]);
  assert.equal(prevented, 4);
});

test("a mask is sent with what is around it, and shrunk where it is large", async () => {
  const { part } = await load("canvas/mask.js"), mask = { width: 1000, height: 400 };
  const where = part(mask, { left: 500, right: 540, top: 10, bottom: 30 }, 100, 768);
  assert.deepEqual(where, { left: 400, top: 0, width: 240, height: 130, across: 240, down: 130 });
  const large = part(mask, { left: 0, right: 1000, top: 0, bottom: 400 }, 100, 500);
  assert.deepEqual([large.across, large.down], [500, 200]);
});
