"""A character without its background: what is left of a picture, and where another one may be seen.

``alone`` is the character on black, ``gap`` how much of a background is seen through it, so that before any backdrop it
stands as ``alone + gap * backdrop``: an equation that a page's canvas can compute as well (multiply, then add).
"""

import cv2
import numpy as np

NOISE = 20
"""Cover, of 255, that is none: a network never says exactly nothing."""
BODY = 200
"""Cover, of 255, from which a pixel is the character and no shadow."""
CLOSED = 5
"""Pixels, at 256 a side, of a gap that is always closed, and of the edge of a body that keeps its own cover."""
CLEAR, SPECK = 26, 12
"""An area closed in by the character with fewer pixels than ``SPECK``, at 256 a side, whose cover is below ``CLEAR``
is a mistake, and no view past an elbow."""
STEADY, LEAST = 30, 0.15
"""Change of the cover, of 255, that is taken over whole, and the part of a very small one: as ``Settled`` does, by the
pixel, with pictures."""


class Matte:
    """Cuts a character out of its pictures, one after another: the cover does not tremble where nothing moves."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None

    def __call__(self, picture: np.ndarray, cover: np.ndarray, plate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ``alone``, uint8 RGB ``[H, W, 3]``, and ``gap``, uint8 ``[H, W]``.

        ``picture`` and ``plate`` are uint8 RGB ``[H, W, 3]``, ``cover`` is uint8 ``[H, W, 1]``, as a graph gives them.
        """
        whole = clean_mask(cover[..., 0]).astype(np.float32)
        if self._last is not None and self._last.shape == whole.shape:
            change = whole - self._last
            far = np.minimum(np.abs(change) / STEADY, 1)
            whole = self._last + change * (LEAST + (1 - LEAST) * far * far)
        self._last = whole
        gap = (255.5 - whole).astype(np.uint8)
        behind = cv2.multiply(plate, cv2.merge([gap] * 3), scale=1 / 255)
        # Nothing is brighter than what covers: this takes away what noise and settling leave on an empty background.
        return np.minimum(cv2.subtract(picture, behind), 255 - gap[..., None]), gap


def clean_mask(cover: np.ndarray) -> np.ndarray:
    """Return a cover, uint8 ``[H, W]``, without noise, without pits, and without the holes that belong to nobody.

    A network that was never shown a cover leaves one open where a character looks like its background, or where
    something else corrects the picture. The soft edge and the shadow stay as they are.
    """
    side = max(3, round(CLOSED * max(cover.shape) / 256) | 1)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    cover = np.clip(cover.astype(np.int16) * 2 - NOISE, 0, cover).astype(np.uint8)  # fades from NOISE to NOISE / 2
    cover = cv2.morphologyEx(cover, cv2.MORPH_CLOSE, around)
    body = (cover > BODY).astype(np.uint8)
    _fill(body, cover)
    inner = cv2.erode(body, around, borderValue=0)
    return np.maximum(cover, inner * np.uint8(255))


def _fill(body: np.ndarray, cover: np.ndarray) -> None:
    """Add to ``body``, in place, what it closes in and nobody looks through."""
    count, areas, boxes, _ = cv2.connectedComponentsWithStats(1 - body, connectivity=4)
    (height, width), least = body.shape, SPECK * (max(body.shape) / 256) ** 2
    for area in range(1, count):
        left, top, across, down, _ = boxes[area]
        if left == 0 or top == 0 or left + across == width or top + down == height:
            continue
        part = np.s_[top : top + down, left : left + across]
        inside = areas[part] == area
        if np.count_nonzero(cover[part][inside] < CLEAR) < least:
            body[part][inside] = 1


def composite(alone: np.ndarray, gap: np.ndarray, backdrop: np.ndarray) -> np.ndarray:
    """Return the character before a backdrop, uint8 RGB ``[H, W, 3]``, of the same size."""
    return cv2.add(alone, cv2.multiply(backdrop, cv2.merge([gap] * 3), scale=1 / 255))


def fill_frame(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the middle of a picture, uint8 RGB, that fills ``[height, width, 3]`` without being stretched."""
    tall, wide = picture.shape[:2]
    scale = max(height / tall, width / wide)
    rows, columns = (min(round(side / scale), most) for side, most in ((height, tall), (width, wide)))
    top, left = (tall - rows) // 2, (wide - columns) // 2
    part = picture[top : top + rows, left : left + columns]
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(part, (width, height), interpolation=smooth)


def solid_color(color: str, height: int, width: int) -> np.ndarray:
    """Return one colour, as ``#rrggbb``, as uint8 RGB ``[height, width, 3]``; ``ValueError`` for what is none."""
    digits = color.removeprefix("#")
    if len(color) != 7 or len(digits) != 6 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ValueError(f"{color!r} is no colour. Write it as #rrggbb, for instance #00ff00.")
    return np.full((height, width, 3), [int(digits[i : i + 2], 16) for i in (0, 2, 4)], np.uint8)
