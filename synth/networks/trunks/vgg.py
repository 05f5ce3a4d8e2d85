"""VGG16 trunk (Simonyan & Zisserman 2015, configuration D), convolutions only, with packaged weights.

The weights are those of the package stlpips-pytorch, trained with a binomial blur in every pooling (Zhang 2019).
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.blur import halved
from synth.networks.layers.initial import zero_bias
from synth.networks.layers.modules import Modules
from synth.networks.trunks import packaged as packages
from synth.networks.trunks.trunk import Trunk

PACKAGE, FILE = packages.STLPIPS, "weights/vST0.0/vgg_shift_tolerant.pth"
BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions


class Pool(nn.Module):
    """Antialiased 2x2 max pooling: stride 1, then a 1-2-1 blur of stride 2; halves H and W of ``[N, C, H, W]``."""

    def forward(self, x: Tensor) -> Tensor:
        return halved(F.pad(F.max_pool2d(x, 2, 1), (1, 1, 1, 1), mode="replicate"))


class VGG16(Trunk):
    """Extract maps at strides 4, 8, 16 and 32 of ``channels`` channels from images ``[N, 3, H, W]`` in [-1, 1].

    ``width`` scales all channels; packaged weights exist for 1. H and W are multiples of 32. ``pool`` builds the layer
    that halves the maps.
    """

    package = PACKAGE

    shift: Tensor
    scale: Tensor

    def __init__(self, width: float = 1.0, pool: Callable[[], nn.Module] = Pool):
        super().__init__()
        self.packaged = width == 1
        stages: list[nn.Sequential] = []
        self.channels, inputs = [], 3
        for channels, count in BLOCKS:
            layers: list[nn.Module] = []
            for _ in range(count):
                outputs = max(4, round(channels * width))
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
                inputs = outputs
            stages.append(nn.Sequential(*layers, pool()))
            self.channels.append(inputs)
        self.stages, self.channels = Modules(stages), self.channels[1:]
        # Mean and standard deviation by which the packaged network normalises images in [-1, 1].
        self.register_buffer("shift", torch.tensor([-0.030, -0.088, -0.188])[:, None, None], persistent=False)
        self.register_buffer("scale", torch.tensor([0.458, 0.448, 0.450])[:, None, None], persistent=False)
        for conv in self.convolutions():
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            zero_bias(conv)

    def forward(self, x: Tensor) -> list[Tensor]:
        x, maps = self.normalised(x), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps[1:]

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the maps of all five blocks before pooling, at strides 1, 2, 4, 8 and 16."""
        x, maps = self.normalised(x), []
        for *layers, pool in self.stages:
            for layer in layers:
                x = layer(x)
            maps.append(x)
            x = pool(x) if len(maps) < len(BLOCKS) else x  # the last map may be too small to pool
        return maps

    def normalised(self, x: Tensor) -> Tensor:
        """Return images in [-1, 1] normalised for the first convolution."""
        return (x - self.shift) / self.scale

    def convolutions(self) -> list[nn.Conv2d]:
        """Return the convolutions in the order of computation."""
        return [module for module in self.modules() if isinstance(module, nn.Conv2d)]


def packaged() -> Path | None:
    """Return the path of the packaged weights, or None if the package is not installed."""
    return packages.find(PACKAGE, FILE)


def load(trunk: VGG16, path: Path) -> None:
    """Load the convolutions of ST-LPIPS's VGG16. Raises ``ValueError`` if the file holds another network."""
    packages.fill(trunk, path)
