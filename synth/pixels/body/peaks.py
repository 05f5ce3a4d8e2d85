"""Convert belief maps (heat maps) to joints and back (Wei et al. 2016): the reference for pose graphs."""

import numpy as np

FLOOR = 1e-4  # lower beliefs are noise: float32 has few digits for them, and their logarithms diverge


def find_peaks(belief: np.ndarray, stride: float = 1.0) -> np.ndarray:
    """Return the joints ``[K, 3]`` (x, y in pixels, score) of belief maps float ``[K, h, w]`` in 0..1.

    A cell is ``stride`` pixels wide; cell 0 covers the pixels from 0 to ``stride``. A parabola is fitted to the
    logarithms of the highest cell and its neighbours, which is exact for a Gaussian (Zhang et al. 2020, eq. 3-8,
    without the mixed term). At the border and on a plateau the cell's centre is used. The score is the highest belief,
    clipped to 0..1; of equal cells the first counts.
    """
    count, _, width = belief.shape
    best = belief.reshape(count, -1).argmax(1)
    row, column, joint = best // width, best % width, np.arange(count)
    score = belief[joint, row, column]
    x = column + _offset(belief, joint, row, column, 0, 1)
    y = row + _offset(belief, joint, row, column, 1, 0)
    return np.stack([(x + 0.5) * stride, (y + 0.5) * stride, np.clip(score, 0, 1)], 1).astype(np.float32)


def gaussian_maps(
    keypoints: np.ndarray, height: int, width: int, stride: float = 1.0, sigma: float = 1.5
) -> np.ndarray:
    """Return belief maps float32 ``[K, height, width]`` with a Gaussian of ``sigma`` cells at each of ``[K, 3]``.

    The peak's height is the joint's score: an unknown joint has an empty map. ``find_peaks`` is the inverse.
    """
    x, y, score = (keypoints[:, i, None].astype(np.float64) for i in range(3))
    across = np.exp(-((np.arange(width) + 0.5 - x / stride) ** 2) / (2 * sigma**2))  # [K, w]
    down = np.exp(-((np.arange(height) + 0.5 - y / stride) ** 2) / (2 * sigma**2))  # [K, h]
    return (score[..., None] * down[:, :, None] * across[:, None, :]).astype(np.float32)


def _offset(
    belief: np.ndarray, joint: np.ndarray, row: np.ndarray, column: np.ndarray, down: int, right: int
) -> np.ndarray:
    """Return the sub-cell offset of the peak along one axis, -0.5..0.5 cells, ``[K]``."""
    _, height, width = belief.shape

    def log(sign: int) -> np.ndarray:
        r = np.clip(row + sign * down, 0, height - 1)
        c = np.clip(column + sign * right, 0, width - 1)
        return np.log(np.maximum(belief[joint, r, c], FLOOR).astype(np.float64))

    before, here, after = log(-1), log(0), log(1)
    bend = 2 * here - before - after  # positive at a peak
    offset = np.where(bend > 1e-9, (after - before) / (2 * np.maximum(bend, 1e-9)), 0.0)
    place, length = (row, height) if down else (column, width)
    return np.where((place > 0) & (place < length - 1), np.clip(offset, -0.5, 0.5), 0.0)
