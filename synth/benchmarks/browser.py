"""A headless Chromium for those who measure or test what visitors see, with a film for a camera."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synth.benchmarks.served import CHROMIUM, FLAGS

WARM = 6
"""Seconds that a page is given before it is read."""


@contextmanager
def chromium(frames: Sequence[np.ndarray] = (), way_out: str = "for example: apt install chromium") -> Iterator[Any]:
    """Run a Chromium whose camera shows the uint8 RGB ``[H, W, 3]`` frames, of even size, until the block ends.

    Without frames the camera shows Chromium's own test picture. Raises ``ValueError`` with a sentence where Playwright
    or Chromium is missing; ``way_out`` ends the latter.
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
    """Return what ``read`` finds on a dancing page, a reading a second, by what is behind the character.

    That is ``""``, its own background; with the ``select`` of backgrounds also ``"color"``, in turns.
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
    """Write uint8 RGB ``[H, W, 3]`` frames of even size as the film that Chromium takes for a camera."""
    height, width = frames[0].shape[:2]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420mpeg2\n".encode())
        for frame in frames:
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path
