"""The colorizers as published: Zhang, Isola, Efros 2016 (ECCV), and Zhang et al. 2017 (SIGGRAPH) with user hints.

Both are VGG-like: stages of 3x3 convolutions with batch norm after the last ReLU, where it cannot be folded into a
convolution before it. Layers have the numbers of the released networks.
"""

import torch
from torch import Tensor, nn

from synth.networks.colornet import SPAN
from synth.networks.layers.modules import Modules
from synth.networks.network import Network
from synth.pixels.color import TEMPERATURE

DEPTHS = (2, 2, 3, 3, 3, 3, 3)
"""Convolutions in each of the first seven stages."""


class Eccv16(Network):
    """Predict ab ``[N, 2, H/4, W/4]`` from L ``[N, 1, H, W]`` in 0..100 (Zhang et al. 2016); H, W multiples of 8.

    The result is the mean of ``bins`` colours under the predicted distribution at a temperature ``[1]``; at
    ``TEMPERATURE`` it equals that of the released network.
    """

    multiple = 8

    def __init__(self, channels: int = 64, bins: int = 313):
        super().__init__()
        self.stages = _stages(1, channels, strides=(2, 2, 2, 1, 1, 1, 1))
        c4 = channels * 4
        self.up = nn.Sequential(
            nn.ConvTranspose2d(channels * 8, c4, 4, 2, 1), nn.ReLU(), *_convolutions(c4, c4, 2), nn.Conv2d(c4, bins, 1)
        )
        self.mean = nn.Conv2d(bins, 2, 1, bias=False)

    def forward(self, light: Tensor, temperature: Tensor) -> Tensor:
        x = (light - 50) / 100
        for stage in self.stages:
            x = stage(x)
        return self.mean((self.up(x) * (TEMPERATURE / temperature)).softmax(1)) * SPAN


class Siggraph17(Network):
    """Predict ab ``[N, 2, H, W]`` from L ``[N, 1, H, W]`` in 0..100 and hints ``[N, 3, H, W]`` (Zhang et al. 2017).

    H and W are multiples of 8. The planes of the hints are a, b (divided by ``SPAN``) and 1 where there is a hint; all
    are 0 elsewhere.
    """

    multiple = 8

    def __init__(self, channels: int = 64):
        super().__init__()
        c1, c2, c4, c8 = (channels * n for n in (1, 2, 4, 8))
        self.stages = _stages(4, channels, strides=(1,) * 7)
        self.ups = Modules(nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in ((c8, c4), (c4, c2), (c2, c2)))
        self.shorts = Modules(nn.Conv2d(a, b, 3, 1, 1) for a, b in ((c4, c4), (c2, c2), (c1, c2)))
        last = nn.Sequential(nn.ReLU(), nn.Conv2d(c2, c2, 3, 1, 1), nn.LeakyReLU(0.2))
        self.tops = Modules((_top(c4, 2), _top(c2, 1), last))
        self.head = nn.Conv2d(c2, 2, 1)

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        x, maps = torch.cat(((light - 50) / 100, hints), 1), []
        for number, stage in enumerate(self.stages):
            x = stage(x[:, :, ::2, ::2] if number in (1, 2, 3) else x)
            maps.append(x)
        for up, short, top, same in zip(self.ups, self.shorts, self.tops, (2, 1, 0), strict=True):
            x = top(up(x) + short(maps[same]))
        return self.head(x).tanh() * SPAN


def _stages(inputs: int, channels: int, strides: tuple[int, ...]) -> "Modules[nn.Sequential]":
    """Return the first seven stages, the fifth and sixth dilated."""
    widths = [inputs, *(channels * n for n in (1, 2, 4, 8, 8, 8, 8))]
    made: Modules[nn.Sequential] = Modules()
    for i, (depth, stride) in enumerate(zip(DEPTHS, strides, strict=True)):
        layers = _convolutions(widths[i], widths[i + 1], depth, stride, dilation=2 if i in (4, 5) else 1)
        made.append(nn.Sequential(*layers, nn.BatchNorm2d(widths[i + 1])))
    return made


def _convolutions(inputs: int, width: int, count: int, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    """Return ``count`` 3x3 convolutions with a ReLU after each; the last one has the stride."""
    layers: list[nn.Module] = []
    for i in range(count):
        step = stride if i == count - 1 else 1
        layers += [nn.Conv2d(width if i else inputs, width, 3, step, dilation, dilation), nn.ReLU()]
    return layers


def _top(width: int, depth: int) -> nn.Sequential:
    """Return the layers of a decoder stage after its sum with the skip connection."""
    return nn.Sequential(nn.ReLU(), *_convolutions(width, width, depth), nn.BatchNorm2d(width))
