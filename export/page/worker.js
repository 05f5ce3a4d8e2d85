// Runs graphs outside the page's thread, so that drawing never waits. Every message has a number and gets one answer.
import { crop, pad } from "../../synth/app/web/pixels/pixels.js";

const open = new Map();
let started = null;

class Trouble extends Error {}  // an error whose message is a sentence for a person

async function bytes(url, what, progress) {
  const failed = (why) => new Trouble(what + " could not be loaded (" + why + "). Reload the page to try again.");
  const answer = await fetch(url).catch(() => { throw failed("no connection"); });
  if (!answer.ok) throw failed(answer.status);
  const total = Number(answer.headers.get("Content-Length")) || 0, parts = [];
  let loaded = 0;
  const reader = answer.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => { throw failed("the connection broke"); });
    if (done) break;
    parts.push(value);
    progress((loaded += value.length), total);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function unpacked(data) {
  if (data[0] !== 0x1f || data[1] !== 0x8b) return data;  // the server has unpacked it already
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function adapter() {
  try {
    return await navigator.gpu.requestAdapter();
  } catch {
    return null;
  }
}

// Loads one of three builds: WebAssembly alone, or WebGPU with either of two ways in which WebAssembly waits for it.
async function start(settings, progress) {
  const gpu = !settings.processor && (await adapter());
  const [bundle, wasm] = !gpu ? ["wasm", ""] : "Suspending" in WebAssembly ? ["jspi", ".jspi"] : ["webgpu", ".asyncify"];
  const base = new URL(settings.runtime, settings.home).href;
  const file = base + "ort-wasm-simd-threaded" + wasm + ".wasm" + (settings.packed ? ".gz" : "");
  const [ort, binary] = await Promise.all([
    import(base + "ort." + bundle + ".bundle.min.mjs"),
    bytes(file, "ONNX Runtime", progress).then(unpacked),
  ]).catch((error) => {
    throw error instanceof Trouble ? error : new Trouble("ONNX Runtime could not be loaded. Reload the page to try again.");
  });
  ort.env.logLevel = "error";
  ort.env.wasm.wasmBinary = binary;
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)) : 1;
  return { ort, gpu: Boolean(gpu) };
}

async function session(runtime, graph, provider) {
  const { ort } = runtime, made = await ort.InferenceSession.create(graph.bytes, { executionProviders: [provider], logSeverityLevel: 3 });
  const threads = ort.env.wasm.numThreads;
  const place = provider === "webgpu" ? "WebGPU" : "WebAssembly, " + threads + (threads > 1 ? " threads" : " thread");
  return { ...graph, made, provider, place };
}

/**
 * Opens a graph, once.
 * @param {Record<string, any>} given its graph, the page's settings and its home address
 * @param {(what: string, loaded: number, total: number) => void} progress
 */
async function load({ graph, settings, home }, progress) {
  if (open.has(graph.name)) return open.get(graph.name);
  started ||= start({ ...settings, home }, (loaded, total) => progress("the runtime", loaded, total));
  const runtime = await started.catch((error) => { started = null; throw error; });
  const data = await bytes(new URL(graph.file, home), "The model " + graph.title, (loaded) => progress(graph.title, loaded, graph.bytes));
  const about = { name: graph.name, title: graph.title, multiple: graph.multiple, bytes: data };
  let ready = runtime.gpu && (await session(runtime, about, "webgpu").catch(() => null));
  ready ||= await session(runtime, about, "wasm").catch((error) => {
    throw new Trouble(graph.title + " could not be opened here: " + String(error.message || error).split("\n")[0]);
  });
  open.set(graph.name, ready);
  return ready;
}

/** @param {Record<string, any>} given the graph's name, the names of more outputs, and its input images */
async function run({ name, names, pictures }) {
  const graph = open.get(name), { ort } = await started, [{ width, height }] = pictures;
  const padded = pictures.map((picture) => pad(picture, graph.multiple));
  const begun = performance.now();
  try {
    const feeds = graph.made.inputNames.map((input, i) => [input, new ort.Tensor("uint8", padded[i].data, [1, padded[i].height, padded[i].width, 3])]);
    const [first] = graph.made.outputNames;  // outputs that are not asked for are not computed
    const found = await graph.made.run(Object.fromEntries(feeds), [first, ...names]), result = found[first];
    const data = await result.getData(), layers = {};
    for (const each of names) layers[each] = await found[each].getData();
    const ms = performance.now() - begun;
    if (result.type !== "uint8") return { values: Float32Array.from(data), ms, place: graph.place };
    return { picture: crop({ data, width: padded[0].width, height: padded[0].height }, width, height), layers, ms, place: graph.place };
  } catch {
    if (graph.provider === "webgpu") {  // this GPU cannot run this graph
      open.set(name, await session(await started, graph, "wasm"));
      return run({ name, names, pictures });
    }
    throw new Trouble(graph.title + " could not run at " + width + " × " + height + " pixels. Try a smaller picture.");
  }
}

let turn = Promise.resolve();  // a session runs one picture at a time

function inTurn(given) {
  const mine = turn.then(() => run(given));
  turn = mine.catch(() => null);
  return mine;
}

self.onmessage = async ({ data: { number, task, ...given } }) => {
  const progress = (what, loaded, total) => self.postMessage({ number, progress: { what, loaded, total } });
  try {
    const answer = task === "load" ? { place: (await load(given, progress)).place } : await inTurn(given);
    self.postMessage({ number, answer });
  } catch (error) {
    self.postMessage({ number, error: error instanceof Trouble ? error.message : "Something went wrong: " + error.message });
  }
};
