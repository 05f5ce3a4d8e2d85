// The Dance tab: wires camera, server and panels. `element`, `props` and `server` are given by gr.HTML.
const root = element.firstElementChild, find = (name) => root.querySelector(name);
const video = find(".dance-video"), you = find(".dance-you"), figure = find(".dance-figure"), picture = find(".dance-character");
const settings = { mirror: true, skeleton: true, smooth: 0.5, what: "all" };
const NOTES = {
  nobody: "Nobody is in view. Step in front of the camera.",
  upper: "Only your upper body is in view. Step back to dance with your legs too.",
};
let character = props.characters[0], token = "", again = 0, state = "idle", places = {}, poseName = "";

function say(text, wrong) {
  const status = find(".dance-status");
  status.textContent = text || "";
  status.classList.toggle("wrong", Boolean(wrong));
}

function warn(text) { find(".dance-warning").textContent = text || props.warning || ""; }

async function call(name, data) {
  try {
    const answer = await server[name](data);
    return answer && typeof answer === "object" ? answer : { error: "synth does not answer. Is it still running?" };
  } catch (error) {
    return { error: "synth does not answer. Is it still running?" };
  }
}

function load(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.complete && image.naturalWidth ? image : null);
    image.onerror = () => resolve(null);
    image.src = url;
  });
}

function paintCharacter(image) {
  if (picture.width !== image.naturalWidth) { picture.width = image.naturalWidth; picture.height = image.naturalHeight; }
  const context = picture.getContext("2d", { alpha: false });
  context.clearRect(0, 0, picture.width, picture.height);
  context.drawImage(image, 0, 0);
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

const camera = makeCamera(video, (text) => { stop(); say(text, true); });
const demo = makeDemo(
  (name, first) => call("dance_demo", { character: name, first }),
  (image, pose, clip) => {
    if (state !== "idle") return;
    paintCharacter(image);
    paintFigure(pose);
    recorder.frame();
    root.dataset.demo = "on";
    find(".dance-stages").replaceChildren(stage("generator", clip.ms, clip.place));
  },
  (text) => say(text, true),
);
const loop = makeLoop(camera, ask, show, () => paintYou(camera.look(), null), (text) => { stop(); say(text, true); });
const recorder = makeRecorder(panels, () => refresh());

async function ask(shot) {
  const data = { token, character: character.name, jpeg: shot.jpeg, number: shot.number, time: shot.time / 1000, mirror: settings.mirror, smooth: settings.smooth, again };
  const answer = await call("dance_frame", data);
  if (!answer.gone) return answer;
  const begun = await call("dance_begin", { character: character.name });
  if (begun.error) return begun;
  token = begun.token;
  return { busy: true };
}

async function show(answer, shot, newest) {
  const of = character, image = await load(answer.picture);
  if (!image || !newest() || of !== character) return false;
  paintCharacter(image);
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

async function start() {
  if (state !== "idle") return;
  state = "opening";
  refresh();
  say("Waiting for the camera. Allow it if the browser asks.");
  try {
    await camera.open();
    if (state !== "opening") return camera.close();
    say("Opening " + character.title + ".");
    const begun = await call("dance_begin", { character: character.name });
    if (state !== "opening") return;
    if (begun.error) throw new Error(begun.error);
    token = begun.token;
    poseName = begun.pose;
    warn(begun.warning);
  } catch (error) {
    stop();
    return say(error.message, true);
  }
  state = "live";
  demo.stop();
  say("");
  loop.start();
  refresh();
}

function stop() {
  const before = state;
  state = "idle";
  loop.stop();
  camera.close();
  if (recorder.on() && before === "live") recorder.stop();
  if (token) call("dance_end", { token });
  token = "";
  sharpen(you, 1);
  note("");
  say("");
  refresh();
  look();
}

// Plays the demo only where somebody sees it; stops the camera where nobody does.
function look() {
  if (!element.isConnected) { camera.close(); loop.stop(); demo.stop(); return clearInterval(clock); }
  const seen = !document.hidden && root.offsetParent !== null;
  if (!seen && state !== "idle") {
    stop();
    say("The camera was stopped because this page was out of sight.");
  }
  if (seen && state !== "live") demo.play(character.name);
  else demo.stop();
  figures();
}

function stage(name, ms, where) {
  const box = document.createElement("div"), term = document.createElement("dt"), value = document.createElement("dd");
  term.textContent = name;
  value.textContent = (ms >= 0 ? ms.toFixed(ms < 10 ? 1 : 0) : "–") + " ms" + (where ? " · " + where : "");
  box.append(term, value);
  return box;
}

function figures() {
  const found = state === "live" ? loop.figures() : null;
  find("[data-figure=fps]").textContent = found ? found.fps.toFixed(0) : "–";
  find("[data-figure=latency]").textContent = found ? found.latency.toFixed(0) : "–";
  if (recorder.on()) find("[data-do=record]").textContent = "Stop recording · " + recorder.seconds().toFixed(0) + " s";
  if (!found) return;
  const where = { capture: "browser", display: "browser", pose: poseName + " · " + (places.pose || ""), generator: places.generator };
  find(".dance-stages").replaceChildren(...Object.entries(found.ms).map(([name, ms]) => stage(name, ms, where[name])));
}

function refresh() {
  root.dataset.state = state;
  if (state !== "idle") root.dataset.demo = "off";
  find(".dance-name").textContent = character.title;
  find(".dance-call").textContent = "Dance, and " + character.title + " dances with you";
  find("[data-do=toggle]").textContent = state === "idle" ? "Start camera" : "Stop";
  find("[data-do=again]").disabled = state !== "live";
  find("[data-do=record]").textContent = "Record";
  find("[data-do=record]").classList.toggle("on", recorder.on());
  for (const child of find(".dance-graphs").children) child.setAttribute("aria-checked", String(child.dataset.name === character.name));
}

function choose(one) {
  character = one;
  warn("");
  refresh();
  look();
}

const actions = {
  start,
  toggle: () => (state === "idle" ? start() : stop()),
  again: () => { again += 1; },
  record: () => {
    if (recorder.on()) recorder.stop();
    else {
      const which = settings.what === "character" ? [2] : state === "live" ? [0, 1, 2] : [1, 2];
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
for (const button of root.querySelectorAll("[data-do]")) button.addEventListener("click", () => actions[button.dataset.do]());
for (const input of root.querySelectorAll("[data-set]")) {
  input.addEventListener("input", () => {
    settings[input.dataset.set] = input.type === "checkbox" ? input.checked : input.type === "range" ? Number(input.value) : input.value;
    refresh();
  });
}
const clock = setInterval(look, 500);
document.addEventListener("visibilitychange", look);
window.addEventListener("pagehide", () => camera.close());
choose(character);
