"""Base class of all methods: networks, and losses that are yielded one network at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from torch import Tensor

from synth.card import Card
from synth.data.sets.dataset import Data
from synth.networks.layers.norm import Statistics
from synth.networks.layers.pixels import Pixels, to_pixels
from synth.networks.network import Network

Networks = dict[str, Network]
Terms = dict[str, Tensor]
"""Named tensors: a batch, or the loss terms of a network (scalars)."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """Training method; an instance of a subclass is a recipe, which holds data, card and hyperparameters of one task.

    Training takes ``steps`` of ``batch`` images each with Adam (``lr``, ``betas``). The learning rate rises linearly
    over ``warmup`` steps, stays constant, and falls linearly to zero over the last ``decay`` share of the run. ``ema``
    is the decay of the averaged weights, which are the ones exported. ``statistics`` are those that batch norm uses
    after training. ``preset`` tells the full recipe (gpu) from the one for machines without a GPU (cpu).
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
    """Name of the network that is exported."""

    @property
    def side(self) -> int:
        """The side in pixels of the images that the graph is intended for."""
        return self.data.crop

    def networks(self) -> Networks:
        """Return freshly initialised networks by name."""
        raise NotImplementedError

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        """Yield, in the order of the updates, the name of the network to update and its loss terms (scalars)."""
        raise NotImplementedError

    def prepare(self, network: Network, facts: dict[str, Any]) -> None:
        """Set buffers of the exported network from ``facts`` about the data set (``Batches.facts``) before training."""

    def describe(self, facts: dict[str, Any]) -> Card:
        """Return the card, completed with ``facts`` about the data set (``Batches.facts``)."""
        return self.card

    def graphs(self) -> tuple[Self, ...]:
        """Return one recipe for each graph that a run exports; they differ in the card and in ``part``."""
        return (self,)

    def of(self, card: Card) -> Self:
        """Return the recipe of the graph that a card describes, matched by name, else by task (runs keep it)."""
        own = self.graphs()
        found = (one for key in ("name", "task") for one in own if getattr(one.card, key) == getattr(card, key))
        return next(found, self)

    def part(self, network: Network) -> Network:
        """Return the part of the exported network that this recipe's graph is made of."""
        return network

    def graph(self, network: Network) -> Network:
        """Return the module to export: the frozen part, wrapped to take and return the card's inputs and outputs."""
        return Pixels(network)

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return outputs of a frozen network for held-out examples as one image, uint8 ``[H, W, 3]``.

        Each row is one example: input, output, target. Examples run one at a time, as in the app.
        """
        with torch.no_grad():
            y_hat = torch.cat([network(x[None]) for x in sample["x"]])
        return grid(sample["x"], y_hat, sample["y"])


def grid(*columns: Tensor) -> np.ndarray:
    """Return batches ``[N, 3, H, W]`` in [-1, 1] as columns, an example per row: uint8 ``[N * H, columns * W, 3]``."""
    pixels = [to_pixels(column).cpu().numpy() for column in columns]
    return np.concatenate([np.concatenate(row, 1) for row in zip(*pixels, strict=True)])
