// What a reload keeps: values in the browser's localStorage, as JSON. Where storage is denied or full, nothing is kept.
const PREFIX = "synth-", MOST = 2_000_000;  // letters of a value

function storage() { try { return window.localStorage; } catch { return null; } }

// Returns the value that was kept under a key, or null.
export function recall(key, store = storage()) {
  try { return JSON.parse(store.getItem(PREFIX + key)); } catch { return null; }
}

// Keeps a value; of one that is too long, nothing is kept, not even its predecessor.
export function keep(key, value, store = storage()) {
  const text = JSON.stringify(value);
  try {
    if (text.length <= MOST) store.setItem(PREFIX + key, text);
    else store.removeItem(PREFIX + key);
  } catch { /* There is no storage, or it is full. */ }
}
