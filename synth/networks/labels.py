"""Colour-coded label maps as one-hot planes, inside the network, so that a graph still takes plain pixels."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.card import Color
from synth.pixels import palette as palettes


class OneHot(nn.Module):
    """RGB in [-1, 1] ``[N, 3, H, W]`` to one-hot ``[N, K, H, W]`` of the nearest palette colour.

    Colours off the palette (the soft edge of a brush, JPEG noise) go to the class they are nearest to.
    """

    def __init__(self, palette: tuple[Color, ...]):
        super().__init__()
        colors = torch.from_numpy(palettes.colors(palette).astype(np.float32)) / 127.5 - 1
        # argmin |x - c|^2 = argmax 2 x.c - |c|^2: a 1x1 convolution.
        self.register_buffer("weight", 2 * colors[:, :, None, None], persistent=False)
        self.register_buffer("bias", -(colors**2).sum(1), persistent=False)
        self.register_buffer("index", torch.arange(len(palette))[None, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):  # half precision would confuse near colours
            score = F.conv2d(x.float(), self.weight, self.bias)  # type: ignore[arg-type]
        return (score.argmax(1, keepdim=True) == self.index).to(x.dtype)


class FromLabels(nn.Module):
    """A generator that takes a colour-coded label map: one-hot planes first, then ``body``."""

    def __init__(self, palette: tuple[Color, ...], body: nn.Module):
        super().__init__()
        self.one_hot, self.body = OneHot(palette), body
        self.multiple = body.multiple

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.one_hot(x))
