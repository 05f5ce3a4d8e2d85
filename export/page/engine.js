// The page's side of worker.js: promises of graphs that are ready, and of what they return.
export function makeEngine(settings, progress) {
  const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
  const waiting = new Map(), loading = new Map();
  let count = 0, broken = "";

  worker.onmessage = ({ data }) => {
    if (data.progress) return progress(data.progress);
    const { resolve, reject } = waiting.get(data.number);
    waiting.delete(data.number);
    if (data.error) reject(new Error(data.error));
    else resolve(data.answer);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    broken = "This browser could not start the page's worker. Try a current Chrome, Firefox, Safari or Edge.";
    for (const { reject } of waiting.values()) reject(new Error(broken));
    waiting.clear();
  };

  function ask(task, given) {
    if (broken) return Promise.reject(new Error(broken));
    return new Promise((resolve, reject) => {
      waiting.set((count += 1), { resolve, reject });
      worker.postMessage({ number: count, task, ...given });
    });
  }

  // Resolves to { place } when the graph can run; failures are not remembered, so that it can be tried again.
  function load(graph) {
    if (!loading.has(graph.name)) {
      const home = new URL(".", document.baseURI).href, ready = ask("load", { graph, settings, home });
      loading.set(graph.name, ready);
      ready.catch(() => loading.delete(graph.name));
    }
    return loading.get(graph.name);
  }

  // Resolves to { picture, ms, place }, or { values, ms, place } of keypoints; pictures are { data, width, height }.
  const run = (graph, ...pictures) => runAll(graph, [], ...pictures);

  // The same with `layers`: the graph's other outputs of these names.
  async function runAll(graph, names, ...pictures) {
    await load(graph);
    return ask("run", { name: graph.name, names, pictures });
  }

  return { load, run, runAll };
}
