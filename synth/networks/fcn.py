"""Fully convolutional networks for segmentation (Shelhamer, Long & Darrell 2017), over a packaged ImageNet trunk.

As in the paper (sec. 4.3), class scores are predicted from several levels of the trunk; coarse scores are upsampled
twice and the next finer ones added (fig. 3), down to ``stride``: 32 without fusion (FCN-32s), 16 with one (FCN-16s), 8
with two (FCN-8s). Score layers start at zero, learned upsampling starts as bilinear interpolation, and the last
upsampling is fixed to bilinear. One depthwise and one pointwise convolution take the place of the paper's fc6 and fc7.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.card import Color
from synth.networks.layers.initial import zero
from synth.networks.layers.modules import Modules
from synth.networks.layers.pixels import from_pixels
from synth.networks.layers.spec import Spec
from synth.networks.network import Network, Wrapper
from synth.networks.trunks.lite import Lite0
from synth.networks.trunks.trunk import Trunk
from synth.pixels import palette as palettes

Stride = Literal[32, 16, 8]
LEVELS: dict[Stride, int] = {32: 1, 16: 2, 8: 3}
"""Levels of the trunk that are scored, from the coarsest, for each stride."""


class FCN(Network):
    """Predict class scores ``[N, classes, H, W]`` of images ``[N, 3, H, W]`` in [-1, 1]; H and W are multiples of 32.

    ``stride`` is the side in pixels of a cell of the finest scores; ``hidden`` are the channels before each score
    layer. The first ``frozen`` stages of the trunk are not trained.
    """

    multiple = 32

    def __init__(
        self,
        classes: int = 19,
        trunk: Spec[Trunk] | None = None,
        stride: Stride = 8,
        hidden: int = 128,
        frozen: int = 0,
    ):
        super().__init__()
        self.stride = stride
        self.trunk: Trunk = trunk() if trunk else Lite0()
        self.trunk.stages[:frozen].requires_grad_(False)
        channels = self.trunk.channels[::-1][: LEVELS[stride]]
        self.scores = Modules(_score(count, hidden, classes) for count in channels)
        self.doubles = Modules(Double(classes) for _ in channels[1:])

    def forward(self, x: Tensor) -> Tensor:
        maps = self.trunk(x)[::-1]  # coarsest first
        y = self.scores[0](maps[0])  # [N, classes, H/32, W/32]
        for double, score, finer in zip(self.doubles, self.scores[1:], maps[1:], strict=False):
            y = double(y) + score(finer)
        return F.interpolate(y, scale_factor=float(self.stride), mode="bilinear")


class Double(nn.ConvTranspose2d):
    """Double height and width of each map by itself; initialised to bilinear interpolation and learned (sec. 3.3)."""

    def __init__(self, maps: int):
        super().__init__(maps, maps, 4, 2, 1, groups=maps, bias=False)
        row = torch.tensor([0.25, 0.75, 0.75, 0.25])
        with torch.no_grad():
            self.weight.copy_((row[:, None] * row).expand_as(self.weight))


class Labels(Wrapper[FCN]):
    """Segment with a frozen ``FCN``: uint8 RGB ``[N, H, W, 3]`` to a label map, each pixel in its class's colour."""

    colors: Tensor

    def __init__(self, body: FCN, palette: tuple[Color, ...]):
        super().__init__(body)
        self.register_buffer("colors", torch.from_numpy(palettes.colors(palette)), persistent=False)

    def forward(self, *images: Tensor) -> Tensor:
        (image,) = images
        return self.colors[self.body(from_pixels(image)).argmax(1)]


def _score(inputs: int, hidden: int, classes: int) -> nn.Sequential:
    each = nn.Conv2d(inputs, inputs, 5, 1, 2, groups=inputs, bias=False)
    score = nn.Conv2d(hidden, classes, 1)
    zero(score)
    return nn.Sequential(each, nn.Conv2d(inputs, hidden, 1, bias=False), nn.BatchNorm2d(hidden), nn.ReLU(), score)
