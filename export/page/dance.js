// The Dance page: a stored dance moves the character until the webcam is started.
import { isSeen, scaled } from "../../synth/app/web/body/body.js";
import { makeRetargeter } from "../../synth/app/web/body/retargeter.js";
import { drawLimbs, drawSkeleton } from "../../synth/app/web/body/skeleton.js";
import { makeSmoother } from "../../synth/app/web/body/smooth.js";
import { makeSteady } from "../../synth/app/web/body/steady.js";
import { makeTracker } from "../../synth/app/web/body/tracker.js";
import { makeBackground } from "../../synth/app/web/canvas/background.js";
import { makeCamera } from "../../synth/app/web/live/camera.js";
import { makeMatte } from "../../synth/app/web/pixels/matte.js";
import { fromImage, toGray, toImage } from "../../synth/app/web/pixels/pixels.js";
import { makeEngine } from "./engine.js";
import { choices, loading, parts, save } from "./parts.js";

const NOBODY = Array.from({ length: 17 }, () => [0, 0, 0]);
const LAYERS = ["cover", "plate"];
const NOTES = { rest: "Nobody is in view. Step in front of the camera.", upper: "Step back to dance with your legs too.", whole: "" };

export function makeDance(section, characters, finder, { engine, settings, trouble, where }) {
  const part = parts(section), picture = section.querySelector(".dance-character"), skeleton = section.querySelector(".dance-skeleton");
  const sheet = document.createElement("canvas"), you = section.querySelector(".dance-you"), call = section.querySelector(".dance-call"), clips = new Map();
  const camera = makeCamera(section.querySelector("video"), (text) => { stop(); trouble(text); });
  const [alone, open] = [document.createElement("canvas"), document.createElement("canvas")];
  const background = makeBackground(part.background, refresh, trouble), cut = () => character.cuts && background.chosen();
  const watcher = finder && makeEngine(settings, (progress) => loading(part.loading, progress));
  let character = characters[0], round = 0, live = false, times = [], previous = null, retargeter = null, shown = null, matte = makeMatte(), broken = false;

  function metrics(answer) {
    const now = performance.now();
    times = [...times.filter((time) => now - time < 2000), now];
    const rate = times.length > 2 ? ((times.length - 1) / (now - times[0])) * 1000 : 0;
    part.speed.textContent = (rate ? rate.toFixed(0) + " pictures/s · " : "") + answer.ms.toFixed(0) + " ms · " + answer.place;
    where(answer.place);
  }

  function put(canvas, image) {
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // Puts the character in front of the background that was chosen.
  function cutOut(answer) {
    const { width, height } = answer.picture, found = matte(answer.picture, answer.layers.cover, answer.layers.plate);
    put(alone, toImage(found.alone));
    put(open, toGray(found.gap, width, height));
    [picture.width, picture.height] = [width, height];
    background.paint(picture.getContext("2d"), alone, open);
  }

  // Paints the character in a pose; a graph that takes its previous image gets it.
  async function paint(pose, mine) {
    const of = character, side = of.size;
    sheet.width = sheet.height = side;
    drawSkeleton(sheet, pose, side);
    const shape = sheet.getContext("2d").getImageData(0, 0, side, side), drawn = fromImage(shape);
    const before = previous || { data: new Uint8Array(side * side * 3), width: side, height: side };
    const given = of.inputs.map((kind) => (kind === "figure" ? drawn : before)), cutting = cut();
    const answer = await engine.runAll(of, cutting ? LAYERS : [], ...given);
    if (mine !== round || of !== character) return;
    previous = answer.picture;
    if (cutting) cutOut(answer);
    else put(picture, toImage(answer.picture));
    put(skeleton, shape);
    metrics(answer);
    loading(part.loading, null);
    if (broken) trouble("");  // but keep what is said of the camera or of a file
    broken = false;
  }

  const stays = (mine) => mine === round && !section.hidden && !document.hidden;
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  async function clip(name) {
    if (!clips.has(name)) {
      const answer = await fetch(characters.find((each) => each.name === name).demo).catch(() => null);
      if (!answer || !answer.ok) throw new Error("The stored dance could not be loaded. Reload the page to try again.");
      clips.set(name, await answer.json());
    }
    return clips.get(name);
  }

  async function demo(mine) {
    const { fps, poses } = await clip(character.name), still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const begun = performance.now();
    while (stays(mine)) {
      const time = ((performance.now() - begun) / 1000) * fps;
      await paint(poses[still ? 0 : Math.floor(time) % poses.length], mine);
      const due = begun + ((Math.floor(time) + 1) * 1000) / fps;  // a slow device skips poses and keeps the time
      await wait(still ? 1000 : Math.max(4, due - performance.now()));
    }
  }

  function estimate(frame) {
    return watcher.run(finder, frame).then(({ values }) => NOBODY.map((_, i) => [...values.slice(3 * i, 3 * i + 3)]));
  }

  // Two workers, one for each graph: while one frame is painted, the pose in the next is found.
  async function perform(mine) {
    const side = Math.min(Math.max(Math.round(finder.size / 32) * 32, 96), 512), narrow = Math.round((side * 2) / 3 / 32) * 32;
    const { track } = makeTracker(estimate, side, narrow);
    let smoother = null, steady = null, height = 0, painting = Promise.resolve();
    while (stays(mine)) {
      const frame = camera.look(), time = performance.now() / 1000, size = [frame.height, frame.width];
      if (size[0] !== height) [height, smoother, steady] = [size[0], makeSmoother(size[0]), makeSteady()];
      const found = await track(fromImage(frame.getContext("2d").getImageData(0, 0, frame.width, frame.height)));
      const person = smoother.smooth(steady.steady(found, time) || NOBODY, time), anybody = person.some(isSeen);
      const pose = retargeter.move(anybody ? person : null, time, size);
      part.note.textContent = NOTES[retargeter.mode()];
      await painting;
      if (mine !== round) return;
      look(frame, person);
      painting = paint(pose, mine).catch(failed);
      await wait(0);
    }
    await painting;
  }

  function look(frame, person) {
    [you.width, you.height] = [frame.width, frame.height];
    const context = you.getContext("2d");
    if (retargeter.mirrored) context.setTransform(-1, 0, 0, 1, you.width, 0);
    context.drawImage(frame, 0, 0);
    drawLimbs(context, person, [1, 1]);
  }

  function failed(error) {
    if (live) stop();
    broken = true;
    trouble(error);
    loading(part.loading, null);
  }

  function play() {
    const mine = (round += 1);
    times = [];
    section.dataset.live = String(live);
    (live ? perform(mine) : demo(mine)).catch((error) => { if (mine === round) failed(error); });
  }

  function meet() {
    const body = character.body;
    retargeter = { ...makeRetargeter(scaled(body, character.size / body.size[0]), part.mirror.checked), mirrored: part.mirror.checked };
    [previous, matte] = [null, makeMatte()];
  }

  function refresh() {
    background.refresh(character.cuts ? "" : character.title + " cannot be cut out.");
    if (!cut()) matte = makeMatte();
  }

  async function start() {
    if (live) return stop();
    trouble("");
    try {
      await camera.open();
      await watcher.load(finder);
    } catch (error) {
      camera.close();
      loading(part.loading, null);
      return trouble(error);
    }
    live = true;
    part.start.textContent = "Stop camera";
    meet();
    play();
  }

  function stop() {
    live = false;
    camera.close();
    part.start.textContent = "Start camera";
    part.note.textContent = "";
    play();
  }

  function choose(name) {
    character = characters.find((each) => each.name === name);
    part.licence.textContent = "Licence of " + character.title + ": " + character.licence;
    call.textContent = "Dance, and " + character.title + " dances with you";
    meet();
    refresh();
    play();
  }

  part.background.hidden = !characters.some((each) => each.cuts);
  part.start.hidden = part.mirrors.hidden = !finder;
  part.start.addEventListener("click", start);
  section.querySelector(".dance-invite").addEventListener("click", start);
  part.mirror.addEventListener("change", meet);
  section.querySelector("[data-do=save]").addEventListener("click", () => save(picture, "synth-" + character.name + ".png"));
  choices(part.graphs, characters.map((each) => [each.name, each.title]), character.name, choose);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !section.hidden) play(); });
  window.addEventListener("pagehide", () => camera.close());

  return {
    open: () => (shown ? play() : choose((shown = character.name))),
    close: () => { if (live) stop(); round += 1; },
    progress: (progress) => loading(part.loading, progress),
  };
}
