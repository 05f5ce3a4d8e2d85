// Reads the list of graphs and wires the page together.
import { makeDance } from "./dance.js";
import { makeDraw } from "./draw.js";
import { makeEngine } from "./engine.js";
import { choices, sentence } from "./parts.js";
import { makeTranslate } from "./translate.js";

const find = (id) => document.getElementById(id);
const processor = new URLSearchParams(location.search).get("on") === "processor";
const ON_GPU = "Your graphics processor computes the pictures, by WebGPU. ";
const ON_PROCESSOR = "Your processor computes the pictures, by ";
const titles = { draw: "Draw", translate: "Translate", dance: "Dance" };

function trouble(error) {
  find("trouble").textContent = error ? error.message || String(error) : "";
  if (error && find("place").textContent === "Starting") find("place").textContent = "Not running";
}

function table(graphs) {
  find("about-graphs").replaceChildren(...graphs.map((graph) => {
    const row = document.createElement("tr");
    const size = (graph.parameters / 1e6).toFixed(1) + " M parameters", seen = graph.images.toLocaleString("en") + " pictures seen in training";
    for (const text of [graph.title, sentence(graph.task) + ". " + size + ", " + seen + ".", graph.licence]) row.insertCell().textContent = text;
    return row;
  }));
}

function where(place) {
  find("place").textContent = place.split(",")[0];
  const gpu = place.startsWith("WebGPU"), link = document.createElement("a");
  find("about-place").textContent = gpu ? ON_GPU : ON_PROCESSOR + place + ". ";
  if (!gpu && !processor) return;
  link.href = gpu ? "?on=processor" : "?";
  link.textContent = gpu ? "Use the processor instead" : "Use the graphics processor, where there is one";
  find("about-place").append(link);
}

async function begin() {
  const answer = await fetch("graphs.json").catch(() => null);
  const status = answer ? answer.status : "no connection";
  if (!answer || !answer.ok) throw new Error("The list of models could not be loaded (" + status + "). Reload the page to try again.");
  const { graphs: all, ...settings } = await answer.json(), graphs = all.filter((graph) => graph.role === "picture");
  Object.assign(settings, { processor });
  let shown = null;
  const engine = makeEngine(settings, (progress) => shown && shown.progress(progress));
  const host = { engine, settings, trouble, where };
  const pages = {}, drawn = graphs.filter((graph) => graph.draws), characters = all.filter((graph) => graph.role === "character");
  if (drawn.length) pages.draw = makeDraw(find("draw"), drawn, host);
  if (graphs.length) pages.translate = makeTranslate(find("translate"), graphs, host);
  if (characters.length) pages.dance = makeDance(find("dance"), characters, all.find((graph) => graph.role === "pose"), host);
  const names = Object.keys(titles).filter((name) => pages[name]);

  function show(name) {
    for (const each of names) find(each).hidden = each !== name;
    if (shown && shown.close) shown.close();
    shown = pages[name];
    trouble("");
    shown.open();
  }

  const wanted = location.hash.slice(1), first = names.includes(wanted) ? wanted : names[0];
  choices(find("tabs"), names.map((name) => [name, titles[name]]), first, (name) => {
    history.replaceState(null, "", "#" + name);
    show(name);
  });
  table(all);
  find("about-version").textContent = settings.version;
  show(first);
}

find("about-open").addEventListener("click", () => {
  /** @type {HTMLDialogElement} */ (find("about")).showModal();
  find("about").scrollTop = 0;  // not at the button, which has the focus
});
if (document.documentElement.dataset.ready) begin().catch(trouble);
