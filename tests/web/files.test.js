// Names of files to save, and the comment in recorded videos.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.js";

const ascii = (text) => [...text].map((letter) => letter.charCodeAt(0));
const size = (value) => [value >> 24 & 255, value >> 16 & 255, value >> 8 & 255, value & 255];
const box = (type, ...parts) => { const body = parts.flat(); return [...size(body.length + 8), ...ascii(type), ...body]; };

test("a name is that of its source, and without one that of the time, never the same twice", async () => {
  const { fileName, stamp, stemOf } = await load("canvas/names.js");
  assert.equal(stamp(new Date(2026, 0, 31, 23, 59, 8)), "20260131-235908");
  assert.equal(stemOf({ name: "my beach (1).JPG" }), "my-beach-1");
  assert.equal(stemOf({ name: "strand-größe.png" }), "strand-größe");
  assert.equal(stemOf({ name: "image.png" }), "");
  assert.equal(fileName("beach", "drawing", ["emoji"], ".png"), "beach-emoji.png");
  const first = fileName("", "drawing", ["emoji"], ".png"), second = fileName("", "drawing", ["emoji"], ".png");
  assert.match(first, /^drawing-emoji-\d{8}-\d{6}\.png$/);
  assert.notEqual(first, second);
});

test("a comment moves the places that an MP4 names, and nothing else", async () => {
  const { withComment } = await load("live/recording.js");
  const made = (places) => {
    const stco = box("stco", size(0), size(1), size(places.data)), stbl = box("trak", box("mdia", box("minf", box("stbl", stco))));
    const start = [...box("ftyp", ascii("isom")), ...box("moov", stbl)];
    const moof = box("moof", box("traf", box("tfhd", size(1), size(1), size(0), size(places.data))));
    const tfra = box("tfra", size(0), size(1), size(0), size(1), size(0), size(places.moof), [1, 1, 1]);
    const bytes = [...start, ...moof, ...box("mdat", [7, 8, 9]), ...box("mfra", tfra)];
    return { bytes: Uint8Array.from(bytes), moof: start.length, data: start.length + moof.length + 8 };
  };
  const { moof, data } = made({ moof: 0, data: 0 }), { bytes } = made({ moof, data });
  const marked = withComment(bytes.slice(), "Synthesized — yes"), by = marked.length - bytes.length;
  const expected = made({ moof: moof + by, data: data + by }).bytes;
  assert.equal(new DataView(marked.buffer).getUint32(12), moof - 12 + by, "moov has grown");
  assert.deepEqual([...marked.subarray(moof + by)], [...expected.subarray(moof)]);
  assert.deepEqual([...marked.subarray(16, moof)], [...expected.subarray(16, moof)]);
  assert.ok(new TextDecoder().decode(marked.subarray(moof, moof + by)).includes("Synthesized — yes"));
});

test("a WebM whose end is open gets the comment before its pictures, other files stay as they are", async () => {
  const { withComment } = await load("live/recording.js");
  const start = [0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 1, 255, 255, 255, 255, 255, 255, 255];
  const cluster = [0x1f, 0x43, 0xb6, 0x75, 0x80], marked = withComment(Uint8Array.from([...start, ...cluster]), "Made");
  assert.deepEqual([...marked.subarray(0, start.length)], start);
  assert.deepEqual([...marked.subarray(-cluster.length)], cluster);
  assert.ok(new TextDecoder().decode(marked).includes("COMMENT"));
  const closed = Uint8Array.from([0x1a, 0x45, 0xdf, 0xa3, 0x80, 0x18, 0x53, 0x80, 0x67, 0x85, ...cluster]);
  assert.deepEqual(withComment(closed, "Made"), closed);
  assert.deepEqual(withComment(Uint8Array.from([1, 2, 3]), "Made"), Uint8Array.from([1, 2, 3]));
});
