"""Output layer of super-resolution networks: bicubic plus a pixel-shuffled residual (Shi et al. 2016, sec. 3.2).

Only the final rearrangement works at high resolution. The residual starts near zero and equal for all pixels of a block
(ICNR, Aitken et al. 2017), so that training starts from bicubic interpolation without a checkerboard.
"""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.initial import zero_bias
from synth.pixels import bicubic

REACH = 2
"""Radius in pixels of the bicubic kernel."""


class Shuffle(nn.Module):
    """Enlarge: features ``[N, channels, H, W]`` and image ``[N, 3, H, W]`` to ``[N, 3, scale * H, scale * W]``."""

    def __init__(self, channels: int, scale: int):
        super().__init__()
        self.scale = scale
        self.last = nn.Conv2d(channels, 3 * scale**2, 3, padding=1)
        width = 2 * REACH + 1
        self.base = nn.Conv2d(3, 3 * scale**2, width, padding=REACH, padding_mode="replicate", groups=3, bias=False)
        with torch.no_grad():
            self.base.weight.copy_(phases(scale).repeat(3, 1, 1, 1))
            near_zero = torch.randn(3, channels, 3, 3) * 0.1 / (9 * channels) ** 0.5
            self.last.weight.copy_(near_zero.repeat_interleave(scale**2, 0))
        zero_bias(self.last)

    def forward(self, features: Tensor, x: Tensor) -> Tensor:
        return F.pixel_shuffle(self.last(features) + self.base(x), self.scale)


def phases(scale: int) -> Tensor:
    """Return bicubic enlargement as a filter per output pixel of a block: ``[scale ** 2, 1, 5, 5]``.

    Their order is that of the pixel shuffle, row by row.
    """
    far = 2 * REACH + 1
    rows = bicubic.matrix(2 * far + 1, (2 * far + 1) * scale)  # wide enough that the middle is not near an edge
    one = torch.from_numpy(np.ascontiguousarray(rows[far * scale : (far + 1) * scale, far - REACH : far + REACH + 1]))
    return (one[:, None, :, None] * one[None, :, None, :]).reshape(scale**2, 1, far, far)
