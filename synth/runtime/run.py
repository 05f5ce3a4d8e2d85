"""Run one picture for a visitor: turns, limits, the size asked for, and what to say about it."""

import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth.card import Card
from synth.pixels.resize import fit
from synth.runtime.session import Graph

OWN, TRAINED = "own size", "trained size"
MAX_PIXELS = 4_194_304
WAIT_SECONDS = 30

_turn = threading.BoundedSemaphore(2)
_strangers_turn = threading.BoundedSemaphore(1)
"""A stranger's graph may take long, and one that is stuck must not keep visitors from the others."""


@dataclass(frozen=True)
class Outcome:
    """The picture that went in (after shrinking, where that was asked for), the one that came out, and the time."""

    input: np.ndarray
    result: np.ndarray
    milliseconds: float


def run(
    graph: Graph,
    image: np.ndarray,
    size: str = OWN,
    seconds: float = 0,
    hints: Sequence[np.ndarray] = (),
    numbers: Mapping[str, float] | None = None,
) -> Outcome:
    """Run uint8 RGB ``[H, W, 3]`` at its own size, or shrunk to the size the graph was trained at.

    ``seconds`` above zero is a limit for graphs that are not ours. ``hints`` (or a mask), of the picture's own size,
    and ``numbers`` are what else the graph's card says that it takes.
    Raises ``ValueError`` with a sentence for graphs that do not go from one picture to one, for pictures above
    ``MAX_PIXELS``, padding included, and when too many others wait.
    """
    card = graph.card
    if not len(card.required) <= 1 + len(hints) <= len(card.pictures) or card.gives != "picture":
        raise ValueError(
            f"{card.title or card.name} does not turn one picture into another ({card.task}). "
            "Put its file into the app’s folder of graphs and restart: it then appears where it belongs."
        )
    if size == TRAINED:
        image = fit(image, card.size, labels=card.inputs[0].kind == "labels")
    check(image.shape[0], image.shape[1], card)
    turn = _strangers_turn if seconds else _turn
    if not turn.acquire(timeout=WAIT_SECONDS):
        raise ValueError("synth is busy just now. Try again in a moment.")
    try:
        start = time.perf_counter()
        result = graph.run(image, *hints, seconds=seconds, **(numbers or {}))
        return Outcome(image, result, (time.perf_counter() - start) * 1e3)
    finally:
        turn.release()


def check(height: int, width: int, card: Card) -> None:
    """Raise ``ValueError`` with a way out for a picture too large as it is, or padded to the card's multiple."""
    down, across = (math.ceil(side / card.multiple) * card.multiple for side in (height, width))
    if down * across <= MAX_PIXELS:
        return
    said = f"This picture has {height * width / 1e6:.1f} megapixels ({width} x {height})"
    if height * width <= MAX_PIXELS:
        said = f"This picture ({width} x {height}) becomes {down * across / 1e6:.1f} megapixels ({across} x {down})"
    raise ValueError(
        f"{said}; graphs run up to {MAX_PIXELS / 1e6:.1f} here. "
        f"Choose “Shrink to {card.size} pixels”, or make it smaller."
    )
