"""The colorizers as they were published: Zhang, Isola, Efros 2016 (ECCV), and Zhang et al. 2017 (SIGGRAPH), with hints.

Both are like VGG, of 3x3 convolutions with batch norm behind the last ReLU of a stage, which therefore folds into
nothing. Layers have the numbers that they have in the released networks.
"""

import torch
from torch import Tensor, nn

from synth.networks.colornet import SPAN
from synth.pixels.color import TEMPERATURE

DEPTHS = (2, 2, 3, 3, 3, 3, 3)
"""Convolutions in each of the first seven stages."""


class Eccv16(nn.Module):
    """L ``[N, 1, H, W]`` in 0..100 to ab ``[N, 2, H/4, W/4]``; H and W multiples of 8.

    ``bins`` colours are weighed by their probability. At ``TEMPERATURE`` the result is that of the released network.
    """

    def __init__(self, channels: int = 64, bins: int = 313):
        super().__init__()
        self.multiple = 8
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


class Siggraph17(nn.Module):
    """L ``[N, 1, H, W]`` in 0..100 and hints ``[N, 3, H, W]`` to ab ``[N, 2, H, W]``; H and W multiples of 8.

    The planes of the hints are a, b (over ``SPAN``) and 1 where there is one, all of them 0 elsewhere.
    """

    def __init__(self, channels: int = 64):
        super().__init__()
        self.multiple = 8
        c1, c2, c4, c8 = (channels * n for n in (1, 2, 4, 8))
        self.stages = _stages(4, channels, strides=(1,) * 7)
        self.ups = nn.ModuleList(nn.ConvTranspose2d(a, b, 4, 2, 1) for a, b in ((c8, c4), (c4, c2), (c2, c2)))
        self.shorts = nn.ModuleList(nn.Conv2d(a, b, 3, 1, 1) for a, b in ((c4, c4), (c2, c2), (c1, c2)))
        last = nn.Sequential(nn.ReLU(), nn.Conv2d(c2, c2, 3, 1, 1), nn.LeakyReLU(0.2))
        self.tops = nn.ModuleList((_top(c4, 2), _top(c2, 1), last))
        self.head = nn.Conv2d(c2, 2, 1)

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        x, maps = torch.cat(((light - 50) / 100, hints), 1), []
        for number, stage in enumerate(self.stages):
            x = stage(x[:, :, ::2, ::2] if number in (1, 2, 3) else x)
            maps.append(x)
        for up, short, top, same in zip(self.ups, self.shorts, self.tops, (2, 1, 0), strict=True):
            x = top(up(x) + short(maps[same]))
        return self.head(x).tanh() * SPAN


def _stages(inputs: int, channels: int, strides: tuple[int, ...]) -> nn.ModuleList:
    widths = [inputs, *(channels * n for n in (1, 2, 4, 8, 8, 8, 8))]
    made = nn.ModuleList()
    for i, (depth, stride) in enumerate(zip(DEPTHS, strides, strict=True)):
        layers = _convolutions(widths[i], widths[i + 1], depth, stride, dilation=2 if i in (4, 5) else 1)
        made.append(nn.Sequential(*layers, nn.BatchNorm2d(widths[i + 1])))
    return made


def _convolutions(inputs: int, width: int, count: int, stride: int = 1, dilation: int = 1) -> list[nn.Module]:
    """Return convolutions with a ReLU behind each; the last one has the stride."""
    layers: list[nn.Module] = []
    for i in range(count):
        step = stride if i == count - 1 else 1
        layers += [nn.Conv2d(width if i else inputs, width, 3, step, dilation, dilation), nn.ReLU()]
    return layers


def _top(width: int, depth: int) -> nn.Sequential:
    return nn.Sequential(nn.ReLU(), *_convolutions(width, width, depth), nn.BatchNorm2d(width))
