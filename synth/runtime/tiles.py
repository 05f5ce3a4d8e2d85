"""Enlarge images of any size in overlapping tiles, so that memory stays bounded.

Every tile is cut out with ``OVERLAP`` more pixels on each side than are kept of its result. That is more than the
receptive field of any network of ``synth.recipes.enlarge`` (a test checks that), so there are no seams: the tiles
give what the whole image would.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product

import cv2
import numpy as np

from synth.card import Card

TILE, OVERLAP = 448, 40
MOST_PIXELS = 200_000_000
"""Most pixels of a result: 600 MB in memory. A photograph of 12 megapixels fits, four times as high and wide."""
Call = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Tile:
    """A part of an image, as (rows, columns): ``keep`` of the result, and ``look``, the input with its overlap."""

    keep: tuple[slice, slice]
    look: tuple[slice, slice]

    def inner(self, scale: int) -> tuple[slice, slice]:
        """Return where ``keep`` lies in the enlarged ``look``."""
        pairs = zip(self.keep, self.look, strict=True)
        rows, columns = (slice(kept.start - seen.start, kept.stop - seen.start) for kept, seen in pairs)
        return times(rows, scale), times(columns, scale)


def enlarge(call: Call, image: np.ndarray, scale: int) -> np.ndarray:
    """Enlarge uint8 ``[H, W, 3 or 4]`` ``scale`` times with ``call``, which enlarges uint8 ``[h, w, 3]``."""
    target = blank(image, scale)
    for _ in fill(call, image, target):
        pass
    return target


def blank(image: np.ndarray, scale: int) -> np.ndarray:
    """Allocate the result for an image; ``ValueError`` if it would be too large, see ``check``."""
    height, width, channels = image.shape
    check(height, width, scale)
    return np.empty((height * scale, width * scale, channels), np.uint8)


def fill(call: Call, image: np.ndarray, target: np.ndarray) -> Iterator[float]:
    """Enlarge ``image`` into ``target`` tile by tile; yield after each the share done, 0..1.

    A fourth channel is opacity. It is enlarged by the same model, as a gray image; colours of transparent pixels are
    first replaced by visible ones nearby, so that they do not bleed in at edges.
    """
    scale = len(target) // len(image)
    parts = plan(*image.shape[:2])
    layers = [(visible(image), slice(0, 3))]
    if image.shape[2] == 4:
        layers.append((np.repeat(image[..., 3:], 3, axis=2), slice(3, 4)))
    for number, (part, (layer, channels)) in enumerate(product(parts, layers)):
        made = call(np.ascontiguousarray(layer[part.look]))[part.inner(scale)]
        rows, columns = (times(side, scale) for side in part.keep)
        target[rows, columns, channels] = made if channels.start == 0 else made[..., 1:2]
        yield (number + 1) / (len(parts) * len(layers))


def plan(height: int, width: int) -> list[Tile]:
    """Return the tiles of an image, row by row, all of about the same size."""
    across = list(spans(width))
    return [
        Tile((rows, columns), (seen_rows, seen_columns))
        for rows, seen_rows in spans(height)
        for columns, seen_columns in across
    ]


def spans(length: int) -> Iterator[tuple[slice, slice]]:
    """Yield the spans to keep, and those to read, along one side."""
    count = math.ceil(length / TILE)
    edges = [length * number // count for number in range(count + 1)]
    for start, stop in pairwise(edges):
        yield slice(start, stop), slice(max(0, start - OVERLAP), min(length, stop + OVERLAP))


def times(part: slice, scale: int) -> slice:
    """Return a slice whose start and length are multiplied by ``scale``."""
    return slice(part.start * scale, part.stop * scale)


def visible(image: np.ndarray) -> np.ndarray:
    """Return the colours ``[H, W, 3]`` of an image; where it is transparent, those of the nearest visible pixel."""
    if image.shape[2] == 3 or not (hidden := image[..., 3] == 0).any() or hidden.all():
        return image[..., :3]
    _, labels = cv2.distanceTransformWithLabels(hidden.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    places = np.zeros(labels.max() + 1, np.int64)
    places[labels[~hidden]] = np.flatnonzero(~hidden)
    return image[..., :3].reshape(-1, 3)[places[labels]]


def check(height: int, width: int, scale: int) -> None:
    """Raise ``ValueError`` for an image whose result would be too large; it says what to do."""
    pixels = height * width * scale**2
    if pixels <= MOST_PIXELS:
        return
    most = MOST_PIXELS / scale**2 / 1e6
    raise ValueError(
        f"This picture ({width} x {height}) would become {width * scale} x {height * scale}: {pixels / 1e6:.0f} "
        f"megapixels, {pixels * 3 / 1e9:.1f} GB; the limit is {MOST_PIXELS / 1e6:.0f} megapixels. Crop it to at most "
        f"{most:.0f} megapixels, make it smaller, or choose a model that enlarges less."
    )


def enlarges(card: Card) -> bool:
    """Return whether a model enlarges one image."""
    return card.scale > 1 and card.gives == "picture" and len(card.inputs) == 1
