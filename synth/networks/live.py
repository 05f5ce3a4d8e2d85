"""U-Net generator that works at half resolution and below; runs live on two CPU cores.

Space-to-depth (pixel unshuffle) turns 2x2 pixels into channels at the input, depth-to-space (pixel shuffle, Shi et al.
2016) turns them back at the output, so no convolution runs at full resolution. Upsampling is nearest neighbour and a
convolution, which leaves no checkerboard (Odena et al. 2016).
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers import norm as norms
from synth.networks.layers.modules import Modules
from synth.networks.layers.norm import Norm
from synth.networks.layers.space_to_depth import SpaceToDepthConv, depth_to_space
from synth.networks.network import FeatureNetwork

BLOCK = 2
"""Side in pixels of the blocks that space-to-depth turns into channels."""


def _conv(inputs: int, outputs: int, norm: Norm, stride: int = 1) -> nn.Sequential:
    """Return a 3x3 convolution with norm and ReLU."""
    conv = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=norms.needs_bias(norm))
    return nn.Sequential(conv, norms.make(norm, outputs), nn.ReLU())


class Residual(nn.Module):
    """Residual block of two 3x3 convolutions, without activation after the sum (He et al. 2016)."""

    def __init__(self, channels: int, norm: Norm):
        super().__init__()
        self.body = nn.Sequential(*_conv(channels, channels, norm), *list(_conv(channels, channels, norm))[:-1])

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class Live(FeatureNetwork):
    """Half-resolution U-Net: ``[N, inputs, H, W]`` to ``[N, outputs, H, W]`` in [-1, 1].

    H and W are multiples of ``2 ** len(widths)``. ``widths`` are the channels at 1/2, 1/4, ... of the resolution;
    ``blocks`` counts the residual blocks at the coarsest. ``embed`` > 0 first maps every pixel to that many channels by
    a 1x1 convolution (for one-hot labels of many classes). With ``residual`` the network predicts a change that is
    added to its input, for tasks that keep most of the image; values may then leave [-1, 1].
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
        self.stem = _conv(BLOCK**2 * (embed or inputs), widths[0], norm)
        pairs = list(pairwise(widths))
        self.down = Modules(_conv(a, b, norm, stride=2) for a, b in pairs)
        self.middle = nn.Sequential(*(Residual(widths[-1], norm) for _ in range(blocks)))
        self.up = Modules(_conv(a + b, a, norm) for a, b in reversed(pairs))
        self.head = nn.Conv2d(widths[0], BLOCK**2 * outputs, 3, 1, 1)

    def forward(self, image: Tensor) -> Tensor:
        *skips, x = self._down(image)
        x = self.middle(x)
        for up in self.up:
            x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = up(torch.cat((x, skips.pop()), 1))
        made = depth_to_space(self.head(x), BLOCK).tanh()
        return image + 2 * made if self.residual else made

    def slim(self, given: int = 0) -> None:
        """Merge space-to-depth into the first convolution, which then has a stride.

        With ``given`` > 0, the input has only its first ``given`` channels from now on; the others count as black.
        """
        first = self.stem[0]
        if isinstance(first, nn.Conv2d):
            self.stem[0] = SpaceToDepthConv(first, BLOCK, given)

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the maps of the encoder for PatchNCE (CUT): the images, the map of every size, and the middle."""
        maps = self._down(x)
        return [x, *maps, self.middle(maps[-1])]

    def _down(self, x: Tensor) -> list[Tensor]:
        """Return the maps of the encoder, the largest first."""
        x = self.embed(x)
        merged = isinstance(self.stem[0], SpaceToDepthConv)
        maps = [self.stem(x if merged else F.pixel_unshuffle(x, BLOCK))]  # [N, widths[0], H/2, W/2]
        for down in self.down:
            maps.append(down(maps[-1]))
        return maps
