"""Detect cuts in a video: almost the whole image changes between two frames, and more than it did before."""

from collections import deque

import cv2
import numpy as np

SMALL = (32, 18)
CHANGE = 14.0
"""Mean difference, in grey levels, between the reduced images on both sides of a cut."""
LIKE = 0.7
"""Two frames of one shot correlate more than this, even if a light is switched on or off in between."""
TIMES = 4.0
"""A cut changes the image this many times as much as the frames before it did."""


class CutDetector:
    """Stateful cut detector: ``detector(image)`` on consecutive frames says whether a cut precedes this one."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._changes: deque[float] = deque(maxlen=8)

    def __call__(self, picture: np.ndarray) -> bool:
        """Process the next uint8 RGB ``[H, W, 3]``; no cut precedes the first frame."""
        blocks = cv2.resize(picture, SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
        last, self._last = self._last, blocks
        if last is None or last.shape != blocks.shape:
            return False
        change = float(np.abs(blocks - last).mean())
        usual = float(np.median(self._changes)) if self._changes else 0.0
        cut = change > CHANGE and change > TIMES * usual and correlation(blocks, last) < LIKE
        if cut:
            self._changes.clear()
        else:
            self._changes.append(change)
        return cut


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Return the correlation of two images, -1..1; 1 if either is uniform."""
    a, b = one - one.mean(), other - other.mean()
    length = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / length if length > 1e-6 else 1.0
