"""The convolutions of VGG16 (Simonyan & Zisserman 2015, configuration D) as a trunk, on packaged weights.

The weights are those of the package stlpips-pytorch, trained with a binomial filter in every pooling (Zhang 2019).
"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.blur import halved
from synth.networks.trunks import packaged as packages

PACKAGE, FILE = packages.STLPIPS, "weights/vST0.0/vgg_shift_tolerant.pth"
BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions


class Pool(nn.Module):
    """Max pooling of 2x2 at every place, then every other place of its 1-2-1 blur: ``[N, C, H, W]`` to half of H, W."""

    def forward(self, x: Tensor) -> Tensor:
        return halved(F.pad(F.max_pool2d(x, 2, 1), (1, 1, 1, 1), mode="replicate"))


class VGG16(nn.Module):
    """Pictures ``[N, 3, H, W]`` in [-1, 1] to maps at strides 4, 8, 16 and 32, of ``channels`` channels.

    ``width`` multiplies all channels; packaged weights exist for 1. H and W are multiples of 32. ``pool`` makes what
    halves the maps, if not ``Pool``.
    """

    def __init__(self, width: float = 1.0, pool: Callable[[], nn.Module] = Pool):
        super().__init__()
        self.packaged = width == 1
        self.stages, self.channels, inputs = nn.ModuleList(), [], 3
        for channels, count in BLOCKS:
            layers: list[nn.Module] = []
            for _ in range(count):
                outputs = max(4, round(channels * width))
                layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(inplace=True)]
                inputs = outputs
            self.stages.append(nn.Sequential(*layers, pool()))
            self.channels.append(inputs)
        self.channels = self.channels[1:]
        # What the packaged network subtracts and divides by, for pictures in [-1, 1].
        self.register_buffer("shift", torch.tensor([-0.030, -0.088, -0.188])[:, None, None], persistent=False)
        self.register_buffer("scale", torch.tensor([0.458, 0.448, 0.450])[:, None, None], persistent=False)
        for conv in self.convolutions():
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> list[Tensor]:
        x, maps = self.normalised(x), []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps[1:]

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the maps of all five blocks before they are halved, at strides 1, 2, 4, 8 and 16."""
        x, maps = self.normalised(x), []
        for *layers, pool in self.stages:  # type: ignore[misc]
            for layer in layers:
                x = layer(x)
            maps.append(x)
            x = pool(x) if len(maps) < len(BLOCKS) else x  # the last may be too small for it
        return maps

    def normalised(self, x: Tensor) -> Tensor:
        """Return pictures in [-1, 1] as the first convolution takes them."""
        return (x - self.shift) / self.scale  # type: ignore[operator]

    def convolutions(self) -> list[nn.Conv2d]:
        """Return the convolutions in the order of the computation."""
        return [module for module in self.modules() if isinstance(module, nn.Conv2d)]


def packaged() -> Path | None:
    """Return where the packaged weights lie, or None if they are not installed."""
    return packages.find(PACKAGE, FILE)


def load(trunk: VGG16, path: Path) -> None:
    """Load the convolutions of ST-LPIPS's VGG16. Raises ``ValueError`` if the file holds another network."""
    packages.fill(trunk, path)
