// The tab and the model in the page's address: ?tab=draw&model=emoji
import { keep, recall } from "./store.js";

// Returns the names of a tab and a model as they stand in an address, empty where they do not.
export function placeOf(href) {
  const given = new URL(href).searchParams;
  return { tab: given.get("tab") || "", model: given.get("model") || "" };
}

// Returns an address with a tab and a model; everything else in it stays.
export function withPlace(href, { tab, model }) {
  const url = new URL(href);
  url.searchParams.set("tab", tab);
  if (model) url.searchParams.set("model", model);
  else url.searchParams.delete("model");
  return url.href;
}

/**
 * Returns the model that a tab opens with: that of the address, else the one that was chosen last, else the first.
 * Unknown names are ignored.
 * @param {string} tab
 * @param {any[]} models each has a name
 * @param {string} [href]
 * @param {any} [chosen] the name of the model that was chosen last, by tab
 * @returns {any}
 */
export function firstModel(tab, models, href = location.href, chosen = recall("models")) {
  const asked = placeOf(href), find = (name) => models.find((one) => one.name === name);
  return (asked.tab === tab && find(asked.model)) || find(chosen && chosen[tab]) || models[0];
}

export function keepModel(tab, name) { keep("models", { ...recall("models"), [tab]: name }); }
