"""What is seen behind characters: a colour, a picture, or nothing, for each character's own background."""

from pathlib import Path

import numpy as np

from synth.card import Card
from synth.pixels import images, matte
from synth.runtime.dance.painting import cuts
from synth.runtime.graph_file import fingerprint

Backdrop = str | np.ndarray
"""A colour as ``#rrggbb``, a picture, uint8 RGB ``[H, W, 3]``, or an empty string."""


def read(given: str) -> Backdrop:
    """Return what a person has written: a colour as ``#rrggbb``, the file of a picture, or nothing.

    Raises ``ValueError`` with a sentence for what is none of these.
    """
    if not given or _is_color(given):
        laid(given, 1)
        return given
    if not Path(given).is_file():
        raise ValueError(f"There is no picture {given} for the background. A colour is written as #rrggbb.")
    return images.read(given)


def anywhere(given: str) -> str:
    """Return what ``read`` takes for processes that work in another folder."""
    return given if not given or _is_color(given) else str(Path(given).absolute())


def called(given: str) -> str:
    """Return what ``read`` takes in words: a picture by its name and content, so that another one is told from it."""
    return given if _is_color(given) else f"{Path(given).name} {fingerprint(given)}"


def laid(backdrop: Backdrop, size: int) -> np.ndarray | None:
    """Return a backdrop of ``size`` pixels, uint8 RGB ``[size, size, 3]``, a picture by its middle; ``None``: no one.

    Raises ``ValueError`` with a sentence for what is no colour.
    """
    if not isinstance(backdrop, str):
        return matte.fill_frame(backdrop, size, size)
    return matte.solid_color(backdrop, size, size) if backdrop else None


def check(backdrop: Backdrop, *cards: Card) -> None:
    """Raise ``ValueError`` with a sentence for what is no backdrop, and for a character that cannot have one."""
    if laid(backdrop, 1) is None:
        return
    for card in cards:
        if not cuts(card):
            raise ValueError(
                f"{card.title or card.name} has only its own background. For others it must tell what is background: "
                f"export it again, without training, by python -m export again {card.name}."
            )


def _is_color(given: str) -> bool:
    return given.startswith("#")
