"""There and back (Zhu et al. 2017, fig. 4): a picture, its translation, and what the graph of the way back makes of it.

A translation from which the input comes back has kept what it shows; the distance between the two is told in grey
levels.
"""

from dataclasses import dataclass

import numpy as np

from synth.card import Card
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, Outcome, check, run
from synth.runtime.session import Graph


@dataclass(frozen=True)
class Cycle:
    """What came of a picture: ``there`` holds input and translation, ``back`` translation and reconstruction."""

    there: Outcome
    back: Outcome

    @property
    def difference(self) -> float:
        """Mean difference between input and reconstruction in grey levels, 0..255."""
        return difference(self.there.input, self.back.result)


def partner(registry: Registry, name: str) -> str:
    """Return the graph of the way back, nothing where the card names none or the registry has no such one."""
    card = registry.card(name)
    if card.partner not in registry.entries:
        return ""
    return card.partner if all(map(one_to_one, (card, registry.card(card.partner)))) else ""


def one_to_one(card: Card) -> bool:
    """Return whether a graph makes one picture out of one alone, of the same size."""
    return card.gives == "picture" and card.scale == 1 and len(card.required) == 1


def names(registry: Registry) -> list[str]:
    """Return the graphs of the Translate tab that have a way back."""
    return [name for name in registry.names("translate") if partner(registry, name)]


def travel(there: Graph, back: Graph, image: np.ndarray, size: str = OWN) -> Cycle:
    """Run uint8 RGB ``[H, W, 3]`` through both graphs; ``size`` as in ``run``, which says what is refused."""
    if size == OWN:
        check(image.shape[0], image.shape[1], back.card)  # before the first graph has worked for nothing
    first = run(there, image, size)
    return Cycle(first, run(back, first.result))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean difference of two uint8 pictures of the same shape in grey levels, over pixels and channels."""
    return float(np.abs(one.astype(np.int16) - other).mean())
