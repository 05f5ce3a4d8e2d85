"""Headless Chromium for benchmarks and tests of what users see; its fake webcam plays a video."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.benchmarks.served import CHROMIUM, FLAGS

WARM = 6
"""Seconds that a page runs before its numbers are read."""


@contextmanager
def chromium(frames: Sequence[np.ndarray] = (), way_out: str = "for example: apt install chromium") -> Iterator[Any]:
    """Run a Chromium whose webcam shows the uint8 RGB ``[H, W, 3]`` frames, of even size, until the block ends.

    Without frames the webcam shows Chromium's own test image. Raises ``ValueError`` where Playwright or Chromium is
    missing; ``way_out`` completes the message about the latter.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise ValueError('Playwright is not installed: pip install -e ".[test]".') from error
    if not CHROMIUM:
        raise ValueError(f"There is no Chromium on this machine. Install it, {way_out}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        flags: list[str] = list(FLAGS)
        if frames:
            flags.append(f"--use-file-for-fake-video-capture={film(Path(folder, 'camera.y4m'), frames)}")
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


def readings(page: Any, seconds: float, select: Any | None, read: Callable[[], Any]) -> dict[str, list[Any]]:
    """Return the results of ``read`` on a running Dance page, one per second, by the character's background.

    The keys are ``""``, its own background, and with the ``select`` of backgrounds also ``"color"``; the two alternate.
    """
    found: dict[str, list[Any]] = {"": [], "color": []} if select else {"": []}
    for kind in [*found] * len(found):
        if select:
            select.select_option(kind)
        page.wait_for_timeout(WARM * 1000)
        for _ in range(max(1, round(seconds / len(found)))):
            page.wait_for_timeout(1000)
            found[kind].append(read())
    return found


def film(path: Path, frames: Sequence[np.ndarray], fps: int = 30) -> Path:
    """Write uint8 RGB ``[H, W, 3]`` frames of even size as the YUV4MPEG2 film that Chromium shows as its webcam."""
    height, width = frames[0].shape[:2]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420mpeg2\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path
