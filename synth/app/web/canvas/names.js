// Names of files to save: after their source, and never the same twice.
const given = new Set();

// Returns the local time as it stands in names: 20260131-235959.
export function stamp(now = new Date()) {
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate(), now.getHours(), now.getMinutes(), now.getSeconds()];
  const [year, ...rest] = parts.map((part) => String(part).padStart(2, "0"));
  return year + rest.slice(0, 2).join("") + "-" + rest.slice(2).join("");
}

// Returns the stem of a file's name, or nothing for names that browsers give to files without one.
export function stemOf(file) {
  const stem = (file.name || "").replace(/\.[^.]*$/, "").replace(/[^\p{L}\p{N}_.-]+/gu, "-").replace(/^[-.]+|[-.]+$/g, "").slice(0, 60);
  return /^(image|clipboard|blob)?$/.test(stem) ? "" : stem;
}

// Joins a source, or `other` and the time where it has no name, and what was made of it.
export function fileName(source, other, made, ending) {
  const stem = (source ? [source, ...made] : [other, ...made, stamp()]).join("-");
  let name = stem + ending;
  for (let number = 2; given.has(name) && !source; number += 1) name = stem + "-" + number + ending;
  given.add(name);
  return name;
}
