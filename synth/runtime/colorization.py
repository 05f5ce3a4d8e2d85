"""Colours for a photograph of any size: hints, what the graph looks at, and the luminance, which stays as it is."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from synth.card import Card
from synth.pixels import border, color
from synth.pixels.resize import fit
from synth.runtime.run import Outcome, run
from synth.runtime.session import Graph

LARGEST = 1024
"""Longer side in pixels above which only the colours come from the graph: they are coarser anyway."""
DAB = 0.04
"""Side of a hint, as a share of the picture's: what the network was trained with."""
MOST_HINTS = 200
GRID, SURE = 12, 8.0
"""Of a picture with colours, at most so many hints in each direction, where it is farther than that from gray."""


@dataclass(frozen=True)
class Pin:
    """A colour that somebody knows: where, as a share 0..1 of width and height, and which, in 0..255."""

    x: float
    y: float
    red: int
    green: int
    blue: int


def colorize(graph: Graph, image: np.ndarray, pins: list[Pin], temperature: float) -> Outcome:
    """Give uint8 RGB ``[H, W, 3]`` of any size colours; its luminance stays, and the paper around a scan as it is.

    Raises ``ValueError`` with a sentence.
    """
    rows, columns = border.inside_border(image)
    photo = np.ascontiguousarray(image[rows, columns])
    small = fit(photo, LARGEST)
    hints = marked(small, within(pins, image, (rows, columns))) if pins else ()
    outcome = run(graph, small, hints=hints, numbers=numbers(graph.card, temperature))
    result = image.copy()
    same = small.shape == photo.shape
    result[rows, columns] = outcome.result if same else color.with_chroma(photo, outcome.result)
    return Outcome(image, result, outcome.milliseconds)


def within(pins: list[Pin], image: np.ndarray, part: tuple[slice, slice]) -> list[Pin]:
    """Return hints for a picture as hints for a part of it; those outside are left out."""
    (top, bottom), (left, right) = ((side.start, side.stop) for side in part)
    moved = [
        replace(
            pin,
            x=(pin.x * image.shape[1] - left) / (right - left),
            y=(pin.y * image.shape[0] - top) / (bottom - top),
        )
        for pin in pins
    ]
    return [pin for pin in moved if 0 <= pin.x <= 1 and 0 <= pin.y <= 1]


def numbers(card: Card, temperature: float) -> dict[str, float]:
    """Return the temperature for a graph that has one."""
    return {"temperature": temperature} if has_temperature(card) else {}


def has_temperature(card: Card) -> bool:
    return any(entry.name == "temperature" for entry in card.inputs)


def marked(image: np.ndarray, pins: list[Pin]) -> tuple[np.ndarray, np.ndarray]:
    """Return the two pictures of hints for ``image``: the colours, and white where they are."""
    hints, marks = np.zeros_like(image), np.zeros_like(image)
    height, width = image.shape[:2]
    for pin in pins:
        rows, columns = around(pin.y, height), around(pin.x, width)
        hints[rows, columns], marks[rows, columns] = (pin.red, pin.green, pin.blue), 255
    return hints, marks


def around(place: float, length: int) -> slice:
    """Return the pixels of a hint in one direction; ``place`` is a share 0..1 of ``length``."""
    side = max(1, round(DAB * length))
    start = min(max(0, round(place * length - side / 2)), length - side)
    return slice(start, start + side)


def own_colors(image: np.ndarray) -> list[Pin]:
    """Return hints that tell the colours which a picture has already, where it has any."""
    found = []
    for row in range(GRID):
        for column in range(GRID):
            x, y = (column + 0.5) / GRID, (row + 0.5) / GRID
            part = image[around(y, image.shape[0]), around(x, image.shape[1])]
            if color.chroma(part) > SURE:
                red, green, blue = (int(value) for value in part.mean((0, 1)).round())
                found.append(Pin(x, y, red, green, blue))
    return found


def pins(given: Any) -> list[Pin]:
    """Return hints that come from a browser or a program: ``[x, y, red, green, blue]`` each, x and y in 0..1.

    Raises ``ValueError`` with a sentence for anything else.
    """
    if given is None:
        return []
    if not isinstance(given, list) or len(given) > MOST_HINTS:
        raise ValueError(f"Hints are a list of up to {MOST_HINTS} colours at places: [x, y, red, green, blue] each.")
    return [_pin(entry) for entry in given]


def _pin(entry: Any) -> Pin:
    numeric = isinstance(entry, (list, tuple)) and len(entry) == 5
    numeric = numeric and all(isinstance(v, (int, float)) and not isinstance(v, bool) and np.isfinite(v) for v in entry)
    if not numeric or not (0 <= entry[0] <= 1 and 0 <= entry[1] <= 1 and all(0 <= v <= 255 for v in entry[2:])):
        raise ValueError("A hint is [x, y, red, green, blue]: a place from 0 to 1 in both directions, and 0 to 255.")
    return Pin(float(entry[0]), float(entry[1]), *(round(value) for value in entry[2:]))
