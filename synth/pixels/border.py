"""Find the uniform paper border around a scanned photograph, so that it can be left out of processing."""

import numpy as np

from synth.pixels.resize import fit

LOOKED = 256
"""Longer side, in pixels, of the reduced image in which a border is searched; reducing averages out paper grain."""
EVEN, ALIKE = 5.0, 14.0
"""Limits, in grey levels: standard deviation within a border line, and mean difference between border lines."""
LEAST, MOST = 0.012, 0.3
"""Limits on the border's share of a side: less is an edge inside the photograph, more is for example sky."""


def inside_border(image: np.ndarray) -> tuple[slice, slice]:
    """Return the rows and columns of uint8 ``[H, W, 3]`` inside its border; all of them if there is no border."""
    small = fit(image, LOOKED).astype(np.float32).mean(2)
    rows, columns = (_border_lines(small if axis == 0 else small.T) for axis in (0, 1))
    if not (all(rows) or all(columns)):  # a uniform strip at one end only is for example sky or floor
        return slice(0, image.shape[0]), slice(0, image.shape[1])
    scales = [length / short for length, short in zip(image.shape[:2], small.shape, strict=True)]
    return (
        slice(*_to_full_size(rows, scales[0], image.shape[0])),
        slice(*_to_full_size(columns, scales[1], image.shape[1])),
    )


def _border_lines(gray: np.ndarray) -> tuple[int, int]:
    """Return the number of border lines at the start and at the end of ``[H, W]``."""
    even = gray.std(1) < EVEN
    found = []
    for lines, flat in ((gray, even), (gray[::-1], even[::-1])):
        alike = flat & (np.abs(lines.mean(1) - lines[0].mean()) < ALIKE)
        width = int(np.argmin(alike)) if not alike.all() else 0
        found.append(width if LEAST * len(gray) <= width <= MOST * len(gray) else 0)
    return found[0], found[1]


def _to_full_size(border: tuple[int, int], scale: float, length: int) -> tuple[int, int]:
    """Return the first pixel inside a border and one past the last; one extra line is dropped where the two mix."""
    first, last = (int(np.ceil((width + (width > 0)) * scale)) for width in border)
    return first, length - last
