"""Residual generators: of CycleGAN (Zhu et al. 2017, appendix 7.2), of CUT, whose steps between sizes are antialiased
(Park et al. 2020; Zhang 2019), and of fast style transfer (Johnson et al. 2016)."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks import norm as norms
from synth.networks.norm import Norm


class Block(nn.Module):
    """Two reflect-padded 3x3 convolutions around which the map is carried; no activation after the sum."""

    def __init__(self, channels: int, norm: Norm, dropout: float = 0.0):
        super().__init__()
        bias = norms.needs_bias(norm)
        self.first = nn.Sequential(nn.Conv2d(channels, channels, 3, bias=bias), norms.make(norm, channels), nn.ReLU())
        self.dropout = nn.Dropout(dropout)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, bias=bias), norms.make(norm, channels))

    def forward(self, x: Tensor) -> Tensor:
        y = self.dropout(self.first(_reflect(x, 1)))
        return x + self.second(_reflect(y, 1))


class ResNet(nn.Module):
    """``[N, inputs, H, W]`` to ``[N, outputs, H, W]`` in [-1, 1]: 7x7, two halvings, blocks, two doublings, 7x7.

    H and W are multiples of 8: four are enough for the strides, but reflect padding needs two pixels at the coarsest.
    9 blocks of 64 channels with instance norm have 11,378,179 parameters. With ``antialias`` the convolutions between
    sizes have stride 1, a blur halves and bilinear interpolation doubles.
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
    ):
        super().__init__()
        self.multiple, self.antialias = 8, antialias
        bias = norms.needs_bias(norm)
        c1, c2, c4 = channels, channels * 2, channels * 4

        def layer(conv: nn.Module, width: int) -> nn.Sequential:
            return nn.Sequential(conv, norms.make(norm, width), nn.ReLU())

        self.stem = layer(nn.Conv2d(inputs, c1, 7, bias=bias), c1)

        def between(a: int, b: int, down: bool) -> nn.Module:
            if antialias:
                return nn.Conv2d(a, b, 3, 1, 1, bias=bias)
            return nn.Conv2d(a, b, 3, 2, 1, bias=bias) if down else nn.ConvTranspose2d(a, b, 3, 2, 1, 1, bias=bias)

        self.down = nn.ModuleList(layer(between(a, b, True), b) for a, b in ((c1, c2), (c2, c4)))
        self.blocks = nn.Sequential(*(Block(c4, norm, dropout) for _ in range(blocks)))
        self.up = nn.ModuleList(layer(between(a, b, False), b) for a, b in ((c4, c2), (c2, c1)))
        self.head = nn.Conv2d(c1, outputs, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = self._down(x)[-1]
        x = self.blocks(x)
        for layer in self.up:
            x = layer(doubled(x) if self.antialias else x)
        return self.head(_reflect(x, 3)).tanh()

    def features(self, x: Tensor) -> list[Tensor]:
        """Return what the first half makes of pictures: they themselves, both halvings, two of the blocks (CUT)."""
        _, *halved = self._down(x)
        middle = len(self.blocks) // 2
        first = self.blocks[:1](halved[-1])
        return [x, *halved, first, self.blocks[1 : middle + 1](first)]

    def _down(self, x: Tensor) -> list[Tensor]:
        """Return the maps at full, half and a quarter of the size."""
        maps = [self.stem(_reflect(x, 3))]
        for layer in self.down:
            maps.append(halved(layer(maps[-1])) if self.antialias else layer(maps[-1]))
        return maps


def halved(x: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` at half the size: every second pixel after a blur by 1 2 1 both ways."""
    row = torch.tensor((1.0, 2.0, 1.0), device=x.device, dtype=x.dtype) / 4
    weight = (row[:, None] * row).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(_reflect(x, 1), weight, stride=2, groups=x.shape[1])


def doubled(x: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` at twice the size, bilinear: a transposed convolution by 1 3 3 1 does the same."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


class Style(nn.Module):
    """Fast style transfer: ``[N, 3, H, W]`` in [-1, 1] to the same; H and W multiples of 8.

    Instance norm with scale and shift; doubling is nearest + convolution. The network itself thinks in grey levels of
    0..255 and ends without an activation: what lies outside is clipped.
    """

    def __init__(self, channels: int = 32, blocks: int = 5):
        super().__init__()
        self.multiple = 8
        c1, c2, c4 = channels, channels * 2, channels * 4
        self.down = nn.ModuleList(_affine(a, b, k, s) for a, b, k, s in ((3, c1, 9, 1), (c1, c2, 3, 2), (c2, c4, 3, 2)))
        self.blocks = nn.ModuleList(nn.ModuleList(_affine(c4, c4, 3, 1) for _ in range(2)) for _ in range(blocks))
        self.up = nn.ModuleList(_affine(a, b, 3, 1) for a, b in ((c4, c2), (c2, c1)))
        self.head = nn.Conv2d(c1, 3, 9)

    def forward(self, x: Tensor) -> Tensor:
        x = (x + 1) * 127.5
        for layer in self.down:
            x = _padded(layer, x).relu()
        for first, second in self.blocks:  # type: ignore[misc]
            x = x + _padded(second, _padded(first, x).relu())
        for layer in self.up:
            x = _padded(layer, F.interpolate(x, scale_factor=2.0, mode="nearest")).relu()
        return (self.head(_reflect(x, 4)) / 127.5 - 1).clamp(-1, 1)


def _affine(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride), nn.InstanceNorm2d(outputs, affine=True))


def _padded(layer: nn.Module, x: Tensor) -> Tensor:
    kernel: int = layer[0].kernel_size[0]  # type: ignore[index]
    return layer(_reflect(x, kernel // 2))


def _reflect(x: Tensor, by: int) -> Tensor:
    return F.pad(x, (by, by, by, by), mode="reflect")
