"""Frames/s and latency of the Dance tab as a user sees them, in a headless Chromium whose webcam shows a film."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from synth.benchmarks.browser import chromium, readings
from synth.benchmarks.served import START, app
from synth.runtime.registry import Registry

SECONDS = 15
READ = (
    "() => ['fps', 'latency'].map((name) => Number(document.querySelector('[data-metric=' + name + ']').textContent))"
)


def measure(
    registry: Registry, name: str, frames: Sequence[np.ndarray], seconds: float = SECONDS, background: bool = False
) -> str:
    """Return the medians of the numbers that the page shows over ``seconds``, as text.

    With ``background`` the character's own background and a colour alternate. Raises ``ValueError`` where Playwright or
    Chromium is missing, or with the error that the page shows.
    """
    where = ("--weights", str(registry.folder.resolve()), "--provider", registry.provider, "--pose", registry.pose)
    with chromium(frames, "or leave out --browser.") as browser, app(*where) as served:
        page = browser.new_context(viewport={"width": 1320, "height": 900}).new_page()
        page.goto(served.address)
        page.locator(f".dance-graphs [data-name='{name}']").click()
        return watch(page, seconds, background)


def watch(page: Any, seconds: float, background: bool = False) -> str:
    """Start the webcam of an open page and return the medians of the numbers it shows; see ``measure``."""
    page.locator("[data-do=toggle]").click()
    live = "() => document.querySelector('.dance').dataset.state !== 'opening'"
    page.wait_for_function(live, timeout=START * 1000)
    select = page.locator(".dance-background select") if background else None
    found = readings(page, seconds, select, lambda: page.evaluate(READ))
    medians = {kind: _medians(page, read) for kind, read in found.items()}
    stages = page.locator(".dance-stages").inner_text().replace("\n\n", ", ").replace("\n", " ")
    (fps, latency), (other, later) = medians[""], medians.get("color", (0.0, 0.0))
    more = f"; on a plain colour {other:.1f}, {other / fps:.2f} times the rate, {later:.0f} ms" if background else ""
    return f"in the browser: {fps:.1f} frames/s, {latency:.0f} ms from camera to screen{more} ({stages})"


def _medians(page: Any, found: list[list[float]]) -> tuple[float, float]:
    """Return median frames/s and latency; raises ``ValueError`` with the page's message if it showed none."""
    known = [reading for reading in found if np.isfinite(reading).all()]
    if not known:
        raise ValueError(f"The camera did not start: {page.locator('.dance-status').inner_text()}")
    fps, latency = np.median(known, 0)
    return float(fps), float(latency)
