"""Steps of a user in a real Chromium that several tests share."""

from typing import Any

BLUE = (0, 85, 255)
PROBE = """
window.streams = []; window.sent = []; window.flying = window.most = 0; window.wait = 0;
const media = navigator.mediaDevices, real = media.getUserMedia.bind(media), plain = window.fetch;
media.getUserMedia = async (wish) => { const got = await real(wish); window.streams.push(got); return got; };
window.fetch = async (address, options) => {
  if (!options || !String(options.body).includes("FUNCTION")) return plain(address, options);
  window.sent.push(JSON.parse(options.body).data);
  window.most = Math.max(window.most, ++window.flying);
  try {
    await new Promise((done) => setTimeout(done, window.wait));
    return await plain(address, options);
  } finally { window.flying -= 1; }
};
"""


def noted(page: Any, function: str) -> Any:
    """Have a page note the ``streams`` of its cameras and what it ``sent`` to a function of the server.

    ``most`` is how many of these were under way at a time; each is held back by ``wait`` ms.
    """
    page.add_init_script(PROBE.replace("FUNCTION", function))
    return page


def visit(page: Any, address: str, name: str, ready: str) -> Any:
    """Open a tab, with patience; return the page when there is what shows that the tab's script has run."""
    page.set_default_timeout(300_000)
    page.goto(address)
    tab(page, name)
    page.locator(ready).first.wait_for()
    return page


def dancing(page: Any, address: str) -> Any:
    """Open the Dance tab."""
    return visit(page, address, "Dance", ".dance-graphs button")


def give_film(page: Any, path: Any) -> None:
    """Give the Dance tab, which is open, a video, and wait until it is there."""
    page.locator("#film-in input[type=file]").set_input_files(path)
    page.locator("#film-in").get_by_label("Clear").wait_for()


def start(page: Any) -> None:
    page.locator(".dance-head").get_by_role("button", name="Start camera").click()
    page.wait_for_function("() => document.querySelector('.dance').dataset.state === 'live'")
    page.wait_for_function("() => Number(document.querySelector('[data-metric=fps]').textContent) > 0")


def closed(page: Any) -> bool:
    """Return whether every camera that was ever opened is off."""
    return page.evaluate("() => window.streams.every((s) => s.getTracks().every((t) => t.readyState === 'ended'))")


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def pixel(page: Any, canvas: str, x: int, y: int) -> tuple[int, ...]:
    read = "(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"
    return tuple(page.locator(canvas).evaluate(read, [x, y]))


def until(page: Any, canvas: str, x: int, y: int, color: tuple[int, ...]) -> None:
    """Wait until a pixel of a canvas has a colour."""
    read = (
        "([s, x, y, c]) => [...document.querySelector(s).getContext('2d').getImageData(x, y, 1, 1).data]"
        ".slice(0, 3).join() === c.join()"
    )
    page.wait_for_function(read, arg=[canvas, x, y, list(color)])


def stroke(page: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw a line; places are in pixels of the 256x256 canvas."""
    box = page.locator(".draw-canvas").bounding_box()
    scale = box["width"] / 256
    page.mouse.move(box["x"] + start[0] * scale, box["y"] + start[1] * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * scale, box["y"] + end[1] * scale, steps=8)
    page.mouse.up()


def colors(page: Any, canvas: str) -> int:
    """Return how many pixels of a canvas are not dark; it must have been drawn for that."""
    read = (
        "c => { const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data; let n = 0;"
        " for (let i = 0; i < p.length; i += 4) n += Math.max(p[i], p[i + 1], p[i + 2]) > 90; return n; }"
    )
    return page.locator(canvas).evaluate(read)
