// Where the modules and fixtures are that tests/web/fixtures.py has written, and how numbers are compared.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const home = resolve(process.env.SYNTH_WEB || "build/web");

export const load = (name) => import(pathToFileURL(join(home, "web", name)).href);
export const fixture = (name) => JSON.parse(readFileSync(join(home, "fixtures", name + ".json"), "utf-8"));

// Returns nested arrays of an image [height][width][3] as { data, width, height }.
export const picture = (rows) => ({ data: Uint8Array.from(rows.flat(2)), width: rows[0].length, height: rows.length });

// Fails unless two nested arrays have the same shape and differ by at most `most`.
export function near(found, expected, most, what = "") {
  if (!Array.isArray(expected)) {
    assert.ok(found === expected || Math.abs(found - expected) <= most, `${what}: ${found} is not ${expected}`);
    return;
  }
  assert.equal(found?.length, expected.length, what);
  expected.forEach((value, i) => near(found[i], value, most, `${what}[${i}]`));
}
