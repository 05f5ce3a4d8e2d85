"""What a visitor of the Dance tab sees: frames/s and latency in a headless Chromium with a film for a camera."""

import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.serve.shelf import Shelf

FLAGS = ("--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
ROOT = Path(__file__).parent.parent.parent
WARM, SECONDS = 6, 15
START = 180
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
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise ValueError('Playwright is not installed: pip install "synth[test]".') from error
    if not chromium:
        raise ValueError("There is no Chromium on this machine. Install it, or leave out --browser.")
    with tempfile.TemporaryDirectory() as folder, app(shelf) as address, sync_playwright() as driver:
        camera = film(Path(folder, "camera.y4m"), frames)
        flags = [*FLAGS, f"--use-file-for-fake-video-capture={camera}"]
        browser = driver.chromium.launch(executable_path=chromium, args=flags)
        page = browser.new_context(viewport={"width": 1320, "height": 900}).new_page()
        page.goto(address)
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


@contextmanager
def app(shelf: Shelf) -> Iterator[str]:
    """Run the app over the shelf's folder in a process of its own; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "app.py", "--port", str(port), "--weights", str(shelf.folder.resolve())]
    command += ["--provider", shelf.provider, "--pose", shelf.pose]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, **quiet) as process:
        try:
            yield _wait(f"http://127.0.0.1:{port}", process)
        finally:
            process.terminate()


def _wait(address: str, process: Any) -> str:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address):
                return address
        except OSError:
            time.sleep(0.2)
    raise ValueError("The app did not start. Start it by hand to see why: python app.py")
