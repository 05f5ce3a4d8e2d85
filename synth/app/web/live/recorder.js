// Records panels to a video file, in the browser alone. Every frame and the file's metadata say that it is synthesized.
import { fileName } from "../canvas/names.js";
import { withComment } from "./recording.js";

const SIDE = 480, CAPTION = 26, LONGEST_SECONDS = 600;
const KINDS = ["video/mp4;codecs=avc1.42E01F", "video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"];

// `paint(index)` returns the canvas that panel `index` shows; `ended()` is called after the file was saved.
export function makeRecorder(paint, ended) {
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d", { alpha: false });
  let recorder = null, parts = [], began = 0, panels = [], words = "", about = null;

  function frame() {
    if (!recorder) return;
    context.fillStyle = "#0c0a09";
    context.fillRect(0, 0, canvas.width, canvas.height);
    panels.forEach((panel, place) => {
      const source = paint(panel), scale = SIDE / Math.max(source.width, source.height);
      const width = source.width * scale, height = source.height * scale;
      context.drawImage(source, place * SIDE + (SIDE - width) / 2, (SIDE - height) / 2, width, height);
    });
    context.fillStyle = "#d6d3d1";
    context.font = "14px sans-serif";
    context.textBaseline = "middle";
    context.fillText(words, 10, SIDE + CAPTION / 2);
    if (performance.now() - began > LONGEST_SECONDS * 1000) stop();
  }

  // `of` has the title, the comment for the file's metadata, and the parts of its name: what was recorded, and of whom.
  function start(which, of) {
    const type = window.MediaRecorder && KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    if (!type || !canvas.captureStream) return "This browser cannot record. Try a newer one.";
    panels = which;
    about = of;
    words = "Synthesized: " + of.title + (which.length > 1 ? " moves as the person at the webcam does" : "") + " · synth";
    canvas.width = SIDE * which.length;
    canvas.height = SIDE + CAPTION;
    parts = [];
    began = performance.now();
    recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: type, videoBitsPerSecond: 4_000_000 });
    recorder.addEventListener("dataavailable", (event) => { if (event.data.size) parts.push(event.data); });
    recorder.addEventListener("stop", () => keep(type.split(";")[0]));
    recorder.start(1000);
    frame();
    return "";
  }

  function stop() {
    const running = recorder;
    recorder = null;
    if (!running) return;
    running.stop();
    for (const track of running.stream.getTracks()) track.stop();
  }

  async function keep(type) {
    const link = document.createElement("a"), whole = new Blob(parts, { type }), ending = type === "video/mp4" ? ".mp4" : ".webm";
    const { source, name, comment } = about;
    parts = [];
    const marked = withComment(new Uint8Array(await whole.arrayBuffer()), comment);
    link.href = URL.createObjectURL(new Blob([marked], { type }));
    link.download = fileName("", source, [name, "synthesized"], ending);
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    ended();
  }

  // A recording would be lost with the page, so the browser asks before it closes.
  window.addEventListener("beforeunload", (event) => { if (recorder) event.preventDefault(); });
  return { start, stop, frame, on: () => Boolean(recorder), seconds: () => (performance.now() - began) / 1000 };
}
