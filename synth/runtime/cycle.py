"""Cycle consistency (Zhu et al. 2017, fig. 4): an image, its translation, and the reconstruction by the partner model.

A translation from which the input can be reconstructed has kept its content; their difference is measured in grey
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
    """A round trip of an image: ``there`` holds input and translation, ``back`` translation and reconstruction."""

    there: Outcome
    back: Outcome

    @property
    def difference(self) -> float:
        """Mean difference between input and reconstruction in grey levels, 0..255."""
        return difference(self.there.input, self.back.result)


def partner(registry: Registry, name: str) -> str:
    """Return the model that translates back; an empty string if the card names none or the registry lacks it."""
    card = registry.card(name)
    if card.partner not in registry.entries:
        return ""
    return card.partner if all(map(one_to_one, (card, registry.card(card.partner)))) else ""


def one_to_one(card: Card) -> bool:
    """Return whether a model maps a single image to one of the same size."""
    return card.gives == "picture" and card.scale == 1 and len(card.required) == 1


def names(registry: Registry) -> list[str]:
    """Return the names of the models of the Translate tab that have a partner."""
    return [name for name in registry.names("translate") if partner(registry, name)]


def travel(there: Graph, back: Graph, image: np.ndarray, size: str = OWN) -> Cycle:
    """Run uint8 RGB ``[H, W, 3]`` through both models; ``size`` and errors are those of ``run``."""
    if size == OWN:
        check(image.shape[0], image.shape[1], back.card)  # reject before the first model runs in vain
    first = run(there, image, size)
    return Cycle(first, run(back, first.result))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Return the mean absolute difference of two uint8 images of the same shape, in grey levels 0..255."""
    return float(np.abs(one.astype(np.int16) - other).mean())
