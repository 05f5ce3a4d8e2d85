// Calls of the server: an answer, a refusal and silence are told apart, and whatever fails is logged.
import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { load } from "./support.js";

const { BROKEN, REFUSED, SILENT, answers, makeCall } = await load("live/call.js");
const there = async () => true, gone = async () => false;
let logged;

beforeEach(() => { logged = mock.method(console, "error", () => {}); });
afterEach(() => mock.restoreAll());

test("an answer comes through as it is, also one that says what was wrong", async () => {
  const call = makeCall({ look: async (data) => data }, gone);
  assert.deepEqual(await call("look", { busy: true }), { busy: true });
  assert.deepEqual(await call("look", { error: "Too large." }), { error: "Too large." });
  assert.equal(logged.mock.callCount(), 0);
});

test("a refusal is a server that is there and gives no answer", async () => {
  const call = makeCall({ look: async () => undefined }, there);
  assert.deepEqual(await call("look", {}), { error: REFUSED });
  assert.match(logged.mock.calls[0].arguments[0], /look/);
});

test("silence is a server that is not there", async () => {
  const call = makeCall({ look: async () => undefined }, gone);
  assert.deepEqual(await call("look", {}), { error: SILENT });
  assert.equal(logged.mock.callCount(), 1);
});

test("a function that is missing or throws is a fault of the page, and its error is logged", async () => {
  const fault = new Error("no"), call = makeCall({ look: async () => { throw fault; } }, there);
  assert.deepEqual(await call("look", {}), { error: BROKEN });
  assert.equal(logged.mock.calls[0].arguments[1], fault);
  assert.deepEqual(await call("other", {}), { error: BROKEN });
  assert.ok(logged.mock.calls[1].arguments[1] instanceof TypeError);
});

test("a server is there when it answers with any status at all", async () => {
  globalThis.document = { baseURI: "http://localhost:1/" };
  const fetched = mock.method(globalThis, "fetch", async () => new Response("", { status: 401 }));
  assert.equal(await answers(), true);
  assert.equal(fetched.mock.calls[0].arguments[0], "http://localhost:1/");
  fetched.mock.mockImplementation(async () => { throw new TypeError("Failed to fetch"); });
  assert.equal(await answers(), false);
});
