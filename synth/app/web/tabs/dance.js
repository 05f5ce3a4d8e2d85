// The Dance tab: wires webcam, server and panels.
import { makeBackground } from "../canvas/background.js";
import { button, choose, load, sharpen } from "../canvas/elements.js";
import { drawLimbs } from "../body/skeleton.js";
import { REFUSED, SILENT, makeCall } from "../live/call.js";
import { makeDemo } from "../live/demo.js";
import { makeLive } from "../live/live.js";
import { listStages, showMetrics } from "../live/metrics.js";
import { makeNotes } from "../live/notes.js";
import { makeRecorder } from "../live/recorder.js";
import { firstModel } from "../memory/address.js";
import { keep, recall } from "../memory/store.js";

// What to do after an error if it persists: Gradio's own streaming goes another way to the server.
const HELP = {
  [SILENT]: " If it is, open “The camera does not start?” below.",
  [REFUSED]: " If that does not help, open “The camera does not start?” below.",
};
const NOTES = {
  nobody: "Nobody is in view. Step in front of the camera.",
  upper: "Only your upper body is in view. Step back to dance with your legs too.",
};

export function start({ element, props, server }) {
  const root = element.firstElementChild, find = (name) => root.querySelector(name);
  const video = find(".dance-video"), you = find(".dance-you"), skeleton = find(".dance-skeleton"), picture = find(".dance-character");
  const settings = { mirror: true, skeleton: true, smooth: 0.5, what: "all" };
  const call = makeCall(server);
  const notes = makeNotes((text) => { find(".dance-note").textContent = text; });
  let character = firstModel("dance", props.characters), again = 0, before = "idle", places = {}, poseName = "", select = null;

  function say(text, wrong) {
    const status = find(".dance-status");
    status.textContent = (text || "") + (HELP[text] || "");
    status.classList.toggle("wrong", Boolean(wrong));
  }

  function warn(text) { find(".dance-warning").textContent = text || props.warning || ""; }

  function paintCharacter(image, gap) {
    if (picture.width !== image.naturalWidth) { picture.width = image.naturalWidth; picture.height = image.naturalHeight; }
    background.paint(picture.getContext("2d", { alpha: false }), image, gap);
  }

  // `image` is the character's that belongs to the pose: another character may be chosen already, of another size.
  function paintSkeleton(pose, image) {
    const context = sharpen(skeleton, 1);
    drawLimbs(context, pose, [skeleton.width / image.naturalWidth, skeleton.height / image.naturalHeight]);
  }

  function paintYou(sheet, found) {
    const context = sharpen(you, sheet.height / sheet.width);
    context.save();
    if (settings.mirror) context.transform(-1, 0, 0, 1, you.width, 0);
    context.drawImage(sheet, 0, 0, you.width, you.height);
    if (found && settings.skeleton) drawLimbs(context, found, [you.width / sheet.width, you.height / sheet.height]);
    context.restore();
  }

  const memory = { recall: () => recall("background"), keep: (value) => keep("background", value) };
  const background = makeBackground(find(".dance-background"), () => { refresh(); look(); }, (text) => say(text, true), memory);
  const cut = () => character.cuts && background.chosen();
  const demo = makeDemo(
    (name, first, alone) => call("dance_demo", { character: name, first, cut: alone }),
    (image, gap, pose, clip) => {
      if (live.state() !== "idle") return;
      paintCharacter(image, gap);
      paintSkeleton(pose, image);
      recorder.frame();
      root.dataset.demo = "on";
      listStages(find(".dance-stages"), { generator: clip.ms }, { generator: clip.place });
    },
    (text) => say(text, true),
  );
  const live = makeLive({
    root, video, call, say, show, changed,
    names: { begin: "dance_begin", frame: "dance_frame", end: "dance_end" },
    about: () => ({ character: character.name }),
    title: () => character.title,
    message: () => ({ character: character.name, mirror: settings.mirror, smooth: settings.smooth, again, cut: cut(), select }),
    begun: (answer) => { poseName = answer.pose; warn(answer.warning); },
    idle: (sheet) => paintYou(sheet, null),
  });
  const recorder = makeRecorder(panels, () => refresh());

  async function show(answer, shot, newest) {
    const of = character, [image, gap] = await Promise.all([load(answer.picture), answer.gap ? load(answer.gap) : null]);
    if (!image || !newest() || of !== character) return false;
    paintCharacter(image, gap);
    paintSkeleton(answer.pose, image);
    paintYou(shot.sheet, answer.joints);
    places = answer.places;
    notes.tell(answer.joints ? NOTES[answer.mode] || "" : NOTES.nobody);
    recorder.frame();
    return true;
  }

  // Returns what the recorder draws into a panel.
  function panels(index) {
    return [you, skeleton, picture][index];
  }

  // Is called after the camera was started or stopped.
  function changed() {
    const state = live.state();
    if (state === "live") demo.stop();
    if (state === "idle") {
      if (recorder.on() && before === "live") recorder.stop();
      sharpen(you, 1);
      notes.say("");
      select = null;
    }
    before = state;
    refresh();
    if (state === "idle") look();
  }

  // Plays the demo only while the tab is in sight, and stops the camera while it is not.
  function look() {
    if (!live.watched()) { demo.stop(); return clearInterval(clock); }
    if (live.seen() && live.state() !== "live") demo.play(character.name, cut());
    else demo.stop();
    metrics();
  }

  function metrics() {
    const found = live.metrics();
    showMetrics(root, found);
    if (recorder.on()) find("[data-do=record]").textContent = "Stop recording · " + recorder.seconds().toFixed(0) + " s";
    if (!found) return;
    const where = { capture: "browser", display: "browser", pose: poseName + " · " + (places.pose || ""), generator: places.generator };
    listStages(find(".dance-stages"), found.ms, where);
  }

  function refresh() {
    const state = live.state();
    root.dataset.state = state;
    if (state !== "idle") root.dataset.demo = "off";
    find(".dance-name").textContent = character.title;
    find(".dance-call").textContent = "Dance, and " + character.title + " dances with you";
    find("[data-do=toggle]").textContent = state === "idle" ? "Start camera" : "Stop";
    find("[data-do=again]").disabled = state !== "live";
    find("[data-do=record]").textContent = "Record";
    find("[data-do=record]").classList.toggle("on", recorder.on());
    background.refresh(character.cuts ? "" : character.title + " cannot be cut out: export the character again.");
    choose(find(".dance-graphs"), "name", character.name);
  }

  function pick(one) {
    character = one;
    warn("");
    refresh();
    look();
  }

  // Follows the person at a place of the camera's picture; the server is told with every frame and acts once a count.
  function follow(event) {
    if (live.state() !== "live") return;
    const box = you.getBoundingClientRect(), scale = Math.max(you.width / box.width, you.height / box.height);
    const share = (at, middle, length) => 0.5 + ((at - middle) * scale) / length;
    const x = share(event.clientX, box.left + box.width / 2, you.width), y = share(event.clientY, box.top + box.height / 2, you.height);
    if (Math.min(x, y) < 0 || Math.max(x, y) > 1) return;
    select = { x: settings.mirror ? 1 - x : x, y, count: (select ? select.count : 0) + 1 };
  }

  const actions = {
    start: live.start,
    toggle: () => (live.state() === "idle" ? live.start() : live.stop()),
    again: () => { again += 1; },
    record: () => {
      if (recorder.on()) recorder.stop();
      else {
        const which = settings.what === "character" ? [2] : live.state() === "live" ? [0, 1, 2] : [1, 2];
        const { title, comment } = character, name = character.name.replace(/^dance-/, "");
        const wrong = recorder.start(which, { title, comment, name, source: live.state() === "live" ? "webcam" : "demo" });
        if (wrong) say(wrong, true);
      }
      refresh();
    },
  };

  for (const one of props.characters) button(find(".dance-graphs"), one.title, () => pick(one), { name: one.name });
  for (const each of root.querySelectorAll("[data-do]:not(.dance-background *)")) each.addEventListener("click", () => actions[each.dataset.do]());
  for (const input of root.querySelectorAll("[data-set]:not(.dance-background *)")) {
    input.addEventListener("input", () => {
      settings[input.dataset.set] = input.type === "checkbox" ? input.checked : input.type === "range" ? Number(input.value) : input.value;
      refresh();
    });
  }
  you.addEventListener("click", follow);
  const clock = setInterval(look, 500);
  document.addEventListener("visibilitychange", look);
  pick(character);
}
