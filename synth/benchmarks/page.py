"""How fast the page without a server is: ``python -m synth.benchmarks.page``, in a headless Chromium on this machine.

Everything is what the page itself says: the milliseconds of each graph that draws, then, with the camera on, how many
pictures a second a character follows. The camera shows the bundled demo as the character itself paints it, so that no
data set is needed; ``--clip`` takes a video of a person instead.
"""

import argparse
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from synth.benchmarks import loop
from synth.benchmarks.browser import chromium, readings
from synth.benchmarks.command import told
from synth.benchmarks.served import START
from synth.benchmarks.static import serving
from synth.runtime import providers
from synth.runtime.dance import backgrounds
from synth.runtime.registry import Registry

RUNS = 5
"""Pictures of each graph after the first, which a browser computes before it has compiled all of the runtime."""
SECONDS = 15
ANSWER = "#draw .speed b:not([data-seen])"
SEEN = "() => document.querySelector('#draw .speed b').setAttribute('data-seen', '')"


def draw(page: Any, name: str) -> list[float]:
    """Return the milliseconds that the open page shows for its first picture of a graph and for ``RUNS`` more."""
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


def dance(page: Any, name: str, seconds: float = SECONDS, background: bool = False) -> str:
    """Turn the open page's camera on; return the median rate with which a character follows, as text.

    With ``background`` it stands in turns before its own and before a colour.
    """
    page.locator("#tabs input[value=dance]").check()
    page.locator(f"#dance [data-part=graphs] input[value='{name}']").check()
    _await(page, page.locator("#dance .speed").filter(has_text="pictures/s"))
    page.locator("#dance [data-part=start]").click()
    _await(page, page.locator("#dance[data-live=true] .speed").filter(has_text="pictures/s"))
    select = page.locator("#dance .background select") if background else None
    rate, note = page.locator("#dance .speed"), page.locator("#dance .over-note")
    looks = readings(page, seconds, select, lambda: (rate.inner_text(), bool(note.inner_text())))
    turns = {kind: [text for text, _ in found] for kind, found in looks.items()}
    notes = [noted for found in looks.values() for _, noted in found]
    rates = {kind: _rate(page, texts) for kind, texts in turns.items()}
    said = turns[""]
    painting = median(float(re.findall(r"(\d+) ms", text)[0]) for text in said)
    place = said[-1].split(" · ")[-1]
    unseen = f"; nobody, or not all of them, found in {sum(notes)} of {len(notes)} looks" if any(notes) else ""
    more = f"; before a colour {rates['color'] / rates['']:.2f} times the rate" if background else ""
    return f"{name}: {rates['']:.0f} pictures/s, {painting:.0f} ms to paint one, {place}{more}{unseen}"


def _rate(page: Any, said: list[str]) -> float:
    """Return the median rate of what the page said. Raises ``ValueError`` with a sentence where there is none."""
    rates = [float(text.split()[0]) for text in said if "pictures/s" in text]
    if not rates:
        raise ValueError(f"The camera did not stay on: {page.locator('#trouble').inner_text() or said[-1]}")
    return median(rates)


def _await(page: Any, wanted: Any) -> None:
    """Wait until something is on the page. Raises ``ValueError`` with what the page says is wrong."""
    trouble = page.locator("#trouble").filter(has_text=re.compile(r"\S"))
    wanted.or_(trouble).first.wait_for()
    if trouble.count():
        raise ValueError(f"The page says: {trouble.inner_text()}")


@contextmanager
def opened(folder: Path, frames: list[np.ndarray]) -> Iterator[Any]:
    """Open the page in ``folder`` in a Chromium whose camera shows the uint8 RGB ``[H, W, 3]`` frames.

    Raises ``ValueError`` with a sentence where Playwright or Chromium is missing.
    """
    with serving(folder) as address, chromium(frames) as browser:
        page = browser.new_context(viewport={"width": 1320, "height": 900}).new_page()
        page.set_default_timeout(START * 1000)
        page.goto(address)
        yield page


def report(
    weights: Path, character: str | None, clip: Path | None, seconds: float, background: bool = False
) -> Iterator[str]:
    """Yield a line for each figure. Raises ``ValueError`` with a sentence for what cannot be measured."""
    from export import web

    registry = Registry(weights)
    cards = {name: registry.card(name) for name in web.choose(registry)}
    people = [name for name, card in cards.items() if web.role(card) == "character"]
    if not people or (character or people[0]) not in people:
        raise ValueError(f"There is no such character in {weights}. There are: {', '.join(people) or 'none'}.")
    if web.FINDER not in cards:
        raise ValueError(f"{web.FINDER}.onnx, which finds people, is not in {weights}. Name another folder: --weights.")
    name = character or people[0]
    if background:
        backgrounds.check(loop.COLOR, cards[name])
    with tempfile.TemporaryDirectory() as folder:
        web.write(Path(folder), weights=weights)
        busy = f", load {os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else ""
        with opened(Path(folder), loop.camera(registry, name, clip)) as page:
            yield f"Chromium {page.context.browser.version} without a display, {providers.cores()} cores{busy}"
            for drawing in (one for one, card in cards.items() if "draw" in card.tabs):
                first, *more = draw(page, drawing)
                place = page.locator("#draw .speed").inner_text().split(" · ", 1)[1]
                yield f"{drawing}: {median(more):.0f} ms a picture (the first {first:.0f} ms), {place}"
            yield dance(page, name, seconds, background)


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(
        prog="python -m synth.benchmarks.page", description="Time the page without a server."
    )
    parser.add_argument("--weights", type=Path, default=Path("weights"), metavar="DIR", help="folder with the graphs")
    parser.add_argument("--character", metavar="NAME", help="name of its graph (default: the first)")
    parser.add_argument("--clip", type=Path, metavar="FILE", help="a video of a person instead of the demo")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long the camera is watched")
    parser.add_argument("--background", action="store_true", help="also before a colour, in turns")
    given = parser.parse_args()
    return told(report(given.weights, given.character, given.clip, given.seconds, given.background))


if __name__ == "__main__":
    raise SystemExit(main())
