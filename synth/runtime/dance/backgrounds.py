"""Backgrounds of characters: a colour, an image, or nothing, which means each character's own background."""

from pathlib import Path

import numpy as np

from synth.card import Card
from synth.pixels import images, matte
from synth.runtime.dance.painting import cuts
from synth.runtime.graph_file import fingerprint

Background = str | np.ndarray
"""A colour as ``#rrggbb``, an image, uint8 RGB ``[H, W, 3]``, or an empty string: the character's own."""


def read(given: str) -> Background:
    """Read a background given as text: a colour as ``#rrggbb``, the path of an image, or nothing.

    Raises ``ValueError`` for anything else.
    """
    if not given or _is_color(given):
        fitted(given, 1)
        return given
    if not Path(given).is_file():
        raise ValueError(
            f"There is no image {given} for the background. Give the path of an image, or a colour as #rrggbb."
        )
    return images.read(given)


def absolute(given: str) -> str:
    """Return a background for ``read`` in processes that work in another folder: with an absolute path."""
    return given if not given or _is_color(given) else str(Path(given).absolute())


def label(given: str) -> str:
    """Return a short name of a background for provenance marks: a colour, or an image's name and fingerprint."""
    return given if _is_color(given) else f"{Path(given).name} {fingerprint(given)}"


def fitted(background: Background, size: int) -> np.ndarray | None:
    """Return a background as uint8 RGB ``[size, size, 3]``, an image centre-cropped; ``None`` for the character's own.

    Raises ``ValueError`` for an invalid colour.
    """
    if not isinstance(background, str):
        return matte.fill_frame(background, size, size)
    return matte.solid_color(background, size, size) if background else None


def check(background: Background, *cards: Card) -> None:
    """Raise ``ValueError`` for an invalid background, or a character that cannot be cut out."""
    if fitted(background, 1) is None:
        return
    for card in cards:
        if not cuts(card):
            raise ValueError(
                f"{card.title or card.name} has only its own background, because its file has no mask of it. Export it "
                f"again (this needs no training): python -m export again {card.name}"
            )


def _is_color(given: str) -> bool:
    return given.startswith("#")
