// Writes a comment into a recorded video, as MP4 (ISO/IEC 14496-12, with the metadata list that players read) or WebM.

const text = new TextEncoder();
const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { whole.set(part, at); at += part.length; }
  return whole;
};

function number(value, bytes) {
  const made = new Uint8Array(bytes);
  for (let place = bytes - 1, left = value; place >= 0; place -= 1, left = Math.floor(left / 256)) made[place] = left % 256;
  return made;
}

const name = (four) => Uint8Array.from(four, (letter) => letter.charCodeAt(0));
const box = (type, ...parts) => { const body = join(...parts); return join(number(body.length + 8, 4), name(type), body); };

// Calls `found(type, start, end)` for the boxes between two places, and for those inside of the `inner` ones.
const INNER = ["moov", "trak", "mdia", "minf", "stbl", "moof", "traf", "mfra"];
function walk(view, from, until, found) {
  for (let at = from; at + 8 <= until;) {
    let size = view.getUint32(at), head = 8;
    if (size === 1) { size = Number(view.getBigUint64(at + 8)); head = 16; }
    if (size === 0) size = until - at;
    if (size < head || at + size > until) return;
    const type = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at + 4, 4));
    found(type, at, at + size, head);
    if (INNER.includes(type)) walk(view, at + head, at + size, found);
    at += size;
  }
}

// Moves the places in a file that lie behind `limit`, where `by` bytes are put in.
function shift(view, type, start, limit, by) {
  const flags = view.getUint32(start + 8) & 0xffffff, version = view.getUint8(start + 8);
  const move = (at, wide) => {
    const place = wide ? Number(view.getBigUint64(at)) : view.getUint32(at);
    if (place < limit) return;
    if (wide) view.setBigUint64(at, BigInt(place + by));
    else view.setUint32(at, place + by);
  };
  if (type === "stco" || type === "co64") {
    const wide = type === "co64", step = wide ? 8 : 4;
    for (let n = 0; n < view.getUint32(start + 12); n += 1) move(start + 16 + n * step, wide);
  } else if (type === "tfhd" && flags & 1) move(start + 16, true);
  else if (type === "tfra") {
    const lengths = view.getUint32(start + 16), wide = version === 1, field = wide ? 8 : 4;
    const step = 2 * field + (lengths >> 4 & 3) + (lengths >> 2 & 3) + (lengths & 3) + 3;
    for (let n = 0; n < view.getUint32(start + 20); n += 1) move(start + 24 + n * step + field, wide);
  }
}

function intoMp4(bytes, comment) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length), places = [];
  let moov = null;
  walk(view, 0, bytes.length, (type, start, end, head) => {
    if (type === "moov" && head === 8) moov = { start, end };
    if (["stco", "co64", "tfhd", "tfra"].includes(type)) places.push([type, start]);
  });
  if (!moov) return bytes;
  const data = box("data", number(1, 4), number(0, 4), text.encode(comment));
  const handler = box("hdlr", number(0, 8), name("mdir"), name("appl"), number(0, 9));
  const user = box("udta", box("meta", number(0, 4), handler, box("ilst", box("\xa9cmt", data))));
  for (const [type, start] of places) shift(view, type, start, moov.end, user.length);
  view.setUint32(moov.start, moov.end - moov.start + user.length);
  return join(bytes.subarray(0, moov.end), user, bytes.subarray(moov.end));
}

const element = (id, ...parts) => {
  const body = join(...parts);
  return join(number(id, id > 0xffff ? 4 : 2), number(1, 1), number(body.length, 7), body);
};

// Puts the comment before the first pictures. Chromium and Firefox leave the size of a recording open and write no index.
function intoWebm(bytes, comment) {
  const at = bytes.findIndex((value, i) => value === 0x1f && bytes[i + 1] === 0x43 && bytes[i + 2] === 0xb6 && bytes[i + 3] === 0x75);
  const open = bytes.findIndex((value, i) => value === 0x18 && bytes[i + 1] === 0x53 && bytes[i + 2] === 0x80 && bytes[i + 3] === 0x67);
  if (at < 0 || open < 0 || bytes[open + 4] !== 1 || bytes.subarray(open + 5, open + 12).some((value) => value !== 0xff)) return bytes;
  const tag = element(0x67c8, element(0x45a3, text.encode("COMMENT")), element(0x4487, text.encode(comment)));
  const tags = element(0x1254c367, element(0x7373, element(0x63c0), tag));
  return join(bytes.subarray(0, at), tags, bytes.subarray(at));
}

// Returns the bytes of a recorded video with a comment in it; of a kind that is not known, as they are.
export function withComment(bytes, comment) {
  if (bytes.length > 8 && String.fromCharCode(...bytes.subarray(4, 8)) === "ftyp") return intoMp4(bytes, comment);
  return bytes[0] === 0x1a && bytes[1] === 0x45 ? intoWebm(bytes, comment) : bytes;
}
