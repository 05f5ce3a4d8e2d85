"""Find the fixed square that contains a person in all frames, from the poses: the crop must not move."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from synth.data.film.outline import box

MEDIAN = 5  # window of the median filter, in frames: an outlier of one or two frames does not widen the square
MARGIN = 0.08  # of the square's side, left free on each side of the joints
HEAD = 0.12  # of a box's height, added above the highest joint, which is at the eyes


@dataclass(frozen=True)
class Square:
    """A square in a clip's upright frames, in their pixels. It may reach beyond them."""

    left: int
    top: int
    side: int


def find_square(poses: Sequence[np.ndarray], height: int, width: int) -> Square:
    """Return the square that contains the joints of ``[T, 17, 3]`` (one array per segment) in every frame.

    It is shifted into the frame of ``height`` and ``width``, and exceeds it only if the joints need that.
    """
    edges = np.concatenate([_boxes(segment) for segment in poses])
    left, top = edges[:, :2].min(0)
    right, bottom = edges[:, 2:].max(0)
    need, short = max(right - left, bottom - top, 16), min(height, width)
    side = int(np.ceil(min(max(need / (1 - 2 * MARGIN), 16), max(need, short))))
    x = _clamped(round((left + right - side) / 2), side, width)
    y = _clamped(round((top + bottom - side) / 2), side, height)
    return Square(x, y, side)


def read_square(text: str, height: int, width: int) -> Square:
    """Parse a square from ``x,y,side``. Raises ``ValueError`` if it is malformed or outside the frame."""
    try:
        left, top, side = (int(part) for part in text.split(","))
    except ValueError as error:
        raise ValueError(f"--crop takes x,y,side in pixels of the video, such as 420,0,1080, not {text!r}.") from error
    if side < 16 or not (-side < left < width and -side < top < height):
        raise ValueError(f"The crop {text} does not lie in the video's {width} x {height} pixels.")
    return Square(left, top, side)


def crop_image(picture: np.ndarray, square: Square, size: int) -> np.ndarray:
    """Crop the square of uint8 ``[H, W, 3]`` and resize it to ``[size, size, 3]``; the frame's edge is replicated."""
    height, width = picture.shape[:2]
    right, bottom = square.left + square.side, square.top + square.side
    inside = picture[max(square.top, 0) : max(bottom, 0), max(square.left, 0) : max(right, 0)]
    spare = [(max(-square.top, 0), max(bottom - height, 0)), (max(-square.left, 0), max(right - width, 0)), (0, 0)]
    if any(sum(pair) for pair in spare):
        inside = np.pad(inside, spare, mode="edge")
    smooth = cv2.INTER_AREA if square.side > size else cv2.INTER_CUBIC
    return cv2.resize(inside, (size, size), interpolation=smooth)


def to_crop_pixels(poses: np.ndarray, square: Square, size: int) -> np.ndarray:
    """Convert poses ``[..., 17, 3]`` from pixels of the whole frame to pixels of the crop."""
    result = np.array(poses, np.float32)
    result[..., :2] = (result[..., :2] - (square.left, square.top)) * (size / square.side)
    return result


def _boxes(poses: np.ndarray) -> np.ndarray:
    """Return the bounding boxes ``[T, 4]`` of ``[T, 17, 3]`` with room for the head, median-filtered over time."""
    found = [edges for pose in poses if (edges := box(pose)) is not None]
    boxes = np.array(found, np.float64).reshape(-1, 4)
    boxes[:, 1] -= HEAD * (boxes[:, 3] - boxes[:, 1])
    around = np.pad(boxes, ((MEDIAN // 2, MEDIAN // 2), (0, 0)), mode="edge") if len(boxes) else boxes
    return np.array([np.median(around[i : i + MEDIAN], axis=0) for i in range(len(boxes))]).reshape(-1, 4)


def _clamped(start: int, side: int, length: int) -> int:
    """Return the start of ``side`` so that it lies within ``length``; centred if it is longer."""
    return min(max(start, 0), length - side) if side <= length else (length - side) // 2
