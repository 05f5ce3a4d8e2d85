"""Inpaint holes in images of any size: the model is given a window around each hole, and only the hole is replaced."""

from collections.abc import Iterator

import cv2
import numpy as np

from synth.pixels.resize import fit
from synth.runtime.run import run
from synth.runtime.session import Graph

MOST_HOLES = 16
"""If there are more holes than this, they are filled together as one."""
LOOK, CONTEXT = 1.5, 2.0
"""Longest side of the model's input, in training sizes; side of the window, in sides of the hole."""
REACH = 3
"""Pixels around a hole from which its opacity is continued."""
Window = tuple[slice, slice]


def inpaint(graph: Graph, image: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, float]:
    """Fill uint8 RGB ``[H, W, 3]`` where ``mask``, bool ``[H, W]``, is true; all other pixels stay the same.

    A fourth channel is opacity, which is continued into the hole from around it. Returns the image and the milliseconds
    that the model took. Raises ``ValueError`` if the mask has another size, or covers everything.
    """
    if mask.shape != image.shape[:2]:
        raise ValueError(
            f"The mask has {mask.shape[1]} x {mask.shape[0]} pixels, the picture {image.shape[1]} x {image.shape[0]}. "
            "Make them the same size."
        )
    if mask.all():
        raise ValueError(
            "The mask covers the whole picture. Leave some of it unpainted, so that there is something to fill from."
        )
    if image.shape[2] == 4:
        colors, spent = inpaint(graph, np.ascontiguousarray(image[..., :3]), mask)
        opacity = cv2.inpaint(np.ascontiguousarray(image[..., 3]), mask.astype(np.uint8), REACH, cv2.INPAINT_TELEA)
        return np.dstack([colors, np.where(mask, opacity, image[..., 3])]), spent
    made, spent = image.copy(), 0.0
    for window, hole in windows(mask, graph.card.size):
        part = np.ascontiguousarray(made[window])  # includes the holes that were filled before
        small = fit(part, round(LOOK * graph.card.size))
        height, width = small.shape[:2]
        missing = cv2.resize(hole.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA) > 0
        outcome = run(graph, small, hints=[np.repeat(missing[..., None], 3, 2).astype(np.uint8) * 255])
        result = cv2.resize(outcome.result, part.shape[1::-1], interpolation=cv2.INTER_CUBIC)
        part[hole] = result[hole]
        made[window], spent = part, spent + outcome.milliseconds
    return made, spent


def windows(mask: np.ndarray, size: int) -> Iterator[tuple[Window, np.ndarray]]:
    """Yield each hole's window (rows, columns), at least ``size`` pixels wide if possible, and its mask in the window.

    Holes that are close to each other count as one.
    """
    reach = max(1, round(0.02 * max(mask.shape))) * 2 + 1
    joined = cv2.dilate(mask.astype(np.uint8), np.ones((reach, reach), np.uint8))
    count, labels = cv2.connectedComponents(joined)
    groups = range(1, count) if count <= MOST_HOLES else [0]
    for group in groups:
        hole = mask & (labels == group) if group else mask
        box = [np.nonzero(hole.any(axis))[0] for axis in (1, 0)]  # rows, columns
        if not box[0].size:
            continue
        side = max(size, round(CONTEXT * max(int(at[-1] - at[0]) + 1 for at in box)))
        rows, columns = (_around(at, side, length) for at, length in zip(box, mask.shape, strict=True))
        yield (rows, columns), hole[rows, columns]


def _around(at: np.ndarray, side: int, length: int) -> slice:
    """Return ``side`` pixels centred on the sorted positions ``at``, within ``length``."""
    side = min(max(side, int(at[-1] - at[0]) + 1), length)
    start = min(max(0, (int(at[0]) + int(at[-1]) + 1 - side) // 2), length - side)
    return slice(start, start + side)
