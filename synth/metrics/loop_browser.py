"""What a visitor of the Dance tab sees: frames/s and latency in a headless Chromium with a film for a camera."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.metrics.served import CHROMIUM, FLAGS, START, app
from synth.serve.shelf import Shelf

WARM, SECONDS = 6, 15
READ = (
    "() => ['fps', 'latency'].map((name) => Number(document.querySelector('[data-figure=' + name + ']').textContent))"
)


def film(path: Path, frames: Sequence[np.ndarray], fps: int = 30) -> Path:
    """Write uint8 RGB ``[H, W, 3]`` frames of even size as the film that Chromium takes for a camera."""
    height, width = frames[0].shape[:2]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420mpeg2\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


def measure(shelf: Shelf, name: str, frames: Sequence[np.ndarray], seconds: float = SECONDS) -> str:
    """Return the medians of what the page itself says, over ``seconds``, as text.

    Raises ``ValueError`` with a sentence where Playwright or Chromium is missing, or where the page says what is wrong.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise ValueError('Playwright is not installed: pip install -e ".[test]".') from error
    if not CHROMIUM:
        raise ValueError("There is no Chromium on this machine. Install it, or leave out --browser.")
    where = ("--weights", str(shelf.folder.resolve()), "--provider", shelf.provider, "--pose", shelf.pose)
    with tempfile.TemporaryDirectory() as folder, app(*where) as served, sync_playwright() as driver:
        camera = film(Path(folder, "camera.y4m"), frames)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        page = browser.new_context(viewport={"width": 1320, "height": 900}).new_page()
        page.goto(served.address)
        page.locator(f".dance-graphs [data-name='{name}']").click()
        found = watch(page, seconds)
        browser.close()
    return found


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
