"""Layers that double the resolution in a decoder, of four kinds."""

from typing import Literal

import torch
from torch import Tensor, nn

Upsample = Literal["transposed", "nearest", "bilinear", "bed_of_nails"]


class BedOfNails(nn.Module):
    """Put each value at the top left of a 2x2 block of zeros: ``[N, C, H, W]`` to ``[N, C, 2H, 2W]``."""

    def forward(self, x: Tensor) -> Tensor:
        zeros = torch.zeros_like(x)
        x = torch.stack((x, zeros), -1).flatten(-2)  # [N, C, H, 2W]
        return torch.stack((x, torch.zeros_like(x)), -2).flatten(-3, -2)  # [N, C, 2H, 2W]


def double(kind: Upsample, inputs: int, outputs: int, bias: bool) -> nn.Sequential:
    """Return layers that take ``[N, inputs, H, W]`` to ``[N, outputs, 2H, 2W]``; the last one is a convolution."""
    if kind == "transposed":
        return nn.Sequential(nn.ConvTranspose2d(inputs, outputs, 4, 2, 1, bias=bias))
    spread = BedOfNails() if kind == "bed_of_nails" else nn.Upsample(scale_factor=2, mode=kind)
    return nn.Sequential(spread, nn.Conv2d(inputs, outputs, 3, 1, 1, bias=bias))
