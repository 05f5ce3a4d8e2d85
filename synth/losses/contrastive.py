"""PatchNCE (Park et al. 2020, sec. 3): a patch of the output must match the input patch at the same position."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.modules import Modules

TEMPERATURE = 0.07
"""Divisor of the similarities, the paper's tau."""


class ProjectionHeads(nn.Module):
    """Two-layer perceptrons, one for each feature map, to unit vectors of ``width`` dimensions (the paper's H)."""

    def __init__(self, channels: list[int], width: int = 256):
        super().__init__()
        self.layers = Modules(
            nn.Sequential(nn.Linear(count, width), nn.ReLU(), nn.Linear(width, width)) for count in channels
        )

    def forward(self, maps: list[Tensor], places: list[Tensor]) -> list[Tensor]:
        """Return vectors ``[N, P, width]`` of each map ``[N, C, h, w]`` at ``P`` positions, indices into ``h * w``."""
        found = []
        for layer, features, place in zip(self.layers, maps, places, strict=True):
            chosen = features.flatten(2)[..., place].transpose(1, 2)  # [N, P, C]
            found.append(F.normalize(layer(chosen), dim=-1))
        return found


def places(maps: list[Tensor], count: int) -> list[Tensor]:
    """Return ``count`` random positions of each map, indices into ``h * w``; all of them if a map has fewer."""
    sizes = [features.shape[-2] * features.shape[-1] for features in maps]
    return [torch.randperm(size, device=features.device)[:count] for size, features in zip(sizes, maps, strict=True)]


def patch_nce(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Return the PatchNCE loss (eq. 3 and 4), a mean over maps.

    ``found`` and ``wanted`` are vectors ``[N, P, width]`` of output and input for each map. Each output vector must be
    classified as the input vector at its own position, among all positions of the same image. The input gets no
    gradient.
    """
    losses = []
    for queries, keys in zip(found, wanted, strict=True):
        similarity = queries.float() @ keys.detach().float().transpose(1, 2) / TEMPERATURE  # [N, P, P]
        own = torch.arange(similarity.shape[1], device=similarity.device).expand(len(similarity), -1)
        losses.append(F.cross_entropy(similarity.flatten(0, 1), own.flatten()))
    return torch.stack(losses).mean()
