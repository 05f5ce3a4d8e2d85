"""What a method is: networks, and losses that are yielded one network at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from torch import Tensor, nn

from synth.card import Card
from synth.data.sets.dataset import Data
from synth.networks.layers.norm import Statistics
from synth.networks.layers.pixels import Pixels, to_pixels

Networks = dict[str, nn.Module]
Terms = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Method:
    """A recipe is an instance of a subclass: data, card and the numbers of one task, all of them values.

    ``steps`` of ``batch`` pictures each, Adam at ``lr`` with ``betas``; constant for half of the run, then linearly to
    zero (``decay`` is the share of the run that decays), after a linear start of ``warmup`` steps. ``ema`` is the decay
    of the averaged weights that are shipped. ``statistics`` is what batch norm uses once training is over. ``preset``
    tells the full recipe from the one for machines without a GPU.
    """

    data: Data
    card: Card = field(repr=False)
    batch: int = 1
    steps: int = 80_000
    lr: float = 2e-4
    betas: tuple[float, float] = (0.5, 0.999)
    decay: float = 0.5
    warmup: int = 0
    ema: float = 0.999
    statistics: Statistics = "batch"
    preset: Literal["gpu", "cpu"] = "gpu"

    exported: ClassVar[str] = "G"
    """The network that becomes a graph."""

    @property
    def side(self) -> int:
        """The side in pixels of the pictures that the graph is meant for."""
        return self.data.crop

    def networks(self) -> Networks:
        """Return freshly initialised networks by name."""
        raise NotImplementedError

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        """Yield, in the order of the updates, the name of the network to update and its loss terms (scalars)."""
        raise NotImplementedError

    def prepare(self, network: nn.Module, facts: dict[str, Any]) -> None:
        """Give the exported network what it must know of the data before the first step."""

    def describe(self, facts: dict[str, Any]) -> Card:
        """Return the card, completed with what the data set told (``Batches.facts``)."""
        return self.card

    def graphs(self) -> tuple[Self, ...]:
        """Return a recipe for each graph of one run: they differ in the card, and in what ``part`` takes."""
        return (self,)

    def of(self, card: Card) -> Self:
        """Return the recipe of the run's graph that a card describes: by name, else by task, which no run changes."""
        own = self.graphs()
        found = (one for key in ("name", "task") for one in own if getattr(one.card, key) == getattr(card, key))
        return next(found, self)

    def part(self, network: nn.Module) -> nn.Module:
        """Return what this recipe's graph is made of, out of the exported network."""
        return network

    def graph(self, network: nn.Module) -> nn.Module:
        """Return what is exported: the frozen part, made to speak pixels as the card's inputs say."""
        return Pixels(network)

    def pictures(self, network: nn.Module, sample: Terms) -> np.ndarray:
        """Return what a frozen network makes of held-out examples: uint8 ``[rows, columns, 3]``.

        One example a row: input, output, target. Each runs by itself, as in use.
        """
        with torch.no_grad():
            y_hat = torch.cat([network(x[None]) for x in sample["x"]])
        return grid(sample["x"], y_hat, sample["y"])


def grid(*columns: Tensor) -> np.ndarray:
    """Return batches ``[N, 3, H, W]`` in [-1, 1] side by side, one example a row: uint8 ``[N * H, columns * W, 3]``."""
    pixels = [to_pixels(column).cpu().numpy() for column in columns]
    return np.concatenate([np.concatenate(row, 1) for row in zip(*pixels, strict=True)])
