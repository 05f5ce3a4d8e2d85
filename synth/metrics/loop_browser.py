"""What a visitor of the Dance tab sees: frames/s and latency in a headless Chromium with a film for a camera."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from synth.metrics.browser import chromium
from synth.metrics.served import START, app
from synth.serve.shelf import Shelf

WARM, SECONDS = 6, 15
READ = (
    "() => ['fps', 'latency'].map((name) => Number(document.querySelector('[data-figure=' + name + ']').textContent))"
)


def measure(shelf: Shelf, name: str, frames: Sequence[np.ndarray], seconds: float = SECONDS) -> str:
    """Return the medians of what the page itself says, over ``seconds``, as text.

    Raises ``ValueError`` with a sentence where Playwright or Chromium is missing, or where the page says what is wrong.
    """
    where = ("--weights", str(shelf.folder.resolve()), "--provider", shelf.provider, "--pose", shelf.pose)
    with chromium(frames, "or leave out --browser.") as browser, app(*where) as served:
        page = browser.new_context(viewport={"width": 1320, "height": 900}).new_page()
        page.goto(served.address)
        page.locator(f".dance-graphs [data-name='{name}']").click()
        return watch(page, seconds)


def watch(page: Any, seconds: float) -> str:
    """Start the camera of an open page and return the medians of what it shows."""
    page.locator("[data-do=toggle]").click()
    live = "() => document.querySelector('.dance').dataset.state !== 'opening'"
    page.wait_for_function(live, timeout=START * 1000)
    page.wait_for_timeout(WARM * 1000)
    readings = []
    for _ in range(round(seconds)):
        page.wait_for_timeout(1000)
        readings.append(page.evaluate(READ))
    known = [reading for reading in readings if np.isfinite(reading).all()]
    fps, latency = np.median(known, 0) if known else (0.0, 0.0)
    if not known:
        raise ValueError(f"The camera did not start: {page.locator('.dance-status').inner_text()}")
    stages = page.locator(".dance-stages").inner_text().replace("\n\n", ", ").replace("\n", " ")
    return f"in the browser: {fps:.0f} frames/s, {latency:.0f} ms from camera to screen ({stages})"
