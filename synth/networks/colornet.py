"""Colour for a black-and-white photograph (Zhang, Isola, Efros 2016), with hints (Zhang et al. 2017), on two cores.

The papers train a VGG-like network from nothing. Here a packaged ImageNet trunk, which is shown a gray picture, takes
the place of all but the way back up: what a thing is tells its colour, and that is known already.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.lab import from_lab, lightness, to_lab
from synth.networks.layers.pixels import from_pixels, to_pixels
from synth.networks.trunks.lite import Lite0
from synth.pixels import color

STRIDE = 4
"""How many pixels wide a cell of the colours that come out is."""
SPAN = 110.0
"""About the largest a or b there is."""
NEAR, ALIKE = 0.1, 9.0
"""How far a hint reaches: as a share of the side, and in units of L."""
EDGES = (1, 2, 4, 8)
"""Width of the hints' cells, over ``STRIDE``, where they enter."""


class ColorNet(nn.Module):
    """L ``[N, 1, H, W]`` in 0..100 and hints ``[N, 3, H, W]`` to ``[N, outputs, H/4, W/4]``; multiples of 32.

    The planes of the hints are a, b (over ``SPAN``) and 1 where there is one, all of them 0 elsewhere. ``outputs`` are
    the logits of ``synth.pixels.color.bins``, or 2: a and b themselves, over ``SPAN``. The first ``frozen`` of the
    trunk's four stages are not trained. ``side`` is that of the square picture it is given in a graph.
    """

    weights: Tensor
    """How much each bin counts in the loss ``[313]``; no part of the network."""

    def __init__(self, outputs: int = color.BINS, width: float = 1.0, channels: int = 128, frozen: int = 1):
        super().__init__()
        self.multiple = 32
        self.trunk = Lite0(width)
        self.trunk.stages[:frozen].requires_grad_(False)
        self.laterals = nn.ModuleList(nn.Conv2d(count, channels, 1) for count in self.trunk.channels)
        self.hints = nn.ModuleList(nn.Conv2d(3, channels, 1, bias=False) for _ in EDGES)
        self.up = nn.ModuleList(nn.Sequential(*[_separable(channels) for _ in EDGES[:2]]) for _ in EDGES)
        self.head = nn.Conv2d(channels, outputs, 1)
        nn.init.normal_(self.head.weight, 0, 0.01)
        self.register_buffer("weights", torch.ones(color.BINS), persistent=False)

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        gray = light / 50 - 1
        maps = self.trunk(torch.cat((gray, gray, gray), 1))  # strides 4, 8, 16, 32; ``guest`` refuses an ``Expand``
        x = torch.zeros(())
        for level in reversed(range(len(EDGES))):
            here = self.laterals[level](maps[level]) + self.hints[level](pooled(hints, STRIDE * EDGES[level]))
            below = F.interpolate(x, scale_factor=2.0, mode="nearest") if x.dim() else 0
            x = self.up[level](here + below)
        return self.head(x)


def hinted(colors: Tensor, marks: Tensor) -> Tensor:
    """Return the planes of hints ``[N, 3, H, W]`` from their colours and ``marks``, both uint8 ``[N, H, W, 3]``."""
    marked = (from_pixels(marks).amax(1, keepdim=True) > -1).float()
    return torch.cat((to_lab(from_pixels(colors))[:, 1:] / SPAN * marked, marked), 1)


def pooled(hints: Tensor, cell: int) -> Tensor:
    """Return the mean colour of the hints in each cell, and 1 where it has any: ``[N, 3, H/cell, W/cell]``."""
    mean = F.avg_pool2d(hints, cell)
    share = mean[:, 2:]
    return torch.where(share > 0, mean / share.clamp(min=1e-6), 0.0)


def carried(ab: Tensor, light: Tensor, told: Tensor) -> Tensor:
    """Return colours ``[N, 2, h, w]`` with what they differ by from hints carried to what is near and alike.

    ``light`` is L ``[N, 1, h, w]``, ``told`` are the hints as ``pooled`` gives them. Neighbours of like luminance have
    like colours (Levin et al. 2004); where no hint is near or alike nothing changes.
    """
    height, width = ab.shape[-2:]
    rows, columns = (torch.arange(n, device=ab.device, dtype=ab.dtype) / (NEAR * n) for n in (height, width))
    y = rows[:, None].expand(height, width).flatten()  # [P]
    x = columns.expand(height, width).flatten()
    bright = light.flatten(2)[:, 0] / ALIKE  # [N, P]
    apart = (y[:, None] - y) ** 2 + (x[:, None] - x) ** 2 + (bright[:, :, None] - bright[:, None]) ** 2  # [N, P, P]
    known = told[:, 2:].flatten(2)  # [N, 1, P]
    weight = torch.exp(-apart / 2) * known
    wrong = (told[:, :2] * SPAN - ab).flatten(2) * known  # [N, 2, P]
    change = torch.einsum("npq,ncq->ncp", weight, wrong) / weight.sum(-1).clamp(min=1)[:, None]
    return ab + change.unflatten(2, (height, width))


def annealed_mean(logits: Tensor, temperature: Tensor | float) -> Tensor:
    """Return the colours ``[N, 2, h, w]`` in ab of logits ``[N, 313, h, w]`` (Zhang et al. 2016, eq. 5).

    At temperature 1 it is the mean of the distribution, towards 0 its mode.
    """
    return torch.einsum("nqhw,qc->nchw", (logits / temperature).softmax(1), centres(logits))


def centres(like: Tensor) -> Tensor:
    """Return the centres of the bins, ``[313, 2]``, where and in the type that ``like`` is."""
    return torch.from_numpy(np.ascontiguousarray(color.bins())).to(like)


class Colored(nn.Module):
    """Wraps a frozen ``ColorNet``: uint8 RGB ``[N, H, W, 3]`` and hints to uint8 RGB of the same luminance.

    The colours are found at ``work`` x ``work`` pixels, as the papers do, the luminance is the picture's own at its own
    size. What a short training makes of hints is not enough: the rest is ``carried``. Inputs: the picture, the hints'
    colours, where there are hints (above 0), and, for a classifier, the temperature ``[1]``.
    """

    def __init__(self, body: nn.Module, work: int, classes: bool):
        super().__init__()
        self.body, self.work, self.classes = body, work, classes

    def forward(self, *inputs: Tensor) -> Tensor:
        light = lightness(from_pixels(inputs[0]))  # [N, 1, H, W]
        hints = hinted(inputs[1], inputs[2])
        shrink: Callable[[Tensor], Tensor] = partial(
            F.interpolate, size=(self.work, self.work), mode="bilinear", antialias=True, align_corners=False
        )
        small, told = shrink(light), shrink(hints)
        found = self.body(small, told)
        ab = annealed_mean(found, inputs[3]) if self.classes else found * SPAN
        ab = carried(ab, F.avg_pool2d(small, STRIDE), pooled(told, STRIDE))
        ab = F.interpolate(ab, size=light.shape[-2:], mode="bilinear", align_corners=False)
        return to_pixels(from_lab(torch.cat((light, ab), 1)))


def _separable(channels: int) -> nn.Sequential:
    each = nn.Conv2d(channels, channels, 5, 1, 2, groups=channels, bias=False)
    return nn.Sequential(each, nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU())
