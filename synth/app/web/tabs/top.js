// The head of the page: opens the tab and the model that the address names, and has the address follow the visitor.
import { firstModel, keepModel, placeOf, withPlace } from "../memory/address.js";

const EVERY = 100, PATIENCE = 50;  // milliseconds between two looks at the page; clicks of its own
const STEADY = 10;  // looks until a choice counts as made: Gradio may set a radio button back while it lays out a tab

const listOf = (tab) => "." + tab + "-graphs, #" + tab + "-models";

// Returns the models of a tab that is laid out: buttons of our own pages, or Gradio's radio buttons.
function modelsOf(tab) {
  const found = document.querySelectorAll(`:is(${listOf(tab)}) :is(button, input)`);
  return [...found].map((/** @type {any} */ one) => ({
    one,
    name: one.dataset.graph || one.dataset.name || one.value,
    chosen: one.checked || one.getAttribute("aria-checked") === "true",
  }));
}

export function start({ element }) {
  const opened = new Set();
  let asked = placeOf(location.href).tab, patience = PATIENCE, before = null, steady = 0;

  function look() {
    if (!element.isConnected) return clearInterval(clock);
    const tabs = [...document.querySelectorAll("[role=tab][data-tab-id]")].map((/** @type {any} */ one) => ({
      one, name: one.dataset.tabId, shown: one.getAttribute("aria-selected") === "true",
    }));
    const tab = tabs.find((each) => each.shown), wanted = tabs.find((each) => each.name === asked);
    if (!tab) return;
    if (wanted && wanted !== tab && press(wanted.one)) return;
    asked = "";
    const models = modelsOf(tab.name), first = opened.has(tab.name) ? null : firstModel(tab.name, models);
    if (first) {
      steady = first.chosen && before && before.tab === tab.name ? steady + 1 : 0;
      if (!first.chosen && press(first.one)) return;
      if (!first.chosen || steady >= STEADY) opened.add(tab.name);
    }
    note(tab.name, (models.find((each) => each.chosen) || { name: "" }).name);
  }

  // Clicks a button, which will be chosen at the next look.
  function press(button) {
    patience -= 1;
    if (patience >= 0) button.click();
    return patience >= 0;
  }

  // Has the address follow. That of a visitor who has changed nothing stays as it is, and so does that of a tab which is
  // not laid out yet.
  function note(tab, model) {
    if (before && before.tab === tab && before.model === model) return;
    const place = placeOf(location.href), named = Boolean(place.tab || place.model);
    if (!model && place.tab === tab) return;
    if (named || (before && (before.tab !== tab || before.model))) {
      try { history.replaceState(history.state, "", withPlace(location.href, { tab, model })); } catch { /* A frame without an address. */ }
      if (model) keepModel(tab, model);
    }
    before = { tab, model };
  }

  // What the visitor has chosen stays.
  function clicked(event) {
    const tab = document.querySelector("[role=tab][data-tab-id][aria-selected=true]");
    const name = tab instanceof HTMLElement ? tab.dataset.tabId : "";
    if (name && event.isTrusted && event.target.closest(listOf(name))) opened.add(name);
    setTimeout(look);
  }

  const clock = setInterval(look, EVERY);
  document.addEventListener("click", clicked);
  look();
}
