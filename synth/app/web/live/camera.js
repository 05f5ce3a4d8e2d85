// The webcam: opened when asked for, with a sentence that says the way out of everything that can go wrong.
import { CAMERA } from "../constants.js";

const WANTED = { width: { ideal: CAMERA.WIDTH }, height: { ideal: CAMERA.HEIGHT }, frameRate: { ideal: CAMERA.FPS }, facingMode: "user" };
const REFUSED = "The browser was not allowed to use the camera. Allow it with the camera icon in the address bar, then start again.";
const INSECURE = "Browsers allow the camera only on https pages and on this machine. Open the page as http://localhost:";
const { LONGEST, QUALITY } = CAMERA;
const SHEETS = 6;  // frames that are under way, one that is shown, and some that came too late

// `lost(text)` is called when an open camera is disconnected.
export function makeCamera(video, lost) {
  const latest = document.createElement("canvas"), sheets = Array.from({ length: SHEETS }, () => document.createElement("canvas"));
  let stream = null, turn = 0;

  function why(error) {
    const name = error && error.name;
    if (name === "NotAllowedError" || name === "SecurityError") return REFUSED;
    if (name === "NotFoundError") return "No camera was found. Connect one, then start again.";
    if (name === "NotReadableError" || name === "AbortError") return "The camera does not start. Close other programs that use it, then start again.";
    return "The camera could not be opened (" + (name || error) + "). Reload the page and try again.";
  }

  async function open() {
    if (!window.isSecureContext || !navigator.mediaDevices) {
      throw new Error(INSECURE + (location.port || "80") + " where synth runs, or start synth with --share.");
    }
    const ask = (video) => navigator.mediaDevices.getUserMedia({ video, audio: false });
    const opened = await ask(WANTED)
      .catch((error) => (error.name === "OverconstrainedError" ? ask(true) : Promise.reject(error)))
      .catch((error) => { throw new Error(why(error), { cause: error }); });
    close();
    stream = opened;
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => {
        if (stream === opened) lost("The camera was disconnected. Connect it and start again.");
      });
    }
    video.srcObject = stream;
    await video.play();
  }

  function close() {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = video.srcObject = null;
  }

  // Returns the latest frame on a small canvas, whatever the camera's size and orientation.
  function look(sheet = latest) {
    const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    const width = Math.max(1, Math.round(video.videoWidth * scale)), height = Math.max(1, Math.round(video.videoHeight * scale));
    if (sheet.width !== width || sheet.height !== height) { sheet.width = width; sheet.height = height; }
    sheet.getContext("2d", { willReadFrequently: true, alpha: false }).drawImage(video, 0, 0, width, height);
    return sheet;
  }

  // Returns a frame to send. Several canvases take turns: a frame keeps its pixels until its answer is drawn over them.
  function grab() {
    const sheet = look(sheets[(turn = (turn + 1) % sheets.length)]);
    return { sheet, jpeg: sheet.toDataURL("image/jpeg", QUALITY), width: sheet.width, height: sheet.height };
  }

  // Calls back once for the next frame, with the time at which the camera took it, where the browser knows it.
  function next(call) {
    if (video.requestVideoFrameCallback) {
      return video.requestVideoFrameCallback((now, frame) => call(Math.min(now, frame.captureTime || now)));
    }
    const last = video.currentTime;
    const wait = (now) => (video.currentTime !== last ? call(now) : stream && requestAnimationFrame(wait));
    requestAnimationFrame(wait);
  }

  return { open, close, look, grab, next, on: () => Boolean(stream) };
}
