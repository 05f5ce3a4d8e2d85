// A short performance that the server rendered once with the graph itself; it plays here without asking again.
const RETRY = 400;

// `ask(character, first, cut)` resolves to {frames: [{picture, gap, pose}], total, fps}; `show(image, gap, pose, clip)`
// draws one. With `cut` the character comes without its background.
function makeDemo(ask, show, failed) {
  const clips = {};  // frames by character, whole and cut out, kept while the page is open
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let playing = "", timer = 0, place = 0;

  async function fetchMore(key, name, cut) {
    const clip = clips[key] || (clips[key] = { frames: [], total: 1, fps: 20, ms: 0, busy: false });
    if (clip.busy) return;
    clip.busy = true;
    while (playing === key && clip.frames.length < clip.total) {
      const answer = await ask(name, clip.frames.length, cut);
      if (answer.error) { failed(answer.error); break; }
      if (answer.busy) { await new Promise((resolve) => setTimeout(resolve, RETRY)); continue; }
      const images = await Promise.all(answer.frames.map((frame) => Promise.all([load(frame.picture), frame.gap ? load(frame.gap) : null])));
      answer.frames.forEach((frame, index) => { if (images[index][0]) clip.frames.push({ image: images[index][0], gap: images[index][1], pose: frame.pose }); });
      if (!answer.frames.length) break;
      Object.assign(clip, { total: answer.total, fps: answer.fps, ms: answer.ms, place: answer.place });
    }
    clip.busy = false;
  }

  function tick(key) {
    if (playing !== key) return;
    const clip = clips[key];
    if (clip.frames.length) {
      // Until all of it is here it walks to the end of what is here and waits there.
      const whole = clip.frames.length >= clip.total;
      const frame = clip.frames[Math.min(place, clip.frames.length - 1)];
      show(frame.image, frame.gap, frame.pose, clip);
      if (!still) place = whole ? (place + 1) % clip.total : Math.min(place + 1, clip.frames.length - 1);
    }
    timer = setTimeout(() => tick(key), 1000 / clip.fps);
  }

  return {
    play(name, cut) {
      const key = name + (cut ? " alone" : "");
      if (playing === key) return;
      clearTimeout(timer);
      playing = key;
      fetchMore(key, name, cut);
      tick(key);
    },
    stop() { playing = ""; clearTimeout(timer); },
    name: () => playing,
  };
}
