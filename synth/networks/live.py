"""A U-shaped generator that is live on two CPU cores: all of its work happens at half resolution and below.

Pixel-unshuffle turns 2x2 pixels into channels, pixel-shuffle turns them back (Shi et al. 2016), so no convolution ever
runs at full resolution. Upsampling is nearest + convolution, which leaves no checkerboard (Odena et al. 2016).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers import norm as norms
from synth.networks.layers.norm import Norm
from synth.networks.layers.space_to_depth import Strided, shuffled

CELL = 2
"""Side in pixels of the cells that become channels."""


def _conv(inputs: int, outputs: int, norm: Norm, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=norms.needs_bias(norm))
    return nn.Sequential(conv, norms.make(norm, outputs), nn.ReLU())


class Residual(nn.Module):
    """Two 3x3 convolutions around which the map is carried (He et al. 2016)."""

    def __init__(self, channels: int, norm: Norm):
        super().__init__()
        self.body = nn.Sequential(*_conv(channels, channels, norm), *list(_conv(channels, channels, norm))[:-1])

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Live(nn.Module):
    """``[N, inputs, H, W]`` to ``[N, outputs, H, W]`` in [-1, 1]; H and W multiples of ``2 ** len(widths)``.

    ``widths`` are the channels at 1/2, 1/4, ... of the resolution, ``blocks`` the residual blocks at the coarsest.
    ``embed`` > 0 first mixes the inputs pixel by pixel into that many channels (for one-hot labels of many classes).
    ``residual`` networks make what is to be added to their input: they begin as the identity, where a task keeps most
    of its picture. Their values may then leave [-1, 1].
    """

    def __init__(
        self,
        inputs: int = 3,
        outputs: int = 3,
        widths: tuple[int, ...] = (16, 32, 64, 96, 128),
        blocks: int = 4,
        embed: int = 0,
        norm: Norm = "batch",
        residual: bool = False,
    ):
        super().__init__()
        self.multiple = 2 ** len(widths)
        self.residual = residual
        self.embed = nn.Conv2d(inputs, embed, 1) if embed else nn.Identity()
        self.stem = _conv(CELL**2 * (embed or inputs), widths[0], norm)
        pairs = list(pairwise(widths))
        self.down = nn.ModuleList(_conv(a, b, norm, stride=2) for a, b in pairs)
        self.middle = nn.Sequential(*(Residual(widths[-1], norm) for _ in range(blocks)))
        self.up = nn.ModuleList(_conv(a + b, a, norm) for a, b in reversed(pairs))
        self.head = nn.Conv2d(widths[0], CELL**2 * outputs, 3, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        *skips, x = self._down(image)
        x = self.middle(x)
        for up in self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = up(torch.cat((x, skips.pop()), 1))
        made = shuffled(self.head(x), CELL).tanh()
        return image + 2 * made if self.residual else made

    def slim(self, given: int = 0) -> None:
        """Do the same with less work for a runtime; a frozen network alone can be made so.

        ``given`` > 0: from now on only the first so many channels are given, and the others are black.
        """
        first = self.stem[0]
        if isinstance(first, nn.Conv2d):
            self.stem[0] = Strided(first, CELL, given)

    def features(self, x: Tensor) -> list[Tensor]:
        """Return what the first half makes of pictures: they themselves, every size, and the middle (CUT)."""
        maps = self._down(x)
        return [x, *maps, self.middle(maps[-1])]

    def _down(self, x: Tensor) -> list[Tensor]:
        """Return the maps at every size, the largest first."""
        x = self.embed(x)
        maps = [self.stem(x if isinstance(self.stem[0], Strided) else F.pixel_unshuffle(x, CELL))]  # [N, w0, H/2, W/2]
        for down in self.down:
            maps.append(down(maps[-1]))
        return maps
