"""Halving without aliases (Zhang 2019): the 1-2-1 blur in both directions, and every other place of it."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def halved(x: Tensor) -> Tensor:
    """Return every other place of the blur of ``[N, C, H, W]``, which loses a pixel at each side."""
    row = torch.tensor([0.25, 0.5, 0.25], dtype=x.dtype, device=x.device)
    kernel = (row[:, None] * row).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(x, kernel, stride=2, groups=x.shape[1])


class Blur(nn.Module):
    """Halve ``[N, C, H, W]``, with the border that the networks of ST-LPIPS were trained with."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[N, C, H//2 + 1, W//2 + 1]``."""
        return halved(F.pad(x, (2, 2, 2, 2), mode="reflect"))
