"""Residual generators of CycleGAN, CUT, pix2pixHD and fast style transfer.

CycleGAN's is in Zhu et al. 2017, appendix 7.2. CUT's (Park et al. 2020) has antialiased down- and upsampling (Zhang
2019). The global generator of pix2pixHD (Wang et al. 2018) has four levels. Fast style transfer is Johnson et al. 2016.
"""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers import norm as norms
from synth.networks.layers.modules import Modules
from synth.networks.layers.norm import Norm
from synth.networks.network import FeatureNetwork, Network

Convolution = nn.Conv2d | nn.ConvTranspose2d


def layer(conv: Convolution, norm: Norm) -> nn.Sequential:
    """Return a convolution followed by its norm and a ReLU."""
    return nn.Sequential(conv, norms.make(norm, conv.out_channels), nn.ReLU())


class Block(nn.Module):
    """Residual block of two reflect-padded 3x3 convolutions, without activation after the sum."""

    def __init__(self, channels: int, norm: Norm, dropout: float = 0.0, bias: bool | None = None):
        super().__init__()
        bias = norms.needs_bias(norm) if bias is None else bias
        self.first = layer(nn.Conv2d(channels, channels, 3, bias=bias), norm)
        self.dropout = nn.Dropout(dropout)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, bias=bias), norms.make(norm, channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.dropout(self.first(reflect(x, 1)))
        return x + self.second(reflect(y, 1))


class ResNet(FeatureNetwork):
    """Residual generator: ``[N, inputs, H, W]`` to ``[N, outputs, H, W]`` in [-1, 1].

    Its layers are 7x7, ``levels`` times downsampling, ``blocks`` residual blocks, upsampling, 7x7. H and W are
    multiples of ``2 ** (levels + 1)``: the strides need half of that, but reflect padding needs two pixels at the
    coarsest level. 9 blocks of 64 channels with instance norm have 11,378,179 parameters.

    With ``antialias``, downsampling is a convolution of stride 1 and a blur of stride 2; with ``antialias_up`` (by
    default the same) upsampling is bilinear interpolation and a convolution. ``bias`` is that of the convolutions
    before norms; by default they have one unless the norm would cancel it.
    """

    def __init__(
        self,
        inputs: int = 3,
        outputs: int = 3,
        channels: int = 64,
        blocks: int = 9,
        norm: Norm = "instance",
        dropout: float = 0.0,
        antialias: bool = False,
        levels: int = 2,
        bias: bool | None = None,
        antialias_up: bool | None = None,
    ):
        super().__init__()
        self.multiple, self.antialias = 2 ** (levels + 1), antialias
        self.antialias_up = antialias if antialias_up is None else antialias_up
        bias = norms.needs_bias(norm) if bias is None else bias
        widths = [channels * 2**level for level in range(levels + 1)]
        self.stem = layer(nn.Conv2d(inputs, channels, 7, bias=bias), norm)
        smaller = [nn.Conv2d(a, b, 3, 1 if antialias else 2, 1, bias=bias) for a, b in pairwise(widths)]
        self.down = Modules(layer(conv, norm) for conv in smaller)
        self.blocks = nn.Sequential(*(Block(widths[-1], norm, dropout, bias) for _ in range(blocks)))

        def larger(a: int, b: int) -> Convolution:
            if self.antialias_up:
                return nn.Conv2d(a, b, 3, 1, 1, bias=bias)
            return nn.ConvTranspose2d(a, b, 3, 2, 1, 1, bias=bias)

        self.up = Modules(layer(larger(a, b), norm) for a, b in pairwise(widths[::-1]))
        self.head: nn.Module = nn.Conv2d(channels, outputs, 7)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(reflect(self.maps(x), 3)).tanh()

    def maps(self, x: Tensor) -> Tensor:
        """Return the feature maps before the last layer, ``[N, channels, H, W]``."""
        x = self.blocks(self._down(x)[-1])
        for layer in self.up:
            x = layer(doubled(x) if self.antialias_up else x)
        return x

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the maps of the encoder for PatchNCE (CUT): the images, each downsampling, and two of the blocks."""
        _, *halved = self._down(x)
        middle = len(self.blocks) // 2
        first = self.blocks[:1](halved[-1])
        return [x, *halved, first, self.blocks[1 : middle + 1](first)]

    def _down(self, x: Tensor) -> list[Tensor]:
        """Return the maps at full resolution and after each downsampling."""
        maps = [self.stem(reflect(x, 3))]
        for layer in self.down:
            maps.append(halved(layer(maps[-1])) if self.antialias else layer(maps[-1]))
        return maps


def halved(x: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` at half the size: every second pixel after a 1-2-1 blur in both directions."""
    row = torch.tensor((1.0, 2.0, 1.0), device=x.device, dtype=x.dtype) / 4
    weight = (row[:, None] * row).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(reflect(x, 1), weight, stride=2, groups=x.shape[1])


def doubled(x: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` at twice the size, bilinear; equal to CUT's transposed convolution by 1-3-3-1."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class StyleTransfer(Network):
    """Fast style transfer (Johnson et al. 2016): ``[N, 3, H, W]`` to ``[N, 3, H, W]``, both in [-1, 1].

    H and W are multiples of 8. Instance norm has scale and shift; upsampling is nearest neighbour and a convolution.
    Inside, values are grey levels in 0..255, and the output is clipped because there is no last activation.
    """

    multiple = 8

    def __init__(self, channels: int = 32, blocks: int = 5):
        super().__init__()
        c1, c2, c4 = channels, channels * 2, channels * 4
        self.down = Modules(_affine(a, b, k, s) for a, b, k, s in ((3, c1, 9, 1), (c1, c2, 3, 2), (c2, c4, 3, 2)))
        self.blocks = Modules(Modules(_affine(c4, c4, 3, 1) for _ in range(2)) for _ in range(blocks))
        self.up = Modules(_affine(a, b, 3, 1) for a, b in ((c4, c2), (c2, c1)))
        self.head = nn.Conv2d(c1, 3, 9)

    def forward(self, x: Tensor) -> Tensor:
        x = (x + 1) * 127.5
        for layer in self.down:
            x = _padded(layer, x).relu()
        for first, second in self.blocks:
            x = x + _padded(second, _padded(first, x).relu())
        for layer in self.up:
            x = _padded(layer, F.interpolate(x, scale_factor=2.0, mode="nearest")).relu()
        return (self.head(reflect(x, 4)) / 127.5 - 1).clamp(-1, 1)


def _affine(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    """Return a convolution and an instance norm with scale and shift."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride), nn.InstanceNorm2d(outputs, affine=True))


def _padded(layer: nn.Sequential, x: Tensor) -> Tensor:
    """Apply a layer of ``_affine`` with reflect padding that keeps the size at stride 1."""
    conv = layer[0]
    assert isinstance(conv, nn.Conv2d)
    return layer(reflect(x, conv.kernel_size[0] // 2))


def reflect(x: Tensor, by: int) -> Tensor:
    """Return ``[N, C, H, W]`` with its border extended by ``by`` mirrored pixels on every side."""
    return F.pad(x, (by, by, by, by), mode="reflect")
