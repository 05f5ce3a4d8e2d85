"""Exponential moving average of weights: smoother images than a GAN's last weights give (Yazici et al. 2019)."""

import copy
from typing import Generic, TypeVar

import torch
from torch import nn

Averaged = TypeVar("Averaged", bound=nn.Module)


class Average(Generic[Averaged]):
    """Moving average of a network: ``network`` is a copy of ``source`` whose weights and statistics trail it.

    The decay rises as (1 + n) / (10 + n) with the number of updates n, so that the random initial weights do not
    dominate short runs.
    """

    def __init__(self, source: Averaged, decay: float):
        self.decay, self.updates = decay, 0
        self.network = copy.deepcopy(source).eval().requires_grad_(False)

    @torch.no_grad()
    def update(self, source: nn.Module) -> None:
        """Move the average one step towards ``source``."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        mine, theirs = self.network.state_dict(), source.state_dict()
        for key in mine:
            if mine[key].is_floating_point():
                mine[key].lerp_(theirs[key], 1 - decay)
            else:
                mine[key].copy_(theirs[key])
