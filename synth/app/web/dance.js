// The Dance tab: wires camera, server and panels. `element`, `props` and `server` are given by gr.HTML.
const root = element.firstElementChild, find = (name) => root.querySelector(name);
const video = find(".dance-video"), you = find(".dance-you"), figure = find(".dance-figure"), picture = find(".dance-character");
const settings = { mirror: true, skeleton: true, smooth: 0.5, what: "all" };
const NOTES = {
  nobody: "Nobody is in view. Step in front of the camera.",
  upper: "Only your upper body is in view. Step back to dance with your legs too.",
};
const call = makeCall(server);
let character = props.characters[0], again = 0, before = "idle", places = {}, poseName = "";

function say(text, wrong) {
  const status = find(".dance-status");
  status.textContent = (text || "") + (text === GONE ? " If it is, open “The camera does not start?” below." : "");
  status.classList.toggle("wrong", Boolean(wrong));
}

function warn(text) { find(".dance-warning").textContent = text || props.warning || ""; }

function paintCharacter(image, gap) {
  if (picture.width !== image.naturalWidth) { picture.width = image.naturalWidth; picture.height = image.naturalHeight; }
  backdrop.paint(picture.getContext("2d", { alpha: false }), image, gap);
}

function paintFigure(pose) { drawFigure(sharpen(figure, 1), props.limbs, pose, character.size, character.size); }

function paintYou(sheet, found) {
  const context = sharpen(you, sheet.height / sheet.width);
  context.save();
  if (settings.mirror) context.transform(-1, 0, 0, 1, you.width, 0);
  context.drawImage(sheet, 0, 0, you.width, you.height);
  if (found && settings.skeleton) drawFigure(context, props.limbs, found, sheet.width, sheet.height);
  context.restore();
}

function note(text) {
  const box = find(".dance-note");
  if (box.textContent !== text) box.textContent = text;
}

const backdrop = makeBackdrop(find(".dance-background"), () => { refresh(); look(); }, (text) => say(text, true));
const cut = () => character.cuts && backdrop.chosen();
const demo = makeDemo(
  (name, first, alone) => call("dance_demo", { character: name, first, cut: alone }),
  (image, gap, pose, clip) => {
    if (live.state() !== "idle") return;
    paintCharacter(image, gap);
    paintFigure(pose);
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
  message: () => ({ character: character.name, mirror: settings.mirror, smooth: settings.smooth, again, cut: cut() }),
  begun: (answer) => { poseName = answer.pose; warn(answer.warning); },
  idle: (sheet) => paintYou(sheet, null),
});
const recorder = makeRecorder(panels, () => refresh());

async function show(answer, shot, newest) {
  const of = character, [image, gap] = await Promise.all([load(answer.picture), answer.gap ? load(answer.gap) : null]);
  if (!image || !newest() || of !== character) return false;
  paintCharacter(image, gap);
  paintFigure(answer.pose);
  paintYou(shot.sheet, answer.joints);
  places = answer.places;
  note(answer.joints ? NOTES[answer.mode] || "" : NOTES.nobody);
  recorder.frame();
  return true;
}

// What the recorder draws into a panel.
function panels(index) {
  return [you, figure, picture][index];
}

// The camera was started or stopped.
function changed() {
  const state = live.state();
  if (state === "live") demo.stop();
  if (state === "idle") {
    if (recorder.on() && before === "live") recorder.stop();
    sharpen(you, 1);
    note("");
  }
  before = state;
  refresh();
  if (state === "idle") look();
}

// Plays the demo only where somebody sees it; stops the camera where nobody does.
function look() {
  if (!live.watched()) { demo.stop(); return clearInterval(clock); }
  if (live.seen() && live.state() !== "live") demo.play(character.name, cut());
  else demo.stop();
  figures();
}

function figures() {
  const found = live.figures();
  find("[data-figure=fps]").textContent = found ? found.fps.toFixed(0) : "–";
  find("[data-figure=latency]").textContent = found ? found.latency.toFixed(0) : "–";
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
  backdrop.refresh(character.cuts ? "" : character.title + " cannot be cut out: export the character again.");
  for (const child of find(".dance-graphs").children) child.setAttribute("aria-checked", String(child.dataset.name === character.name));
}

function choose(one) {
  character = one;
  warn("");
  refresh();
  look();
}

const actions = {
  start: live.start,
  toggle: () => (live.state() === "idle" ? live.start() : live.stop()),
  again: () => { again += 1; },
  record: () => {
    if (recorder.on()) recorder.stop();
    else {
      const which = settings.what === "character" ? [2] : live.state() === "live" ? [0, 1, 2] : [1, 2];
      const wrong = recorder.start(which, "synth-" + character.name, character.title);
      if (wrong) say(wrong, true);
    }
    refresh();
  },
};

for (const one of props.characters) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: one.title });
  button.setAttribute("role", "radio");
  button.dataset.name = one.name;
  button.addEventListener("click", () => choose(one));
  find(".dance-graphs").append(button);
}
for (const button of root.querySelectorAll("[data-do]:not(.dance-background *)")) button.addEventListener("click", () => actions[button.dataset.do]());
for (const input of root.querySelectorAll("[data-set]:not(.dance-background *)")) {
  input.addEventListener("input", () => {
    settings[input.dataset.set] = input.type === "checkbox" ? input.checked : input.type === "range" ? Number(input.value) : input.value;
    refresh();
  });
}
const clock = setInterval(look, 500);
document.addEventListener("visibilitychange", look);
choose(character);
