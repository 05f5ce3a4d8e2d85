"""Turn a drawn skeleton into a character's image, and cut the character out if its model has layers."""

import time as clock
from dataclasses import dataclass, field

import numpy as np

from synth.card import Card
from synth.pixels.matte import Matte
from synth.runtime.encode import data_address
from synth.runtime.session import Graph

LAYERS = ("cover", "plate")
"""Extra outputs of a model whose character can be cut out: its opacity, and the background behind it."""


@dataclass(frozen=True)
class Painted:
    """A character's image, uint8 RGB ``[S, S, 3]``; if it was cut out, ``alone`` and ``gap`` of ``synth.pixels.matte``.

    ``milliseconds`` per stage: ``picture``, and ``cut``.
    """

    picture: np.ndarray
    alone: np.ndarray | None = None
    gap: np.ndarray | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)


class Painting:
    """Paints the frames of one character one after another; keeps the state of the matte."""

    def __init__(self, graph: Graph):
        self.graph, self._matte = graph, Matte()

    def __call__(self, drawn: np.ndarray, previous: np.ndarray, cut: bool = False) -> Painted:
        """Paint a drawn skeleton as ``paint`` does; with ``cut``, also cut the character out if its model has layers.

        Raises ``ValueError`` if the model fails.
        """
        start = clock.perf_counter()
        if not (cut and cuts(self.graph.card)):
            self._matte = Matte()
            picture = paint(self.graph, drawn, previous)
            return Painted(picture, milliseconds={"picture": (clock.perf_counter() - start) * 1e3})
        found = self.graph.run_all(*_given(self.graph, drawn, previous))
        picture, cover, plate = next(iter(found.values())), *(found[name] for name in LAYERS)
        if (cover.shape, plate.shape) != ((*picture.shape[:2], 1), picture.shape) or cover.dtype != plate.dtype:
            raise ValueError(
                f"Cover {list(cover.shape)} or plate {list(plate.shape)} do not fit the image {list(picture.shape)}. "
                "Export the character again."
            )
        done = clock.perf_counter()
        alone, gap = self._matte(picture, cover, plate)
        took = {"picture": (done - start) * 1e3, "cut": (clock.perf_counter() - done) * 1e3}
        return Painted(picture, alone, gap, took)


def paint(graph: Graph, drawn: np.ndarray, previous: np.ndarray) -> np.ndarray:
    """Return a character's image for a drawn skeleton and its ``previous`` image, all uint8 RGB ``[S, S, 3]``."""
    return graph.run(*_given(graph, drawn, previous))


def cuts(card: Card) -> bool:
    """Return whether a character can be cut out: its model has the ``LAYERS`` that this needs."""
    return {*LAYERS} <= {*card.extras}


def _given(graph: Graph, drawn: np.ndarray, previous: np.ndarray) -> list[np.ndarray]:
    given = {"figure": drawn, "previous": previous}
    return [given[entry.kind] for entry in graph.card.inputs]


def encoded(picture: np.ndarray, alone: np.ndarray | None, gap: np.ndarray | None) -> dict[str, str]:
    """Encode what a page shows of a character as ``data:`` URLs: its image, or ``alone`` and ``gap``."""
    if alone is None or gap is None:
        return {"picture": data_address(picture, "jpeg")}
    return {"picture": data_address(alone, "jpeg"), "gap": data_address(gap, "jpeg")}
