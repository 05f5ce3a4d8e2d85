"""Background plate of a fixed camera: the median over time without the person."""

from collections.abc import Sequence

import cv2
import numpy as np

from synth.data.film.outline import GROW, outline

SAMPLE = 96
"""Number of frames used, evenly spread."""
ENOUGH = 3
ROWS = 32


def sample_rows(count: int) -> set[int]:
    """Return which of ``count`` frames to use for the background."""
    return set(np.linspace(0, max(count - 1, 0), min(count, SAMPLE)).round().astype(int).tolist())


def median_background(pictures: Sequence[np.ndarray], poses: Sequence[np.ndarray]) -> np.ndarray:
    """Return the median uint8 ``[H, W, 3]`` of images of that shape, without the people of poses ``[17, 3]``.

    Where a wide outline of the person covers a pixel in nearly all images, a narrow outline is used; pixels that even
    this covers in nearly all were never seen and are inpainted.
    """
    size = pictures[0].shape[:2]
    wide, narrow = (np.stack([outline(pose, size, grow) for pose in poses]) for grow in (GROW, GROW / 2))  # [T, H, W]
    covered = np.where((~wide).sum(0) < ENOUGH, narrow, wide)
    unseen = (~covered).sum(0) < min(ENOUGH, len(pictures))
    result = _medians(pictures, covered & ~unseen)
    return np.asarray(cv2.inpaint(result, unseen.astype(np.uint8), 3, cv2.INPAINT_TELEA))


def _medians(pictures: Sequence[np.ndarray], covered: np.ndarray) -> np.ndarray:
    result = np.empty_like(pictures[0])
    for top in range(0, len(result), ROWS):  # a band at a time, to save memory
        band = slice(top, top + ROWS)
        values = np.stack([picture[band] for picture in pictures]).astype(np.float32)
        values[covered[:, band]] = np.nan
        result[band] = _median(values)
    return result


def _median(values: np.ndarray) -> np.ndarray:
    """Return the median along the first axis of ``[T, ...]``, ignoring NaN; no position may hold only NaN."""
    ordered = np.sort(values, axis=0)  # NaN last
    count = np.isfinite(values).sum(0)[None]
    low, high = ((count - 1) // 2, count // 2)
    middle = (np.take_along_axis(ordered, low, 0)[0] + np.take_along_axis(ordered, high, 0)[0]) / 2
    return np.round(middle).astype(np.uint8)
