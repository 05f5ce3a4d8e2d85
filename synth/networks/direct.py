"""Joints as plain numbers (Toshev & Szegedy 2014): what belief maps are compared with (Thompson et al. 2014)."""

import torch
from torch import Tensor, nn

from synth.networks.layers.pixels import from_pixels
from synth.networks.trunks.lite import Lite0


class Direct(nn.Module):
    """Pictures ``[N, 3, side, side]`` in [-1, 1] to ``[N, joints, 3]``: x, y in shares of the side, logit of a score.

    All of the coarsest map goes through two linear layers, so that the network takes one size alone, a multiple of 32.
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
        found = self.wide(self.narrow(self.trunk(x)[-1])).unflatten(1, (-1, 3))
        return torch.cat((found[..., :2] + 0.5, found[..., 2:]), -1)  # begins in the middle


class Places(nn.Module):
    """Wraps a frozen ``Direct``: uint8 RGB ``[N, side, side, 3]`` to float32 ``[N, joints, 3]``: x, y, score."""

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body
        self.side = int(body.side)  # type: ignore[arg-type]

    def forward(self, *images: Tensor) -> Tensor:
        (image,) = images
        found = self.body(from_pixels(image))
        return torch.cat((found[..., :2] * self.side, found[..., 2:].sigmoid()), -1)
