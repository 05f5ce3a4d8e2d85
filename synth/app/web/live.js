// Who stands before the camera, on every tab that has one: it is opened, its newest pictures are sent, and all of it
// ends when nobody looks any more.
function load(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image.naturalWidth ? image : null);
    image.onerror = () => resolve(null);
    image.src = url;
  });
}

// Lists milliseconds by stage; `where` says of some stages where they happen.
function listStages(list, ms, where) {
  list.replaceChildren(...Object.entries(ms).map(([name, value]) => {
    const box = document.createElement("div"), term = document.createElement("dt"), figure = document.createElement("dd");
    term.textContent = name;
    figure.textContent = (value >= 0 ? value.toFixed(value < 10 ? 1 : 0) : "–") + " ms" + (where[name] ? " · " + where[name] : "");
    box.append(term, figure);
    return box;
  }));
}

// `names` are the server's functions begin, frame and end. The tab gives the rest: `about()` is what begin gets,
// `title()` what is opened, `message(still)` what goes with every picture; `begun(answer)`, `show(answer, shot, newest)`,
// `idle(sheet)` (a picture while no answer comes), `say(text, wrong)`; `changed()` after the state has.
function makeLive({ root, video, call, names, about, title, message, begun, show, idle, say, changed }) {
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

  // Sends a picture; one that is `still` comes from no camera. A visitor who was forgotten begins anew.
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

  // To be called again and again: returns whether the page is still there, and stops what nobody sees.
  function watched() {
    if (!root.isConnected) {
      loop.stop();
      camera.close();
      return false;
    }
    if (!seen() && state !== "idle") {
      stop();
      say("The camera was stopped because this page was out of sight.");
    }
    return true;
  }

  window.addEventListener("pagehide", () => camera.close());
  return { start, stop, ask, seen, watched, state: () => state, look: () => camera.look(), figures: () => (state === "live" ? loop.figures() : null) };
}
