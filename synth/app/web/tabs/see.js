// The See tab: an image or the webcam, and over it what a model sees.
import { drawLimbs } from "../body/skeleton.js";
import { button, choose, load, makeStatus, save, sharpen } from "../canvas/elements.js";
import { BAD, listenForFiles } from "../canvas/incoming.js";
import { fileName, stemOf } from "../canvas/names.js";
import { makeCall } from "../live/call.js";
import { makeLive } from "../live/live.js";
import { listStages, showMetrics } from "../live/metrics.js";
import { makeNotes } from "../live/notes.js";
import { shrunk } from "../live/still.js";
import { firstModel } from "../memory/address.js";

const SHOWN = 0.005;  // the least share of an image that the legend lists
const DIM = 0.8;  // how dark an image becomes under a belief map

// Returns a line of the legend; `color` is that of a class, a joint has none.
function row(color, name, share) {
  const item = document.createElement("li"), swatch = document.createElement("i");
  const label = document.createElement("span"), value = document.createElement("b");
  swatch.style.background = color;
  swatch.hidden = !color;
  label.textContent = name;
  value.textContent = (100 * share).toFixed(share < 0.1 ? 1 : 0) + " %";
  item.style.setProperty("--share", share);
  item.append(swatch, label, value);
  return item;
}

