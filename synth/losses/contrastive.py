"""PatchNCE (Park et al. 2020, sec. 3): what is at a place of the result must be known from what was there before."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

TEMPERATURE = 0.07


class Heads(nn.Module):
    """Two-layer perceptrons, one for each map of features, to vectors of length 1 (sec. 3, "H")."""

    def __init__(self, channels: list[int], width: int = 256):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Sequential(nn.Linear(count, width), nn.ReLU(), nn.Linear(width, width)) for count in channels
        )

    def forward(self, maps: list[Tensor], places: list[Tensor]) -> list[Tensor]:
        """Return the vectors ``[N, P, width]`` of maps ``[N, C, h, w]`` at ``P`` places, indices into ``h * w``."""
        found = []
        for layer, features, place in zip(self.layers, maps, places, strict=True):
            chosen = features.flatten(2)[..., place].transpose(1, 2)  # [N, P, C]
            found.append(F.normalize(layer(chosen), dim=-1))
        return found


def places(maps: list[Tensor], count: int) -> list[Tensor]:
    """Return ``count`` random places of each map, or all where it has fewer."""
    sizes = [features.shape[-2] * features.shape[-1] for features in maps]
    return [torch.randperm(size, device=features.device)[:count] for size, features in zip(sizes, maps, strict=True)]


def patch_nce(found: list[Tensor], wanted: list[Tensor]) -> Tensor:
    """Return eq. 3 and 4, a mean over maps: of all places of its own picture, each must be most like its own.

    ``found`` and ``wanted`` are vectors ``[N, P, width]`` of the result and of the input, which gets no gradient.
    """
    losses = []
    for queries, keys in zip(found, wanted, strict=True):
        likeness = queries.float() @ keys.detach().float().transpose(1, 2) / TEMPERATURE  # [N, P, P]
        own = torch.arange(likeness.shape[1], device=likeness.device).expand(len(likeness), -1)
        losses.append(F.cross_entropy(likeness.flatten(0, 1), own.flatten()))
    return torch.stack(losses).mean()
