// What a page says of its camera's pictures: only what has been true for a while, so that nothing flickers.
const LEAST = 1000;  // milliseconds

// `show(text)` puts a note on the page; `now()` gives milliseconds.
export function makeNotes(show, now = () => performance.now()) {
  let heard = "", since = 0, shown = "";

  function put(text) {
    if (text !== shown) show((shown = text));
  }

  // Is told of every frame what is true of it, an empty text for nothing. What is no longer true goes at once.
  function tell(text) {
    if (text !== heard) [heard, since] = [text, now()];
    if (text !== shown) put("");
    if (now() - since >= LEAST) put(text);
  }

  // Shows a note at once, for an image that stands still.
  function say(text) {
    [heard, since] = [text, -Infinity];
    put(text);
  }

  return { tell, say };
}
