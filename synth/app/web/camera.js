// The visitor's camera: opened on demand, closed for good, and a sentence with a way out for all that can go wrong.
const CAMERA = { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 30 }, facingMode: "user" };
const LONGEST = 320, QUALITY = 0.7;

function makeCamera(video, lost) {
  const sheets = [0, 1, 2, 3].map(() => document.createElement("canvas"));
  let stream = null, turn = 0;

  function why(error) {
    const name = error && error.name;
    if (name === "NotAllowedError" || name === "SecurityError") return "The camera was refused. Allow it by the camera sign in the browser's address bar, then start again.";
    if (name === "NotFoundError") return "No camera was found. Connect one and start again, or enjoy the demo.";
    if (name === "NotReadableError" || name === "AbortError") return "The camera does not start. Close other programs that use it, then start again.";
    return "The camera could not be opened (" + (name || error) + "). Reload the page and try again.";
  }

  async function open() {
    if (!window.isSecureContext || !navigator.mediaDevices) {
      throw new Error("Browsers give the camera only to https pages and to this machine itself. Open the page as http://localhost:" + (location.port || "80") + " where synth runs, or start synth with --share.");
    }
    let opened;
    try {
      opened = await navigator.mediaDevices.getUserMedia({ video: CAMERA, audio: false });
    } catch (error) {
      if (error.name !== "OverconstrainedError") throw new Error(why(error));
      opened = await navigator.mediaDevices.getUserMedia({ video: true, audio: false }).catch((other) => { throw new Error(why(other)); });
    }
    close();
    stream = opened;
    for (const track of stream.getTracks()) track.addEventListener("ended", () => { if (stream === opened) lost("The camera was disconnected. Connect it and start again."); });
    video.srcObject = stream;
    await video.play();
  }

  function close() {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = video.srcObject = null;
  }

  // Returns the newest picture on a small canvas, whatever the camera's size and orientation. The canvases take turns,
  // so that those of pictures which are still on their way keep what they show.
  function look() {
    const sheet = sheets[(turn = (turn + 1) % sheets.length)];
    const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    const width = Math.max(1, Math.round(video.videoWidth * scale)), height = Math.max(1, Math.round(video.videoHeight * scale));
    if (sheet.width !== width || sheet.height !== height) { sheet.width = width; sheet.height = height; }
    sheet.getContext("2d", { willReadFrequently: true, alpha: false }).drawImage(video, 0, 0, width, height);
    return sheet;
  }

  function grab() {
    const sheet = look();
    return { sheet, jpeg: sheet.toDataURL("image/jpeg", QUALITY), width: sheet.width, height: sheet.height };
  }

  // Calls back once per new picture with the time at which the camera took it, where the browser knows it.
  function next(call) {
    if (video.requestVideoFrameCallback) {
      return video.requestVideoFrameCallback((now, frame) => call(Math.min(now, frame.captureTime || now)));
    }
    const last = video.currentTime;
    const look = (now) => (video.currentTime !== last ? call(now) : stream && requestAnimationFrame(look));
    requestAnimationFrame(look);
  }

  return { open, close, look, grab, next, on: () => Boolean(stream) };
}
