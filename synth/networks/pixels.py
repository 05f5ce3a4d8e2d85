"""The way between pixels and what networks see, the same in training samples, benchmarks and exported graphs."""

import torch
from torch import Tensor, nn


class Pixels(nn.Module):
    """Wraps a generator (RGB in [-1, 1]) so that it takes and gives uint8 RGB ``[N, H, W, 3]``."""

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body

    def forward(self, image: Tensor) -> Tensor:
        x = image.permute(0, 3, 1, 2).float() / 127.5 - 1
        y = (self.body(x) + 1) * 127.5
        return y.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
