"""The paper around a scanned photograph: an even border of which nothing should be made."""

import numpy as np

from synth.pixels.resize import fit

LOOKED = 256
"""Longer side in pixels at which a border is looked for: the grain of the paper is gone there."""
EVEN, ALIKE = 5.0, 14.0
"""Grey levels that a line of a border varies by (standard deviation), and that lines differ by."""
LEAST, MOST = 0.012, 0.3
"""Share of a side that a border has: less is an edge of the picture itself, more is a sky."""


def inside_border(image: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of uint8 ``[H, W, 3]`` within its border; all of them where it has none."""
    small = fit(image, LOOKED).astype(np.float32).mean(2)
    rows, columns = (_within(small if axis == 0 else small.T) for axis in (0, 1))
    if not (all(rows) or all(columns)):  # at one end only, an even strip is a sky or a floor
        return slice(0, image.shape[0]), slice(0, image.shape[1])
    scales = [length / short for length, short in zip(image.shape[:2], small.shape, strict=True)]
    return (
        slice(*_stretched(rows, scales[0], image.shape[0])),
        slice(*_stretched(columns, scales[1], image.shape[1])),
    )


def _within(gray: np.ndarray) -> tuple[int, int]:
    """Return how many lines at the beginning and at the end of ``[H, W]`` are border."""
    even = gray.std(1) < EVEN
    found = []
    for lines, flat in ((gray, even), (gray[::-1], even[::-1])):
        alike = flat & (np.abs(lines.mean(1) - lines[0].mean()) < ALIKE)
        width = int(np.argmin(alike)) if not alike.all() else 0
        found.append(width if LEAST * len(gray) <= width <= MOST * len(gray) else 0)
    return found[0], found[1]


def _stretched(border: tuple[int, int], scale: float, length: int) -> tuple[int, int]:
    """Return the first pixel within a border and the one behind the last; a line more, where the two are mixed."""
    first, last = (int(np.ceil((width + (width > 0)) * scale)) for width in border)
    return first, length - last
