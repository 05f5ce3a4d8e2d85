// Returns a function that runs `work` once at a time: calls that come meanwhile lead to one more run after it.
// `work` gets a function that says whether such a call has come.
export function makeLatest(work) {
  let busy = false, stale = false;
  return async () => {
    stale = true;
    if (busy) return;
    busy = true;
    try {
      while (stale) {
        stale = false;
        await work(() => stale);
      }
    } finally {
      busy = false;
    }
  };
}
