// What a reload keeps, and the tab and model in the page's address.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support.js";

test("an address names a tab and a model, and keeps whatever else it has", async () => {
  const { placeOf, withPlace } = await load("memory/address.js"), here = "http://localhost/app/?__theme=dark&model=old#top";
  assert.deepEqual(placeOf("http://localhost/"), { tab: "", model: "" });
  assert.deepEqual(placeOf(here), { tab: "", model: "old" });
  assert.equal(withPlace(here, { tab: "models", model: "" }), "http://localhost/app/?__theme=dark&tab=models#top");
  const group = { tab: "compare", model: "Facades: losses & networks" };
  assert.deepEqual(placeOf(withPlace(here, group)), group);
});

test("a tab opens with the model of the address, else with the last one, else with the first", async () => {
  const { firstModel } = await load("memory/address.js"), models = [{ name: "facades" }, { name: "street" }, { name: "emoji" }];
  const first = (search, chosen) => firstModel("draw", models, "http://localhost/" + search, chosen).name;
  assert.equal(first("?tab=draw&model=emoji", { draw: "street" }), "emoji");
  assert.equal(first("?tab=see&model=emoji", { draw: "street" }), "street");
  assert.equal(first("?tab=draw&model=nonsense", { draw: "street" }), "street");
  for (const chosen of [null, {}, { draw: "gone" }, "draw", 7, [], { draw: ["emoji"] }]) assert.equal(first("?tab=draw", chosen), "facades");
});

test("what is kept is recalled; too much, damaged or denied storage is as none", async () => {
  const { keep, recall } = await load("memory/store.js"), kept = new Map();
  const store = { getItem: (key) => kept.get(key) ?? null, setItem: (key, text) => kept.set(key, text), removeItem: (key) => kept.delete(key) };
  keep("models", { draw: "emoji" }, store);
  assert.deepEqual([...kept], [["synth-models", '{"draw":"emoji"}']]);
  assert.deepEqual(recall("models", store), { draw: "emoji" });
  keep("models", "x".repeat(2_000_000), store);
  assert.equal(recall("models", store), null);
  kept.set("synth-models", "{damaged");
  assert.equal(recall("models", store), null);
  const full = { ...store, setItem: () => { throw new Error("QuotaExceededError"); } };
  assert.doesNotThrow(() => keep("models", {}, full));
  assert.equal(recall("models", null), null);
  assert.equal(recall("models"), null, "where there is no window, there is no storage");
});

test("only drawings of inputs that are there, and that are drawings, are recalled", async () => {
  const { known } = await load("memory/drawings.js"), png = "data:image/png;base64,AAAA";
  const kept = { lines: { png, source: "cat" }, gone: { png }, labels: { png: "https://elsewhere/x.png" }, large: { png: png + "A".repeat(500_000) } };
  assert.deepEqual(known(["lines", "labels", "large", "toString"], kept), { lines: { png, source: "cat" } });
  for (const damaged of [null, 7, "lines", []]) assert.deepEqual(known(["lines"], damaged), {});
});
