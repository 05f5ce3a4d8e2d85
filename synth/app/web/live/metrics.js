// What a live tab says of itself: frames per second, latency, and the milliseconds of each stage.

// Shows the metrics of a live session in the elements of `root` that are made for them.
export function showMetrics(root, metrics) {
  root.querySelector("[data-metric=fps]").textContent = metrics ? metrics.fps.toFixed(0) : "–";
  root.querySelector("[data-metric=latency]").textContent = metrics ? metrics.latency.toFixed(0) : "–";
}

const SHOWN = { graph: "model" };  // stages that people know by another word

// Lists milliseconds by stage; `where` has the place of some stages.
export function listStages(list, ms, where) {
  list.replaceChildren(...Object.entries(ms).map(([name, spent]) => {
    const box = document.createElement("div"), term = document.createElement("dt"), value = document.createElement("dd");
    term.textContent = SHOWN[name] || name;
    value.textContent = (spent >= 0 ? spent.toFixed(spent < 10 ? 1 : 0) : "–") + " ms" + (where[name] ? " · " + where[name] : "");
    box.append(term, value);
    return box;
  }));
}
