"""Run one image through a model for a user: bounded concurrency, size limits, and the requested size."""

import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth.card import Card
from synth.pixels.label_map import in_colors
from synth.pixels.resize import fit
from synth.runtime.session import Graph

OWN, TRAINED = "own size", "trained size"
MAX_PIXELS = 4_194_304
WAIT_SECONDS = 30

_slots = threading.BoundedSemaphore(2)
_untrusted_slots = threading.BoundedSemaphore(1)
"""Untrusted graphs have a slot of their own: one that takes long must not block the others."""


@dataclass(frozen=True)
class Outcome:
    """The input image as the model got it (shrunk, class numbers painted), the output image, and the milliseconds.

    ``notice`` tells the user what was done to the input, or is wrong with it; it is empty for most.
    """

    input: np.ndarray
    result: np.ndarray
    milliseconds: float
    notice: str = ""


def run(
    graph: Graph,
    image: np.ndarray,
    size: str = OWN,
    seconds: float = 0,
    hints: Sequence[np.ndarray] = (),
    numbers: Mapping[str, float] | None = None,
) -> Outcome:
    """Run uint8 RGB ``[H, W, 3]`` at its own size, or shrunk to the size the graph was trained at.

    ``seconds`` above zero is a time limit, for untrusted graphs. ``hints`` (or a mask), of the image's own size, and
    ``numbers`` are the further inputs that the card declares.
    Raises ``ValueError`` for models that do not map one image to one image, for images above
    ``MAX_PIXELS``, padding included, for label maps in other colours (see ``labelled``), and when too many other
    requests wait.
    """
    card = graph.card
    check_one_to_one(card, 1 + len(hints))
    image, notice = labelled(image, card)
    if size == TRAINED:
        image = fit(image, card.size, labels=card.inputs[0].kind == "labels")
    check(image.shape[0], image.shape[1], card)
    slots = _untrusted_slots if seconds else _slots
    if not slots.acquire(timeout=WAIT_SECONDS):
        raise ValueError(f"synth is busy: no slot became free within {WAIT_SECONDS:g} seconds. Try again in a moment.")
    try:
        start = time.perf_counter()
        result = graph.run(image, *hints, seconds=seconds, **(numbers or {}))
        return Outcome(image, result, (time.perf_counter() - start) * 1e3, notice)
    finally:
        slots.release()


def check_one_to_one(card: Card, images: int = 1) -> None:
    """Raise ``ValueError`` for a model that does not map this many input images to one image."""
    if not len(card.required) <= images <= len(card.pictures) or card.gives != "picture":
        raise ValueError(
            f"{card.title or card.name} cannot be tried here, because it does more than turn one picture into one "
            f"({card.task}). Put its file into the folder of models and restart synth: it then appears in its own tab."
        )


def labelled(image: np.ndarray, card: Card) -> tuple[np.ndarray, str]:
    """Return uint8 RGB ``[H, W, 3]`` in the label colours of a card, and a notice; other kinds of input as they are.

    Raises ``ValueError`` as ``synth.pixels.label_map.in_colors`` does.
    """
    first = card.inputs[0]
    return in_colors(image, first.palette) if first.kind == "labels" and first.palette else (image, "")


def check(height: int, width: int, card: Card) -> None:
    """Raise ``ValueError`` for an image above ``MAX_PIXELS`` when padded to the card's multiple; it says what to do."""
    down, across = (math.ceil(side / card.multiple) * card.multiple for side in (height, width))
    if down * across <= MAX_PIXELS:
        return
    size_text = f"This picture has {height * width / 1e6:.1f} megapixels ({width} x {height})"
    if height * width <= MAX_PIXELS:
        size_text = (
            f"This picture ({width} x {height}) is padded to {down * across / 1e6:.1f} megapixels ({across} x {down})"
        )
    raise ValueError(
        f"{size_text}; the limit is {MAX_PIXELS / 1e6:.1f}. Choose “Shrink to {card.size} pixels”, or make it smaller."
    )
