"""Antialiased downsampling (Zhang 2019): a 1-2-1 blur in both directions with stride 2."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def halved(x: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` blurred with stride 2 and without padding: one pixel is lost on every side."""
    row = torch.tensor([0.25, 0.5, 0.25], dtype=x.dtype, device=x.device)
    kernel = (row[:, None] * row).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(x, kernel, stride=2, groups=x.shape[1])


class Blur(nn.Module):
    """Blur and halve ``[N, C, H, W]`` with the reflect padding that the networks of ST-LPIPS were trained with."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ``[N, C, H//2 + 1, W//2 + 1]``."""
        return halved(F.pad(x, (2, 2, 2, 2), mode="reflect"))
