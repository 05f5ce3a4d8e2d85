"""Colorization network (Zhang, Isola, Efros 2016) that follows user hints (Zhang et al. 2017), for two CPU cores.

The papers train a VGG-like network from scratch. Here a packaged ImageNet trunk, given the gray image, replaces their
encoder, since most of an object's colour follows from recognising it; only the decoder is new.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.lab import from_lab, lightness_of_pixels, to_lab
from synth.networks.layers.modules import Modules
from synth.networks.layers.pixels import to_pixels
from synth.networks.network import Network, Wrapper
from synth.networks.trunks.lite import Lite0
from synth.pixels import color

STRIDE = 4
"""Side in input pixels of one cell of the predicted colours."""
SPAN = 110.0
"""Scale of a and b: about their largest absolute value in sRGB."""
NEAR, ALIKE = 0.1, 9.0
"""How far cells are alike, as standard deviations: in space as a share of the side, in lightness in units of L."""
EDGES = (1, 2, 4, 8)
"""Side of the cells over which hints are averaged where they enter the decoder, in units of ``STRIDE``."""


class ColorNet(Network):
    """Predict colours ``[N, outputs, H/4, W/4]`` from L ``[N, 1, H, W]`` in 0..100 and hints ``[N, 3, H, W]``.

    H and W are multiples of 32. The planes of the hints are a, b (divided by ``SPAN``) and 1 where there is a hint; all
    are 0 elsewhere. The ``outputs`` are logits of ``synth.pixels.color.bins`` or, if 2, a and b divided by ``SPAN``.
    ``width`` scales the trunk, whose first ``frozen`` stages are not trained; ``channels`` are those of the decoder.
    With ``weighted``, the weights of the bins in the loss belong to the network: inference needs them again.
    """

    multiple = 32

    log_weights: Tensor
    """Logarithm of the weight of each bin in the loss, ``[313, 1, 1]``; a buffer that ``forward`` does not use."""

    def __init__(
        self,
        outputs: int = color.BINS,
        width: float = 1.0,
        channels: int = 128,
        frozen: int = 1,
        weighted: bool = False,
    ):
        super().__init__()
        self.trunk = Lite0(width)
        self.trunk.stages[:frozen].requires_grad_(False)
        self.laterals = Modules(nn.Conv2d(count, channels, 1) for count in self.trunk.channels)
        self.hints = Modules(nn.Conv2d(3, channels, 1, bias=False) for _ in EDGES)
        self.up = Modules(nn.Sequential(*[_separable(channels) for _ in EDGES[:2]]) for _ in EDGES)
        self.head = nn.Conv2d(channels, outputs, 1)
        nn.init.normal_(self.head.weight, 0, 0.01)
        self.register_buffer("log_weights", torch.zeros(color.BINS, 1, 1), persistent=weighted)

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        gray = light / 50 - 1
        # Three copies and not ``expand``: the app refuses an ``Expand`` operator in an untrusted graph.
        maps = self.trunk(torch.cat((gray, gray, gray), 1))  # strides 4, 8, 16, 32
        x = torch.zeros(())
        for level in reversed(range(len(EDGES))):
            here = self.laterals[level](maps[level]) + self.hints[level](pooled(hints, STRIDE * EDGES[level]))
            below = F.interpolate(x, scale_factor=2.0, mode="nearest") if x.dim() else 0
            x = self.up[level](here + below)
        return self.head(x)


def marked(colors: Tensor, marks: Tensor) -> Tensor:
    """Return hints ``[N, 4, H, W]`` of colours and ``marks``, uint8 ``[N, H, W, 3]``: RGB in 0..1, and 1 where any is.

    All planes are 0 elsewhere. They can be shrunk before ``in_lab``, which costs most at the size of a photograph.
    """
    known = (marks.amax(3, keepdim=True) > 0).float()
    return torch.cat((colors.float() / 255 * known, known), 3).permute(0, 3, 1, 2)


def in_lab(hints: Tensor) -> Tensor:
    """Return the hint planes ``[N, 3, H, W]`` of ``ColorNet`` from those of ``marked``, at any size."""
    share = hints[:, 3:]
    return torch.cat((to_lab(hints[:, :3] / share.clamp(min=1e-6) * 2 - 1)[:, 1:] / SPAN * share, share), 1)


def pooled(hints: Tensor, cell: int) -> Tensor:
    """Return hints averaged over cells of ``cell`` pixels: the mean colour of a cell and 1 if it has any hint.

    ``[N, 3, H, W]`` becomes ``[N, 3, H/cell, W/cell]``.
    """
    mean = F.avg_pool2d(hints, cell)
    share = mean[:, 2:]
    return torch.where(share > 0, mean / share.clamp(min=1e-6), 0.0)


def likeness(light: Tensor, counted: Tensor) -> Tensor:
    """Return how alike cells of L ``[N, 1, h, w]`` and their 2 x 2 groups are, 0..1, ``[N, h * w, h * w / 4]``.

    Neighbouring pixels of similar lightness have similar colours (Levin et al. 2004); this is a bilateral Gaussian of
    the distance in space and in lightness (``NEAR``, ``ALIKE``). A group is where its cells are that are ``counted``,
    1 or 0 in ``[N, 1, h, w]``. Groups take a quarter of the time of cells, and change results by a few grey levels.
    """
    height, width = light.shape[-2:]
    rows, columns = (
        ((torch.arange(n, device=light.device, dtype=light.dtype) + 0.5) / n - 0.5) / NEAR for n in (height, width)
    )
    y, x = (rows[:, None] + 0 * columns)[None, None], (0 * rows[:, None] + columns)[None, None]
    places = torch.cat((light * 0 + y, light * 0 + x, light / ALIKE), 1)  # [N, 3, h, w]
    share = F.avg_pool2d(counted, 2)
    groups = F.avg_pool2d(places * counted, 2) / share.clamp(min=0.25)
    cells, groups = places.flatten(2).transpose(1, 2), groups.flatten(2).transpose(1, 2)
    # Half the squared distance as one product of matrices: a tenth of the time of differences, squares and sums.
    apart = cells.square().sum(2, keepdim=True) / 2, groups.square().sum(2, keepdim=True) / 2
    one, two = apart[0] * 0 + 1, apart[1] * 0 + 1
    return torch.exp(torch.cat((cells, -apart[0], -one), 2) @ torch.cat((groups, two, apart[1]), 2).transpose(1, 2))


def evened(ab: Tensor, light: Tensor) -> Tensor:
    """Return colours ``[N, 2, h, w]``, each cell the mean of the cells that are alike (see ``likeness``).

    A joint bilateral filter (Petschnigg et al. 2004): an object keeps one colour, and edges stay where lightness,
    ``[N, 1, h, w]``, has them. h and w are even.
    """
    every = light * 0 + 1  # ``ones_like`` becomes an ``Expand``, which the app refuses in an untrusted graph
    total = _summed(torch.cat((ab, every), 1), likeness(light, every))
    return total[:, :2] / total[:, 2:]


def carried(ab: Tensor, light: Tensor, hints: Tensor) -> Tensor:
    """Return colours ``[N, 2, h, w]`` in ab, corrected towards hints that are near and of similar lightness.

    The error at each hint is subtracted from the cells that are alike in ``light`` (see ``likeness``); far from all
    hints nothing changes. ``hints`` are ``[N, 3, h, w]``, as returned by ``pooled``. h and w are even.
    """
    known = hints[:, 2:]
    wrong = (hints[:, :2] * SPAN - ab) * known
    total = _summed(torch.cat((wrong, known), 1), likeness(light, known))
    return ab + total[:, :2] / total[:, 2:].clamp(min=1)


def _summed(x: Tensor, alike: Tensor) -> Tensor:
    """Return for each cell the sum of ``[N, C, h, w]`` over all cells, weighted by how ``alike`` they are."""
    groups = 4 * F.avg_pool2d(x, 2).flatten(2).transpose(1, 2)  # [N, h * w / 4, C]
    return (alike @ groups).transpose(1, 2).unflatten(2, x.shape[-2:])


def balanced(logits: Tensor, log_weights: Tensor, vividness: Tensor | float) -> Tensor:
    """Return logits ``[N, 313, h, w]`` as of a network trained with only a part of the rebalancing.

    Trained with weights w, a network predicts p * w for the frequency p of a colour; divided by w to the power of
    1 - ``vividness``, that is the prediction under weights w to the power of ``vividness`` (0..1).
    """
    return logits - (1 - vividness) * log_weights


def annealed_mean(logits: Tensor, temperature: Tensor | float) -> Tensor:
    """Return the annealed mean ``[N, 2, h, w]`` in ab of logits ``[N, 313, h, w]`` (Zhang et al. 2016, eq. 5).

    Temperature 1 gives the mean of the distribution; towards 0 it becomes the mode.
    """
    # Bins last: ONNX Runtime's Softmax over another axis takes six times as long.
    shares = (logits.flatten(2).transpose(1, 2) / temperature).softmax(2)  # [N, h * w, 313]
    return (shares @ centres(logits)).transpose(1, 2).unflatten(2, logits.shape[-2:])


def centres(like: Tensor) -> Tensor:
    """Return the centres of the bins in ab, ``[313, 2]``, on the device and in the dtype of ``like``."""
    return torch.from_numpy(np.ascontiguousarray(color.bins())).to(like)


class Colored(Wrapper[ColorNet]):
    """Colorize with a frozen ``ColorNet``: uint8 RGB ``[N, H, W, 3]`` and hints to uint8 RGB of the same lightness.

    As in the papers, colours are predicted at ``work`` x ``work`` pixels, and L is that of the full-size image. A short
    training does not make the network follow hints closely enough, so ``carried`` corrects the rest. The inputs are the
    image, the colours of the hints, a mask of the hints (above 0) and a number ``[1]``: ``vividness`` for a network
    with weighted bins, whose colours are also ``evened``, or the temperature for another one with ``classes``.
    """

    def __init__(self, body: ColorNet, work: int, classes: bool, weighted: bool = False):
        super().__init__(body)
        self.work, self.classes, self.weighted = work, classes, weighted

    def forward(self, *inputs: Tensor) -> Tensor:
        light = lightness_of_pixels(inputs[0])  # [N, 1, H, W]
        shrink: Callable[[Tensor], Tensor] = partial(
            F.interpolate, size=(self.work, self.work), mode="bilinear", antialias=True, align_corners=False
        )
        small, small_hints = shrink(light), in_lab(shrink(marked(inputs[1], inputs[2])))
        found = self.body(small, small_hints)
        cells = F.avg_pool2d(small, STRIDE)
        if self.weighted:
            found = balanced(found, self.body.log_weights, inputs[3])
            ab = evened(annealed_mean(found, color.TEMPERATURE), cells)
        else:
            ab = annealed_mean(found, inputs[3]) if self.classes else found * SPAN
        ab = carried(ab, cells, pooled(small_hints, STRIDE))
        ab = F.interpolate(ab, size=light.shape[-2:], mode="bilinear", align_corners=False)
        return to_pixels(from_lab(torch.cat((light, ab), 1)))


def _separable(channels: int) -> nn.Sequential:
    """Return a depthwise 5x5 and a pointwise convolution with batch norm and ReLU."""
    each = nn.Conv2d(channels, channels, 5, 1, 2, groups=channels, bias=False)
    return nn.Sequential(each, nn.Conv2d(channels, channels, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU())
