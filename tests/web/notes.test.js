// What the live pages say of the camera's pictures.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeNotes } from "../../synth/app/web/live/notes.js";

test("a note is shown once it has been true for a second, and goes at once", () => {
  const shown = [];
  let now = 0;
  const notes = makeNotes((text) => shown.push([now, text]), () => now);
  const frames = { 0: "far", 900: "far", 1000: "", 1100: "far", 2000: "far", 2100: "far", 2200: "far", 2300: "near", 3200: "near", 3300: "near", 3400: "" };
  for (const [time, text] of Object.entries(frames)) {
    now = Number(time);
    notes.tell(text);
  }
  assert.deepEqual(shown, [[2100, "far"], [2300, ""], [3300, "near"], [3400, ""]]);
});

test("of an image that stands still it is shown at once", () => {
  const shown = [], notes = makeNotes((text) => shown.push(text), () => 0);
  notes.say("far");
  notes.say("");
  assert.deepEqual(shown, ["far", ""]);
});
