// A live session of a tab with a webcam: opens it, sends its latest frames, and ends when the tab is out of sight.
import { makeCamera } from "./camera.js";
import { makeLoop } from "./loop.js";

// `names` are the server's functions begin, frame and end. The tab gives the rest: `about()` is sent to begin,
// `title()` is the model's, `message(still)` is sent with every frame; `begun(answer)`, `show(answer, shot, newest)`,
// `idle(sheet)` for a frame while no answer comes, `say(text, wrong)`, `changed()` after the state has.
export function makeLive({ root, video, call, names, about, title, message, begun, show, idle, say, changed }) {
  let state = "idle", token = "", round = 0, sent = 0;
  const camera = makeCamera(video, fail), loop = makeLoop(camera, ask, show, () => idle(camera.look()), fail);
  const seen = () => !document.hidden && root.offsetParent !== null;

  function enter(next) {
    state = next;
    changed();
  }

  function fail(text) {
    stop();
    say(text, true);
  }

  async function begin() {
    const answer = await call(names.begin, about());
    if (!answer.error) {
      token = answer.token;
      begun(answer);
    }
    return answer;
  }

  // Sends a frame, or an image that is `still`. A session that the server has ended begins anew.
  async function ask(shot, still) {
    const data = { token, jpeg: shot.jpeg, number: (sent += 1), time: (shot.time || 0) / 1000, ...message(still === true) };
    const answer = await call(names.frame, data);
    if (!answer.gone) return answer;
    const again = await begin();
    return again.error ? again : { busy: true };
  }

  async function start() {
    if (state !== "idle") return;
    const mine = (round += 1);
    enter("opening");
    say("Waiting for the camera. Allow it if the browser asks.");
    try {
      await camera.open();
      if (mine !== round) return state === "idle" ? camera.close() : undefined;
      say("Opening " + title() + ".");
      const answer = await begin();
      if (mine !== round) return;
      if (answer.error) throw new Error(answer.error);
    } catch (error) {
      return mine === round ? fail(error.message) : undefined;
    }
    say("");
    loop.start();
    enter("live");
  }

  function stop() {
    round += 1;
    loop.stop();
    camera.close();
    if (token) call(names.end, { token });
    token = "";
    say("");
    enter("idle");
  }

  // Is called regularly: returns whether the page still exists, and stops the camera where it is out of sight.
  function watched() {
    if (!root.isConnected) {
      loop.stop();
      camera.close();
      return false;
    }
    if (!seen() && state !== "idle") {
      stop();
      say("The camera was stopped because this page was hidden.");
    }
    return true;
  }

  window.addEventListener("pagehide", () => camera.close());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && state !== "idle" && seen()) stop();
  });
  return { start, stop, ask, seen, watched, state: () => state, look: () => camera.look(), metrics: () => (state === "live" ? loop.metrics() : null) };
}
