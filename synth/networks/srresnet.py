"""SRResNet for super-resolution (Ledig et al. 2017), without batch norm (Lim et al. 2017, sec. 3.1)."""

import torch
from torch import Tensor, nn

from synth.networks.layers.initial import zero_bias
from synth.networks.layers.shuffle import Shuffle
from synth.networks.network import Network


class Block(nn.Module):
    """Residual block of two 3x3 convolutions, initialised to a small residual."""

    def __init__(self, channels: int):
        super().__init__()
        first, second = (nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2))
        with torch.no_grad():  # so that a deep stack starts close to the identity
            second.weight.mul_(0.1)
        zero_bias(second)
        self.body = nn.Sequential(first, nn.ReLU(), second)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


class SRResNet(Network):
    """Enlarge ``[N, 3, H, W]`` to ``[N, 3, scale * H, scale * W]``, both in [-1, 1]; any H and W.

    ``blocks`` residual blocks of ``channels`` maps under one long skip work at low resolution. A single pixel shuffle
    enlarges, where the paper has two with a convolution between them. ``radius`` is the receptive field: how many input
    pixels to each side a result depends on.
    """

    def __init__(self, scale: int = 4, channels: int = 64, blocks: int = 16):
        super().__init__()
        self.scale, self.radius = scale, 2 * blocks + 3
        self.first = nn.Conv2d(3, channels, 3, padding=1)
        self.blocks = nn.Sequential(*(Block(channels) for _ in range(blocks)))
        self.merge = nn.Conv2d(channels, channels, 3, padding=1)
        self.out = Shuffle(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        features = self.first(x)
        return self.out(features + self.merge(self.blocks(features)), x)
