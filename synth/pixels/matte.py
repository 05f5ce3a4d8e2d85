"""Separate a character from its background plate and composite it onto another background.

``alone`` is the character on black (premultiplied by its alpha), ``gap`` is 255 - alpha: how much of a background shows
through. A composite is ``alone + gap * background / 255``, which a browser canvas can compute as well (multiply, then
add).
"""

import cv2
import numpy as np

NOISE = 20
"""Largest alpha, 0..255, treated as 0: a network never outputs exactly 0."""
BODY = 200
"""Least alpha, 0..255, of a pixel of the character; its shadow has less."""
CLOSED = 5
"""Pixels, at a side of 256: gaps of this width are always closed, and this much of the body's edge keeps its alpha."""
CLEAR, SPECK = 26, 12
"""An enclosed area with fewer than ``SPECK`` pixels (at a side of 256) of alpha below ``CLEAR`` is filled: it is an
error of the network, not a real opening such as the one inside a bent elbow."""
STEADY, LEAST = 30, 0.15
"""Temporal filter: a change of alpha of ``STEADY`` (of 255) passes in full, a very small one by the share ``LEAST``,
like images in ``synth.networks.painter.TemporalFilter``."""


class Matte:
    """Stateful matting of consecutive frames; the alpha is filtered over time so that it does not flicker."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None

    def __call__(self, picture: np.ndarray, cover: np.ndarray, plate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ``alone``, uint8 RGB ``[H, W, 3]``, and ``gap``, uint8 ``[H, W]``.

        ``picture`` and ``plate`` (the background plate) are uint8 RGB ``[H, W, 3]``, ``cover`` (alpha) is uint8
        ``[H, W, 1]``, as a graph outputs them.
        """
        whole = clean_mask(cover[..., 0]).astype(np.float32)
        if self._last is not None and self._last.shape == whole.shape:
            change = whole - self._last
            far = np.minimum(np.abs(change) / STEADY, 1)
            whole = self._last + change * (LEAST + (1 - LEAST) * far * far)
        self._last = whole
        gap = (255.5 - whole).astype(np.uint8)
        behind = cv2.multiply(plate, cv2.merge([gap] * 3), scale=1 / 255)
        # A premultiplied colour cannot exceed its alpha: this removes what noise and filtering leave on the background.
        return np.minimum(cv2.subtract(picture, behind), 255 - gap[..., None]), gap


def clean_mask(cover: np.ndarray) -> np.ndarray:
    """Return an alpha mask, uint8 ``[H, W]``, without noise, pits and small holes.

    Needed where a character looks like its background, or where another network corrects the image: there the predicted
    alpha has holes. The soft edge and the shadow stay as they are.
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
    """Add to ``body``, in place, the enclosed areas that are not real openings."""
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
    """Return the character on a background, uint8 RGB ``[H, W, 3]`` of the same size."""
    return cv2.add(alone, cv2.multiply(backdrop, cv2.merge([gap] * 3), scale=1 / 255))


def fill_frame(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return the centre of an image, uint8 RGB, scaled to fill ``[height, width, 3]`` without distortion."""
    tall, wide = picture.shape[:2]
    scale = max(height / tall, width / wide)
    rows, columns = (min(round(side / scale), most) for side, most in ((height, tall), (width, wide)))
    top, left = (tall - rows) // 2, (wide - columns) // 2
    part = picture[top : top + rows, left : left + columns]
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(part, (width, height), interpolation=smooth)


def solid_color(color: str, height: int, width: int) -> np.ndarray:
    """Return uint8 RGB ``[height, width, 3]`` of one colour ``#rrggbb``. Raises ``ValueError`` for other notations."""
    digits = color.removeprefix("#")
    if len(color) != 7 or len(digits) != 6 or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
        raise ValueError(f"{color!r} is not a colour. Write it as #rrggbb, for instance #00ff00.")
    return np.full((height, width, 3), [int(digits[i : i + 2], 16) for i in (0, 2, 4)], np.uint8)
