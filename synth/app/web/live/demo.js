// Plays a short performance that the server rendered with the graph; its frames are fetched once.
import { load } from "../canvas/elements.js";

const RETRY = 400;  // milliseconds before a busy server is asked again

const fetchFrame = async ({ picture, gap, pose }) => ({ image: await load(picture), gap: gap ? await load(gap) : null, pose });

// `ask(character, first, cut)` resolves to {frames: [{picture, gap, pose}], total, fps}; `show(image, gap, pose, clip)`
// draws one. With `cut` the character comes without its background.
export function makeDemo(ask, show, failed) {
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
      const frames = await Promise.all(answer.frames.map(fetchFrame));
      clip.frames.push(...frames.filter((frame) => frame.image));
      if (!answer.frames.length) break;
      Object.assign(clip, { total: answer.total, fps: answer.fps, ms: answer.ms, place: answer.place });
    }
    clip.busy = false;
  }

  function tick(key) {
    if (playing !== key) return;
    const clip = clips[key];
    if (clip.frames.length) {
      // Until all frames are here it plays those that are, and waits at the last.
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