export function start({ element, props, server }) {
  const root = element.firstElementChild, find = (name) => root.querySelector(name);
  const video = find(".see-video"), canvas = find(".see-canvas"), file = find(".see-file");
  const settings = { opacity: 0.6, joint: -1 };
  const call = makeCall(server), say = makeStatus(find(".see-status"));
  const notes = makeNotes((text) => { find(".see-note").textContent = text; });
  let graph = firstModel("see", props.graphs), turn = 0, current = null, place = "", asking = false, again = false, opened = "", source = "";

  // Draws the latest answer over its image; the opacity changes without another request.
  function paint() {
    if (!current) return;
    const { sheet, labels, belief, answer } = current, context = sharpen(canvas, sheet.height / sheet.width);
    context.drawImage(sheet, 0, 0, canvas.width, canvas.height);
    context.save();
    context.globalAlpha = settings.opacity;
    if (labels) {
      context.imageSmoothingEnabled = false;
      context.drawImage(labels, 0, 0, canvas.width, canvas.height);
    }
    if (belief) {
      const across = canvas.width / sheet.width, down = canvas.height / sheet.height, [x, y, width, height] = answer.box;
      context.fillStyle = "black"; // so that the glow is seen over light places too
      context.globalAlpha = DIM * settings.opacity;
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.globalAlpha = settings.opacity;
      context.globalCompositeOperation = "screen";
      context.drawImage(belief, x * across, y * down, width * across, height * down);
      context.globalCompositeOperation = "source-over";
    }
    if (answer && answer.joints) drawLimbs(context, answer.joints, [canvas.width / sheet.width, canvas.height / sheet.height]);
    context.restore();
  }

  function legend() {
    const answer = current && current.answer, rows = [];
    if (answer && answer.shares) {
      const order = answer.shares.map((share, index) => [share, index]).filter(([share]) => share >= SHOWN).sort((a, b) => b[0] - a[0]);
      for (const [share, index] of order) {
        const [name, ...color] = graph.palette[index];
        rows.push(row("rgb(" + color + ")", name, share));
      }
    } else if (answer && answer.joints) {
      answer.joints.forEach((joint, index) => rows.push(row("", props.joints[index], joint[2])));
    }
    find(".see-what").textContent = !rows.length ? "" : answer.shares ? "Share of the picture" : "How sure the model is of each joint";
    find(".see-legend").replaceChildren(...rows);
    find("[data-do=save]").disabled = !(current && current.labels);
  }

  const live = makeLive({
    root, video, call, say, show,
    names: { begin: "see_begin", frame: "see_look", end: "see_end" },
    about: () => ({ graph: graph.name }),
    title: () => graph.title,
    message: (still) => ({ graph: graph.name, smooth: 0, again: 0, joint: settings.joint, still }),
    begun: (answer) => { find(".see-warning").textContent = answer.warning || ""; },
    idle: (sheet) => { current = { sheet }; paint(); find("[data-do=save]").disabled = true; },
    changed: () => { if (live.state() === "live") notes.say(""); refresh(); },
  });

  async function show(answer, shot, newest) {
    const of = graph, [labels, belief] = await Promise.all([answer.labels && load(answer.labels), answer.belief && load(answer.belief)]);
    if (!newest() || of !== graph) return false;
    current = { sheet: shot.sheet, labels, belief, answer };
    place = answer.place;
    paint();
    legend();
    if (live.state() === "live") notes.tell(answer.note || "");
    else notes.say(answer.note || "");
    return true;
  }

  async function open(url) {
    const mine = (turn += 1), image = await load(url);
    if (mine !== turn) return;
    if (!image) return say(BAD, true);
    if (live.state() !== "idle") live.stop();
    current = shrunk(image);
    say("");
    refresh();
    paint();
    legend();
    look();
  }

  // Asks what is seen in the still image, and again if the image or a setting has changed meanwhile.
  async function look() {
    if (!current || !current.jpeg || live.state() !== "idle") return;
    if (asking) { again = true; return; }
    asking = true;
    const shot = current, of = graph, sent = performance.now();
    let answer = await live.ask(shot, true);
    for (let tries = 0; answer.busy && tries < 40; tries += 1) {
      await new Promise((done) => setTimeout(done, 50));
      answer = await live.ask(shot, true);
    }
    asking = false;
    if (again) { again = false; return look(); }
    if (answer.error || answer.busy) return say(answer.error || "synth is busy. Try again in a moment.", true);
    if (answer.late || of !== graph || current !== shot) return look();
    await show(answer, shot, () => current === shot && live.state() === "idle");
    if (current && current.sheet === shot.sheet) current.jpeg = shot.jpeg;
    const network = performance.now() - sent - answer.ms.graph - answer.ms.server - answer.ms.wait;
    listStages(find(".see-stages"), { ...answer.ms, network }, { graph: place });
  }

  function pick(one) {
    graph = one;
    if (current) current = { sheet: current.sheet, jpeg: current.jpeg };
    thumbs();
    refresh();
    paint();
    legend();
    notes.say("");
    if (live.state() === "idle") {
      if (current && current.jpeg && opened === "own") look();
      else if (live.seen()) example(0);
    }
  }

  async function example(index) {
    const mine = (turn += 1), answer = await call("see_example", { graph: graph.name, index });
    if (mine !== turn) return;
    if (answer.error) return say(answer.error, true);
    opened = graph.name;
    source = "example-" + (index + 1);
    if (answer.picture) open(answer.picture);
  }

  function thumbs() {
    find(".see-examples").replaceChildren();
    graph.thumbs.forEach((address, index) => {
      const image = Object.assign(new Image(), { src: address, alt: "Example " + (index + 1) });
      button(find(".see-examples"), image, () => example(index));
    });
  }

  function refresh() {
    const idle = live.state() === "idle";
    root.dataset.state = live.state();
    root.dataset.kind = graph.kind;
    root.dataset.empty = current || !idle ? "" : "yes";
    find("[data-do=toggle]").textContent = idle ? "Start camera" : "Stop";
    choose(find(".see-graphs"), "name", graph.name);
  }

  function own(file) {
    if (!file.type.startsWith("image/")) return say(BAD, true);
    const url = URL.createObjectURL(file);
    opened = "own";
    source = stemOf(file);
    open(url).finally(() => URL.revokeObjectURL(url));
  }

  function watch() {
    if (!live.watched()) return clearInterval(clock);
    if (live.seen() && !opened && graph.thumbs.length && live.state() === "idle") { opened = graph.name; example(0); }
    const found = live.metrics();
    showMetrics(root, found);
    if (found) listStages(find(".see-stages"), found.ms, { graph: place });
  }

  const actions = {
    toggle: () => {
      if (live.state() !== "idle") return live.stop();
      turn += 1;  // an image that is still loading comes too late
      source = "";
      live.start();
    },
    open: () => file.click(),
    save: () => current && current.labels && save(current.answer.labels, fileName(source, "webcam", [graph.name], ".png")),
  };

  for (const one of props.graphs) button(find(".see-graphs"), one.title, () => pick(one), { name: one.name }).title = one.task;
  find("[data-set=joint]").append(new Option("all joints", "-1"), ...props.joints.map((name, index) => new Option(name, String(index))));
  find("[data-set=opacity]").addEventListener("input", (event) => { settings.opacity = Number(event.target.value); paint(); });
  find("[data-set=joint]").addEventListener("input", (event) => { settings.joint = Number(event.target.value); look(); });
  for (const each of root.querySelectorAll("[data-do]")) each.addEventListener("click", () => actions[each.dataset.do]());
  listenForFiles(find(".see-box"), file, own);
  const clock = setInterval(watch, 500);
  document.addEventListener("visibilitychange", watch);
  window.addEventListener("resize", paint);
  thumbs();
  refresh();
  watch();
}
