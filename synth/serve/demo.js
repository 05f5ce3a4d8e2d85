// A short performance that the server rendered once with the graph itself; it plays here without asking again.
const RETRY = 400;

// `ask(character, first)` resolves to {frames: [{picture, pose}], total, fps}; `show(image, pose)` draws one.
function makeDemo(ask, show, failed) {
  const clips = {};  // frames by character, kept while the page is open
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let playing = "", timer = 0, place = 0;

  async function fetchMore(name) {
    const clip = clips[name] || (clips[name] = { frames: [], total: 1, fps: 20, ms: 0, busy: false });
    if (clip.busy) return;
    clip.busy = true;
    while (playing === name && clip.frames.length < clip.total) {
      const answer = await ask(name, clip.frames.length);
      if (answer.error) { failed(answer.error); break; }
      if (answer.busy) { await new Promise((resolve) => setTimeout(resolve, RETRY)); continue; }
      const images = await Promise.all(answer.frames.map((frame) => load(frame.picture)));
      answer.frames.forEach((frame, index) => { if (images[index]) clip.frames.push({ image: images[index], pose: frame.pose }); });
      if (!answer.frames.length) break;
      Object.assign(clip, { total: answer.total, fps: answer.fps, ms: answer.ms, place: answer.place });
    }
    clip.busy = false;
  }

  function tick(name) {
    if (playing !== name) return;
    const clip = clips[name];
    if (clip.frames.length) {
      // Until all of it is here it walks to the end of what is here and waits there.
      const whole = clip.frames.length >= clip.total;
      const frame = clip.frames[Math.min(place, clip.frames.length - 1)];
      show(frame.image, frame.pose, clip);
      if (!still) place = whole ? (place + 1) % clip.total : Math.min(place + 1, clip.frames.length - 1);
    }
    timer = setTimeout(() => tick(name), 1000 / clip.fps);
  }

  return {
    play(name) {
      if (playing === name) return;
      clearTimeout(timer);
      playing = name;
      fetchMore(name);
      tick(name);
    },
    stop() { playing = ""; clearTimeout(timer); },
    name: () => playing,
  };
}
