"""Speed of the page that needs no server, in a headless Chromium on this machine: ``python -m synth bench page``.

All numbers are those that the page shows: milliseconds of each drawing graph, then, with the webcam on, frames/s of a
character. The webcam shows the bundled demo, painted by the character's own graph, so that no data set is needed;
``--clip`` takes a video of a person instead.
"""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from synth.benchmarks import dance as live
from synth.benchmarks.browser import chromium, readings
from synth.benchmarks.command import print_lines, run_export
from synth.benchmarks.served import START
from synth.benchmarks.static import serving
from synth.runtime import providers
from synth.runtime.dance import backgrounds
from synth.runtime.dance.pose import GRAPH as POSE
from synth.runtime.registry import Registry

RUNS = 5
"""Images per graph after the first, which includes the time in which the browser compiles the runtime."""
SECONDS = 15
ANSWER = "#draw .speed b:not([data-seen])"
SEEN = "() => document.querySelector('#draw .speed b').setAttribute('data-seen', '')"


def draw(page: Any, name: str) -> list[float]:
    """Return the milliseconds that the open page shows for a graph's first image and for ``RUNS`` more."""
    page.locator(f"#draw [data-part=graphs] input[value='{name}']").check()
    found = [_milliseconds(page)]
    for action in ("clear", *("undo", "redo") * RUNS)[:RUNS]:
        page.evaluate(SEEN)
        page.locator(f"#draw [data-do={action}]").click()
        found.append(_milliseconds(page))
    return found


def _milliseconds(page: Any) -> float:
    answer = page.locator(ANSWER).filter(has_text="ms")
    _await(page, answer)
    return float(answer.inner_text().split()[0])


def watch(page: Any, name: str, seconds: float = SECONDS, background: bool = False) -> str:
    """Turn the open page's webcam on; return the median frames/s of a character, as text.

    With ``background`` its own background and a colour alternate.
    """
    page.locator("#tabs input[value=dance]").check()
    page.locator(f"#dance [data-part=graphs] input[value='{name}']").check()
    _await(page, page.locator("#dance .speed").filter(has_text="pictures/s"))
    page.locator("#dance [data-part=start]").click()
    _await(page, page.locator("#dance[data-live=true] .speed").filter(has_text="pictures/s"))
    select = page.locator("#dance .background select") if background else None
    rate, note = page.locator("#dance .speed"), page.locator("#dance .over-note")
    looks = readings(page, seconds, select, lambda: (rate.inner_text(), bool(note.inner_text())))
    shown = {kind: [text for text, _ in found] for kind, found in looks.items()}
    notes = [noted for found in looks.values() for _, noted in found]
    rates = {kind: _rate(page, texts) for kind, texts in shown.items()}
    texts = shown[""]
    painting = median(float(re.findall(r"(\d+) ms", text)[0]) for text in texts)
    place = texts[-1].split(" · ")[-1]
    unseen = f"; nobody, or only part of the body, found in {sum(notes)} of {len(notes)} readings" if any(notes) else ""
    more = f"; on a plain colour {rates['color'] / rates['']:.2f} times the rate" if background else ""
    return f"{name}: {rates['']:.0f} pictures/s, {painting:.0f} ms to paint one, {place}{more}{unseen}"


def _rate(page: Any, texts: list[str]) -> float:
    """Return the median of the rates that the page showed. Raises ``ValueError`` with its error if there were none."""
    rates = [float(text.split()[0]) for text in texts if "pictures/s" in text]
    if not rates:
        raise ValueError(f"The camera did not stay on: {page.locator('#trouble').inner_text() or texts[-1]}")
    return median(rates)


def _await(page: Any, wanted: Any) -> None:
    """Wait until ``wanted`` is on the page. Raises ``ValueError`` with the error that the page shows instead."""
    trouble = page.locator("#trouble").filter(has_text=re.compile(r"\S"))
    wanted.or_(trouble).first.wait_for()
    if trouble.count():
        raise ValueError(f"The page says: {trouble.inner_text()}")


@contextmanager
def opened(folder: Path, frames: list[np.ndarray]) -> Iterator[Any]:
    """Open the page in ``folder`` in a Chromium whose webcam shows the uint8 RGB ``[H, W, 3]`` frames.

    Raises ``ValueError`` where Playwright or Chromium is missing.
    """
    with serving(folder) as address, chromium(frames) as browser:
        page = browser.new_context(viewport={"width": 1320, "height": 900}).new_page()
        page.set_default_timeout(START * 1000)
        page.goto(address)
        yield page


def graphs(folder: Path) -> list[dict[str, Any]]:
    """Return what the page in ``folder`` says of its graphs, in its order: name, role, whether it draws, ..."""
    return json.loads((folder / "graphs.json").read_text("utf-8"))["graphs"]


def report(
    weights: Path, character: str | None, clip: Path | None, seconds: float, background: bool = False
) -> Iterator[str]:
    """Yield a line for each measurement. Raises ``ValueError`` with what is missing."""
    registry = Registry(weights)
    name = live.choose(registry, character)
    if POSE not in registry.entries:
        raise ValueError(f"{POSE}.onnx, which finds people, is not in {weights}. Choose another folder: --weights DIR")
    if background:
        backgrounds.check(live.COLOR, registry.card(name))
    with tempfile.TemporaryDirectory() as folder:
        run_export("web", Path(folder).resolve(), "--weights", weights.resolve())
        busy = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
        with opened(Path(folder), live.camera(registry, name, clip)) as page:
            yield f"Chromium {page.context.browser.version} without a display, {providers.cores()} cores{busy}"
            for drawing in (one["name"] for one in graphs(Path(folder)) if one.get("draws")):
                first, *more = draw(page, drawing)
                place = page.locator("#draw .speed").inner_text().split(" · ", 1)[1]
                yield f"{drawing}: {median(more):.0f} ms an image (the first {first:.0f} ms), {place}"
            yield watch(page, name, seconds, background)


def page(
    *,
    weights: Path = Path("weights"),
    character: str | None = None,
    clip: Path | None = None,
    seconds: float = SECONDS,
    background: bool = False,
) -> int:
    """Time the page that needs no server, in a headless Chromium.

    Args:
        weights: the folder of graphs.
        character: the name of its graph; by default the first.
        clip: a video of a person instead of the demo.
        seconds: how long the webcam is watched.
        background: also time a colour behind the character, alternating with its own background.
    """
    return print_lines(report(weights, character, clip, seconds, background))
