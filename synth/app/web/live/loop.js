// Sends the latest frame of the camera and shows the answer. At most two frames are in flight, and none waits in a queue.
const WINDOW = 2000, FAR = 40, BUSY = 25, SLOW = 1000, PATIENCE = 14;

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[sorted.length >> 1] : NaN;
}

// `ask(shot)` resolves to the server's answer, `show(answer, shot, newest)` to whether it was drawn; `idle()` is called
// for frames while no answer comes for long: otherwise a page shows each answer with the frame that it belongs to.
export function makeLoop(camera, ask, show, idle, failed) {
  let round = 0, fresh = false, captured = 0, flying = 0, count = 0, shown = 0, drawn = 0, arrived = 0, gap = 33;
  let log = [];

  // A second frame is sent only where the network is slow, as it is to a distant server.
  function most() {
    return median(log.map((one) => one.ms.network || 0)) > FAR ? 2 : 1;
  }

  function listen(mine) {
    camera.next((time) => {
      if (mine !== round) return;
      const now = performance.now();
      gap = Math.min(100, 0.8 * gap + 0.2 * (now - arrived));
      arrived = now;
      captured = time;
      fresh = true;
      send(mine);
      if (performance.now() - drawn > SLOW) idle();
      listen(mine);
    });
  }

  async function send(mine) {
    if (mine !== round || !fresh || flying >= most()) return;
    // Where a newer frame is due in a moment, that one is sent instead.
    if (performance.now() - arrived > gap - PATIENCE && gap < 50) return;
    fresh = false;
    flying += 1;
    const taken = captured, shot = { ...camera.grab(), number: (count += 1), time: taken };
    const sent = performance.now();
    const answer = await ask(shot);
    const back = performance.now();
    flying -= 1;
    if (mine !== round) return;
    if (answer.error) return failed(answer.error);
    if (answer.busy) {
      fresh = true;
      return setTimeout(() => send(mine), BUSY);
    }
    send(mine);
    if (answer.late || shot.number < shown) return;
    await draw(mine, answer, shot, { taken, sent, back });
  }

  async function draw(mine, answer, shot, { taken, sent, back }) {
    const newest = () => mine === round && shot.number > shown;
    if (!(await show(answer, shot, newest))) return;
    shown = shot.number;
    drawn = performance.now();
    requestAnimationFrame(() => {
      const now = performance.now(), work = Object.values(answer.ms).reduce((sum, ms) => sum + ms, 0);
      const ms = { ...answer.ms, server: answer.ms.server + answer.ms.wait };
      delete ms.wait;
      log.push({ at: now, latency: now - taken, ms: { capture: sent - taken, ...ms, network: back - sent - work, display: now - back } });
    });
  }

  function metrics() {
    const now = performance.now();
    log = log.filter((one) => now - one.at < WINDOW);
    if (log.length < 3) return null;
    const span = log[log.length - 1].at - log[0].at, names = Object.keys(log[log.length - 1].ms);
    return {
      fps: ((log.length - 1) / span) * 1000,
      latency: median(log.map((one) => one.latency)),
      ms: Object.fromEntries(names.map((name) => [name, median(log.map((one) => one.ms[name]).filter((ms) => ms !== undefined))])),
    };
  }

  return {
    metrics,
    start() { round += 1; flying = 0; shown = count; fresh = false; log = []; listen(round); },
    stop() { round += 1; },
  };
}
