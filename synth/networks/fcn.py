"""Fully convolutional networks for segmentation (Shelhamer, Long & Darrell 2017), over a packaged ImageNet trunk.

As in the paper (sec. 4.3), every level of the trunk gives scores of the classes; coarse ones are doubled and the next
finer ones added (fig. 3), down to ``stride``: 32 without any fusion, 16 with one, 8 with two. Score layers begin at
zero, doubling begins as bilinear interpolation and is learned, the last upsampling is bilinear for good. Between trunk
and scores stands what fc6 and fc7 are in the paper, as one depthwise and one pointwise convolution.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.card import Color
from synth.networks.layers.pixels import from_pixels
from synth.networks.layers.spec import Spec
from synth.networks.trunks.lite import Lite0
from synth.pixels import palette as palettes

Stride = Literal[32, 16, 8]
LEVELS: dict[Stride, int] = {32: 1, 16: 2, 8: 3}
"""How many levels of the trunk are scored, the coarsest first."""


class FCN(nn.Module):
    """Pictures ``[N, 3, H, W]`` in [-1, 1] to scores ``[N, classes, H, W]``; H and W are multiples of 32.

    ``stride`` is how many pixels wide a cell of the finest scores is; ``hidden`` are the channels before each score.
    The first ``frozen`` of the trunk's stages are not trained.
    """

    def __init__(
        self, classes: int = 19, trunk: Spec | None = None, stride: Stride = 8, hidden: int = 128, frozen: int = 0
    ):
        super().__init__()
        self.multiple = 32
        self.stride = stride
        self.trunk = (trunk or Spec(Lite0))()
        for stage in list(self.trunk.stages)[:frozen]:  # type: ignore[arg-type]
            stage.requires_grad_(False)
        channels = list(self.trunk.channels)[::-1][: LEVELS[stride]]  # type: ignore[arg-type]
        self.scores = nn.ModuleList(_score(count, hidden, classes) for count in channels)
        self.doubles = nn.ModuleList(Double(classes) for _ in channels[1:])

    def forward(self, x: Tensor) -> Tensor:
        maps = self.trunk(x)[::-1]  # coarsest first
        y = self.scores[0](maps[0])  # [N, classes, H/32, W/32]
        for double, score, finer in zip(self.doubles, self.scores[1:], maps[1:], strict=False):  # type: ignore[arg-type]
            y = double(y) + score(finer)
        return F.interpolate(y, scale_factor=float(self.stride), mode="bilinear")


class Double(nn.ConvTranspose2d):
    """Twice the height and width, each map by itself; begins as bilinear interpolation (sec. 3.3)."""

    def __init__(self, maps: int):
        super().__init__(maps, maps, 4, 2, 1, groups=maps, bias=False)
        row = torch.tensor([0.25, 0.75, 0.75, 0.25])
        with torch.no_grad():
            self.weight.copy_((row[:, None] * row).expand_as(self.weight))


class Labels(nn.Module):
    """Wraps a frozen ``FCN``: uint8 RGB ``[N, H, W, 3]`` to each pixel's likeliest class in its colour, the same."""

    def __init__(self, body: nn.Module, palette: tuple[Color, ...]):
        super().__init__()
        self.body = body
        self.register_buffer("colors", torch.from_numpy(palettes.colors(palette)), persistent=False)

    def forward(self, *images: Tensor) -> Tensor:
        (image,) = images
        return self.colors[self.body(from_pixels(image)).argmax(1)]  # type: ignore[index]


def _score(inputs: int, hidden: int, classes: int) -> nn.Sequential:
    each = nn.Conv2d(inputs, inputs, 5, 1, 2, groups=inputs, bias=False)
    score = nn.Conv2d(hidden, classes, 1)
    nn.init.zeros_(score.weight)
    nn.init.zeros_(score.bias)  # type: ignore[arg-type]
    return nn.Sequential(each, nn.Conv2d(inputs, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU(), score)
