// The panels of the Translate tab: an image there and back, or the webcam. Their value is set by Python.
import { load, makeStatus } from "../canvas/elements.js";
import { makeCall } from "../live/call.js";
import { makeLive } from "../live/live.js";
import { listStages, showMetrics } from "../live/metrics.js";

export function start({ element, props, server, watch }) {
  const root = element.firstElementChild, find = (name) => root.querySelector(name);
  const panels = [...root.querySelectorAll("canvas")], call = makeCall(server), say = makeStatus(find(".panels-status"));
  let given = {}, wished = false, place = "", turn = 0;

  // Says the mean difference between input and reconstruction.
  function tell(levels) {
    const told = find(".panels-told"), known = typeof levels === "number", value = document.createElement("b");
    told.replaceChildren();
    if (!known) return;
    value.textContent = levels.toFixed(1);
    told.append("Input and reconstruction differ by ", value, " of 255 grey levels on average. The model for the way back is “" + given.back + "”.");
  }

  function paint(panel, image) {
    const width = image.naturalWidth || image.width, height = image.naturalHeight || image.height;
    if (panel.width !== width || panel.height !== height) { panel.width = width; panel.height = height; }
    panel.getContext("2d", { alpha: false }).drawImage(image, 0, 0);
  }

  function blank() {
    for (const panel of panels) { panel.width = 4; panel.height = 3; }
    tell(null);
  }

  const live = makeLive({
    root, call, say,
    video: find(".panels-video"),
    names: { begin: "translate_begin", frame: "translate_frame", end: "translate_end" },
    about: () => ({ graph: given.live, cycle: given.cycle }),
    title: () => given.title,
    message: () => ({ graph: given.live, cycle: given.cycle, smooth: 0, again: 0 }),
    begun: (answer) => { find(".panels-warning").textContent = answer.warning || ""; },
    idle: (sheet) => paint(panels[0], sheet),
    changed: refresh,
    async show(answer, shot, newest) {
      const of = given, images = await Promise.all(answer.pictures.map(load));
      if (!newest() || of !== given || images.length !== (given.cycle ? 2 : 1) || !images.every(Boolean)) return false;
      [shot.sheet, ...images].forEach((image, index) => paint(panels[index], image));
      place = answer.place;
      tell(answer.difference);
      return true;
    },
  });

  async function still() {
    const mine = (turn += 1), images = await Promise.all((given.pictures || []).map(load));
    if (mine !== turn || !images.every(Boolean)) return;
    images.forEach((image, index) => paint(panels[index], image));
    tell(given.difference);
  }

  // Shows the value that Python has set.
  function changed() {
    const before = given;
    given = props.value || {};
    turn += 1;
    root.dataset.panels = given.live && !given.cycle ? 2 : 3;
    if (given.live) {
      if (!before.live) blank();
      if (!given.cycle) tell(null);
      wished = wished || !before.live;
    } else {
      wished = false;
      if (live.state() !== "idle") live.stop();
      find(".panels-warning").textContent = "";
      say("");
      still();
    }
    refresh();
    look();
  }

  function refresh() {
    root.dataset.state = live.state();
    root.dataset.mode = given.live ? "live" : "still";
    find("[data-do=toggle]").textContent = live.state() === "idle" ? "Start camera" : "Stop";
  }

  function look() {
    if (!live.watched()) return clearInterval(clock);
    if (wished && live.seen()) {
      wished = false;
      live.start();
    }
    const found = live.metrics();
    showMetrics(root, found);
    if (found) listStages(find(".panels-stages"), found.ms, { graph: place });
  }

  find("[data-do=toggle]").addEventListener("click", () => (live.state() === "idle" ? live.start() : live.stop()));
  const clock = setInterval(look, 500);
  document.addEventListener("visibilitychange", look);
  watch("value", changed);
  changed();
}
