// The Translate page: an image and what a graph makes of it, compared by a slider.
import { fromImage, toImage } from "../../synth/app/web/pixels/pixels.js";
import { isStray, read } from "../../synth/app/web/pixels/read.js";
import { choices, loading, parts, save, sentence, tell, thumbs } from "./parts.js";

const STRAY = "Most of this picture is not in the model's label colours. The Draw tab lists them by name.";
const TAKES = {
  photo: "A photograph",
  labels: "A label map in the model's own colours",
  drawing: "A dark line drawing on white",
};

export function makeTranslate(section, graphs, { engine, trouble, where }) {
  const part = parts(section), wipe = section.querySelector(".wipe");
  const before = section.querySelector(".translate-input"), after = section.querySelector(".translate-result");
  let graph = null, source = null, turn = 0, name = "picture";

  function put(canvas, image) {
    canvas.width = image.width;
    canvas.height = image.height;
    canvas.getContext("2d").putImageData(image, 0, 0);
  }

  // `own`: the visitor's picture stays when they change to another graph.
  async function take(file, title, own) {
    const mine = (turn += 1), asked = graph;
    try {
      const { image, note } = await read(file, title, asked.kind === "labels");
      if (mine !== turn) return;
      source = own ? { file, title } : null;
      name = title.replace(/\.\w+$/, "");
      wipe.style.setProperty("--shape", image.width / image.height);
      put(before, image);
      after.width = 0;
      tell(part.speed, null);
      part.note.textContent = [note, isStray(image, asked) ? STRAY : ""].join(" ").trim();
      const answer = await engine.run(asked, fromImage(image));
      where(answer.place);
      if (mine !== turn) return;
      put(after, toImage(answer.picture));
      tell(part.speed, answer, " · " + image.width + " × " + image.height + " pixels");
      section.querySelector("[data-do=save]").disabled = false;
      trouble("");
    } catch (error) {
      if (mine === turn) trouble(error);
    } finally {
      if (mine === turn) loading(part.loading, null);
    }
  }

  async function example(url) {
    const mine = (turn += 1);
    const answer = await fetch(url).catch(() => null), blob = answer && answer.ok ? await answer.blob() : null;
    if (mine !== turn) return; // the visitor has given a picture meanwhile
    if (!blob) return trouble("This example could not be loaded. Reload the page to try again.");
    take(blob, "example.png", false);
  }

  function open(chosen) {
    graph = graphs.find((each) => each.name === chosen);
    part.task.textContent = sentence(graph.task);
    part.takes.textContent = TAKES[graph.kind] || "";
    part.licence.textContent = "Licence of " + graph.title + ": " + graph.licence;
    section.querySelector("[data-do=save]").disabled = true;
    thumbs(part.thumbs, graph, example);
    if (source) take(source.file, source.title, true);
    else if (graph.examples.length) example(graph.examples[0]);
  }

  function given(files) {
    const file = [...(files || [])].find((each) => each.type.startsWith("image/")) || (files || [])[0];
    if (file) take(file, file.name || "picture.png", true);
  }

  part.file.addEventListener("change", () => { given(part.file.files); part.file.value = ""; });
  part.wipe.addEventListener("input", () => wipe.style.setProperty("--at", part.wipe.value + "%"));
  section.querySelector("[data-do=save]").addEventListener("click", () => save(after, "synth-" + graph.name + "-" + name + ".png"));
  for (const kind of /** @type {const} */ (["dragover", "drop"])) {
    document.addEventListener(kind, (event) => {
      if (section.hidden) return;
      event.preventDefault();
      section.classList.toggle("over", kind === "dragover");
      if (kind === "drop") given(event.dataTransfer.files);
    });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) section.classList.remove("over"); });
  document.addEventListener("paste", (event) => { if (!section.hidden) given(event.clipboardData.files); });
  choices(part.graphs, graphs.map((each) => [each.name, each.title]), graphs[0].name, open);

  return {
    open: () => { if (!graph) open(graphs[0].name); },
    progress: (progress) => loading(part.loading, progress),
  };
}
