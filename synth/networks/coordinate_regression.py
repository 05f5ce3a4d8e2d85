"""Regression of joint coordinates (Toshev & Szegedy 2014), the baseline for belief maps (Tompson et al. 2014)."""

import torch
from torch import Tensor, nn

from synth.networks.layers.pixels import from_pixels
from synth.networks.network import Network, Wrapper
from synth.networks.trunks.lite import Lite0


class CoordinateRegression(Network):
    """Regress joints ``[N, joints, 3]`` from images ``[N, 3, side, side]`` in [-1, 1].

    A joint is x and y as shares of the side, and the logit of its score. Two linear layers see the whole coarsest map,
    so the network takes one size only, a multiple of 32. ``width`` scales the trunk, whose first ``frozen`` stages are
    not trained; ``hidden`` is the width between the linear layers.
    """

    def __init__(self, joints: int = 17, side: int = 192, width: float = 1.0, hidden: int = 512, frozen: int = 1):
        super().__init__()
        if side % 32:
            raise ValueError(f"This network needs a --size that is a multiple of 32, not {side}.")
        self.multiple = self.side = side
        self.trunk = Lite0(width)
        self.trunk.stages[:frozen].requires_grad_(False)
        self.narrow = nn.Sequential(nn.Conv2d(self.trunk.channels[-1], 64, 1), nn.ReLU(), nn.Flatten())
        self.wide = nn.Sequential(nn.Linear(64 * (side // 32) ** 2, hidden), nn.ReLU(), nn.Linear(hidden, 3 * joints))

    def forward(self, x: Tensor) -> Tensor:
        found = self.wide(self.narrow(self.trunk(x)[-1])).unflatten(1, (-1, 3))  # [N, joints, 3]
        return torch.cat((found[..., :2] + 0.5, found[..., 2:]), -1)  # joints start in the middle of the image


class JointsInPixels(Wrapper[CoordinateRegression]):
    """Scale the output of a frozen ``CoordinateRegression``: uint8 RGB ``[N, side, side, 3]`` to ``[N, joints, 3]``.

    A joint is float32 x, y in pixels and a score in 0..1.
    """

    def forward(self, *images: Tensor) -> Tensor:
        (image,) = images
        found = self.body(from_pixels(image))
        return torch.cat((found[..., :2] * self.side, found[..., 2:].sigmoid()), -1)
