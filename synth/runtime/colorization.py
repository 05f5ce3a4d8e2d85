"""Colorize photographs of any size: run the model on a small image, keep the luminance, carry over colour hints."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synth.card import Card, Input
from synth.pixels import border, color, images
from synth.pixels.resize import fit
from synth.runtime.run import Outcome, run
from synth.runtime.session import Graph

LARGEST = 1024
"""Longer side in pixels of the model's input; the colours of larger images are scaled up, which is not visible."""
HINT_SIDE = 0.04
"""Side of the square of a hint, as a share of the image's side: the size used in training."""
MOST_HINTS = 200
GRID, SURE = 12, 8.0
"""Hints taken from an image with colours: at most this many per direction, where the chroma is above ``SURE``."""


@dataclass(frozen=True)
class Hint:
    """A known colour (0..255 each) at a place (``x``, ``y`` as shares 0..1 of width and height)."""

    x: float
    y: float
    red: int
    green: int
    blue: int


def colorize(graph: Graph, image: np.ndarray, hints: list[Hint], settings: Mapping[str, float]) -> Outcome:
    """Colorize uint8 RGB ``[H, W, 3]`` of any size; its luminance and the paper around a scan stay as they are.

    A fourth channel, the opacity, is kept.

    ``settings`` are values by name of the model's number inputs, those that it lacks are not used: ``vividness``, 0..1,
    or ``temperature``, the softmax temperature T, 0.05..1 (annealed mean, Zhang et al. 2016, eq. 5). Raises
    ``ValueError`` as ``run`` does.
    """
    if image.shape[2] == 4:
        outcome = colorize(graph, images.on_white(image), hints, settings)
        return replace(outcome, input=image, result=with_opacity(image, outcome.result))
    rows, columns = border.inside_border(image)
    photo = np.ascontiguousarray(image[rows, columns])
    small = fit(photo, LARGEST)
    pair = hint_images(small, hints_within(hints, image, (rows, columns))) if hints else ()
    numbers = {entry.name: settings[entry.name] for entry in graph.card.inputs if entry.name in settings}
    outcome = run(graph, small, hints=pair, numbers=numbers)
    result = image.copy()
    same = small.shape == photo.shape
    result[rows, columns] = outcome.result if same else color.with_chroma(photo, outcome.result)
    return Outcome(image, result, outcome.milliseconds)


def with_opacity(image: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Return uint8 RGBA: the opacity and the lightness of ``image`` ``[H, W, 4]``, the colours of ``made``.

    ``made`` is its colorization on white, ``[H, W, 3]``; where the image is opaque it is taken as it is.
    """
    colors = color.with_chroma(np.ascontiguousarray(image[..., :3]), made)
    opaque = image[..., 3:] == 255
    return np.concatenate((np.where(opaque, made, colors), image[..., 3:]), 2)


def colorizes(card: Card) -> bool:
    """Return whether a model belongs to the Colorize tab."""
    return "colorize" in card.tabs


def hints_within(hints: list[Hint], image: np.ndarray, part: tuple[slice, slice]) -> list[Hint]:
    """Return the hints for an image as hints for a part of it (rows, columns), without those outside of it."""
    (top, bottom), (left, right) = ((side.start, side.stop) for side in part)
    moved = [
        replace(
            hint,
            x=(hint.x * image.shape[1] - left) / (right - left),
            y=(hint.y * image.shape[0] - top) / (bottom - top),
        )
        for hint in hints
    ]
    return [hint for hint in moved if 0 <= hint.x <= 1 and 0 <= hint.y <= 1]


def dial(card: Card) -> Input | None:
    """Return the number input of a colorizing model, its vividness or its temperature; None if it has none."""
    return next((entry for entry in card.inputs if entry.kind == "number"), None)


def hint_images(image: np.ndarray, hints: list[Hint]) -> tuple[np.ndarray, np.ndarray]:
    """Return a model's two hint inputs, of the size of ``image``: the colours, and a mask, 255 where there is one."""
    colors, mask = np.zeros_like(image), np.zeros_like(image)
    height, width = image.shape[:2]
    for hint in hints:
        rows, columns = hint_span(hint.y, height), hint_span(hint.x, width)
        colors[rows, columns], mask[rows, columns] = (hint.red, hint.green, hint.blue), 255
    return colors, mask


def hint_span(place: float, length: int) -> slice:
    """Return the pixels that a hint covers along one side; ``place`` is a share 0..1 of ``length``."""
    side = max(1, round(HINT_SIDE * length))
    start = min(max(0, round(place * length - side / 2)), length - side)
    return slice(start, start + side)


def existing_colors(image: np.ndarray) -> list[Hint]:
    """Return hints taken from the image's own colours; none where it is gray."""
    found = []
    for row in range(GRID):
        for column in range(GRID):
            x, y = (column + 0.5) / GRID, (row + 0.5) / GRID
            part = image[hint_span(y, image.shape[0]), hint_span(x, image.shape[1])]
            if color.chroma(part) > SURE:
                red, green, blue = (int(value) for value in part.mean((0, 1)).round())
                found.append(Hint(x, y, red, green, blue))
    return found


def read_hints(given: Any) -> list[Hint]:
    """Read hints from a browser or a program: ``[x, y, red, green, blue]`` each, x and y in 0..1.

    Raises ``ValueError`` for anything else.
    """
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MOST_HINTS:
        raise ValueError(f"Hints must be a list of up to {MOST_HINTS} points, [x, y, red, green, blue] each.")
    return [_hint(entry) for entry in given]


def _hint(entry: Any) -> Hint:
    numeric = isinstance(entry, (list, tuple)) and len(entry) == 5
    numeric = numeric and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in entry)
    if not numeric or not (0 <= entry[0] <= 1 and 0 <= entry[1] <= 1 and all(0 <= v <= 255 for v in entry[2:])):
        raise ValueError(
            f"A hint is [x, y, red, green, blue], x and y from 0 to 1, colours from 0 to 255, not {str(entry)[:60]}."
        )
    return Hint(float(entry[0]), float(entry[1]), *(round(value) for value in entry[2:]))
