"""The window of a frame that a pose network is given: cropping, shrinking, and mapping back to the frame."""

from dataclasses import dataclass

import cv2
import numpy as np

from synth.pixels.body.pose import seen

STEP = 32
MARGIN = 0.2
"""Margin on every side, as a share of the body's longer side: room for arms and legs until the next frame."""
TRUNK, LEGS = 1.4, 1.45
"""Trunk length in shoulder widths, and leg length in trunk lengths, of an adult who faces the camera."""
BEYOND = 114
"""Grey level outside the frame: the average of photographs."""


@dataclass(frozen=True)
class Window:
    """A rectangle in pixels of the frame; it may extend beyond it."""

    x: float
    y: float
    width: float
    height: float

    @staticmethod
    def around(keypoints: np.ndarray, aspects: tuple[float, ...], frame: tuple[int, int] | None = None) -> "Window":
        """Return the window around the seen joints of ``[17, 3]``, with the tightest of ``aspects`` (width / height).

        If no feet are seen, the window includes where they should be, within ``frame`` (height, width): a window
        around the upper body alone would never find them again.
        """
        points = keypoints[seen(keypoints), :2].astype(float)
        if frame:
            points = np.concatenate([points, np.clip(_feet(keypoints), 0, frame[::-1])])
        (left, top), (right, bottom) = points.min(0), points.max(0)
        margin = MARGIN * max(right - left, bottom - top)
        width, height = right - left + 2 * margin, bottom - top + 2 * margin
        return Window((left + right - width) / 2, (top + bottom - height) / 2, width, height).widened(aspects)

    def widened(self, aspects: tuple[float, ...]) -> "Window":
        """Return the smallest window of one of ``aspects`` (width / height) with this one in its centre."""
        sizes = [(max(self.width, self.height * a), max(self.height, self.width / a)) for a in aspects]
        width, height = min(sizes, key=lambda size: (round(max(size), 3), size[0] * size[1]))
        x, y = self.x + (self.width - width) / 2, self.y + (self.height - height) / 2
        return Window(x, y, width, height)

    def toward(self, other: "Window", weight: float) -> "Window":
        """Interpolate between this window (``weight`` 0) and ``other`` (1)."""
        pairs = ((self.x, other.x), (self.y, other.y), (self.width, other.width), (self.height, other.height))
        return Window(*(a + weight * (b - a) for a, b in pairs))

    def holds(self, keypoints: np.ndarray, spare: float) -> bool:
        """Return whether all seen joints lie inside, at least ``spare`` of the sides away from the border."""
        points = (keypoints[seen(keypoints), :2] - (self.x, self.y)) / (self.width, self.height)
        return bool(((points >= spare) & (points <= 1 - spare)).all())

    def size(self, side: int) -> tuple[int, int]:
        """Return the (height, width) to shrink to: the longer side ``side``, the other a multiple of ``STEP``."""
        shares = [s / max(self.width, self.height) for s in (self.height, self.width)]
        height, width = (side if s > 0.99 else max(STEP, round(s * side / STEP) * STEP) for s in shares)
        return height, width

    def cut(self, image: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Crop this window of uint8 ``[H, W, 3]`` to ``[height, width, 3]``; return the crop and the mapping back.

        The mapping is float32 ``[2, 2]``: (x, y) in the crop lies at ``row 0 + row 1 * (x, y)`` in the frame.
        """
        left, across, from_x = _span(self.x, self.width, image.shape[1], width)
        top, down, from_y = _span(self.y, self.height, image.shape[0], height)
        part = image[from_y[0] : from_y[1], from_x[0] : from_x[1]]
        result = np.full((height, width, 3), BEYOND, np.uint8)
        smooth = cv2.INTER_AREA if part.shape[1] > across else cv2.INTER_LINEAR
        result[top : top + down, left : left + across] = cv2.resize(part, (across, down), interpolation=smooth)
        scale = np.array([part.shape[1] / across, part.shape[0] / down])
        return result, np.array([(from_x[0], from_y[0]) - scale * (left, top), scale], np.float32)


def _feet(keypoints: np.ndarray) -> np.ndarray:
    """Return where the feet of ``[17, 3]`` should be, ``[0 or 1, 2]``: below the trunk, if neither ankle is seen."""
    known = seen(keypoints)
    if known[15:17].any() or not known[5:7].all():
        return np.zeros((0, 2))
    neck, across = keypoints[5:7, :2].mean(0), abs(keypoints[5, 0] - keypoints[6, 0])
    trunk = keypoints[11:13, :2].mean(0) - neck if known[11:13].all() else np.array([0, TRUNK * across])
    return (neck + (1 + LEGS) * trunk)[None]


def _span(start: float, length: float, limit: int, pixels: int) -> tuple[int, int, tuple[int, int]]:
    """Return, along one axis of the crop, the first pixel and the count that show the frame, and the frame's pixels."""
    first = min(max(int(np.floor(start)), 0), limit - 1)
    last = max(min(int(np.ceil(start + length)), limit), first + 1)
    scale = pixels / length
    place = min(max(round((first - start) * scale), 0), pixels - 1)
    count = min(max(round((last - first) * scale), 1), pixels - place)
    return place, count, (first, last)
