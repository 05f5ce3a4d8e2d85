"""A figure becomes a character's picture, and the character without its background where the graph has layers."""

import time as clock
from dataclasses import dataclass, field

import numpy as np

from synth.card import Card
from synth.pixels.matte import Matte
from synth.runtime.encode import data_address
from synth.runtime.session import Graph

LAYERS = ("cover", "plate")
"""The extras of a graph whose character can be cut out."""


@dataclass(frozen=True)
class Painted:
    """A picture, uint8 RGB ``[S, S, 3]``; where it was cut out, ``alone`` and ``gap``, see ``synth.pixels.matte``.

    ``milliseconds`` say how long each stage took: ``picture``, and ``cut``.
    """

    picture: np.ndarray
    alone: np.ndarray | None = None
    gap: np.ndarray | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)


class Painting:
    """The pictures of one character, one after another."""

    def __init__(self, graph: Graph):
        self.graph, self._matte = graph, Matte()

    def __call__(self, figure: np.ndarray, previous: np.ndarray, cut: bool = False) -> Painted:
        """Paint a figure as ``paint`` does, and with ``cut`` cut the character out, where the graph has its layers.

        Raises ``ValueError`` with a sentence when the graph fails.
        """
        start = clock.perf_counter()
        if not (cut and cuts(self.graph.card)):
            self._matte = Matte()
            picture = paint(self.graph, figure, previous)
            return Painted(picture, milliseconds={"picture": (clock.perf_counter() - start) * 1e3})
        found = self.graph.run_all(*_given(self.graph, figure, previous))
        picture, cover, plate = next(iter(found.values())), *(found[name] for name in LAYERS)
        if (cover.shape, plate.shape) != ((*picture.shape[:2], 1), picture.shape) or cover.dtype != plate.dtype:
            raise ValueError("This graph's cover or plate does not fit its picture. Export it again.")
        done = clock.perf_counter()
        alone, gap = self._matte(picture, cover, plate)
        took = {"picture": (done - start) * 1e3, "cut": (clock.perf_counter() - done) * 1e3}
        return Painted(picture, alone, gap, took)


def paint(graph: Graph, figure: np.ndarray, previous: np.ndarray) -> np.ndarray:
    """Return the picture of a figure, uint8 RGB ``[S, S, 3]``, after the ``previous`` one where the graph takes it."""
    return graph.run(*_given(graph, figure, previous))


def cuts(card: Card) -> bool:
    """Return whether a graph tells what of its picture is background, so that there may be another one."""
    return {*LAYERS} <= {*card.extras}


def _given(graph: Graph, figure: np.ndarray, previous: np.ndarray) -> list[np.ndarray]:
    given = {"figure": figure, "previous": previous}
    return [given[entry.kind] for entry in graph.card.inputs]


def encoded(picture: np.ndarray, alone: np.ndarray | None, gap: np.ndarray | None) -> dict[str, str]:
    """Return what a page shows of a character, as data addresses: its picture, or it alone with its gap."""
    if alone is None or gap is None:
        return {"picture": data_address(picture, "jpeg")}
    return {"picture": data_address(alone, "jpeg"), "gap": data_address(gap, "jpeg")}
