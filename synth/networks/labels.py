"""Colour-coded label maps as one-hot planes, inside the network, so that a graph still takes plain pixels."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.card import Color
from synth.pixels import palette as palettes


class OneHot(nn.Module):
    """RGB in [-1, 1] ``[N, 3, H, W]`` to one-hot ``[N, K, H, W]`` of the nearest palette colour.

    Colours off the palette (the soft edge of a brush, JPEG noise) go to the class they are nearest to; see
    ``synth.pixels.palette.nearest``, which gives the same answer for every colour.
    """

    def __init__(self, palette: tuple[Color, ...]):
        super().__init__()
        colors = torch.from_numpy(palettes.colors(palette).astype(np.float32))
        # argmin |u - c|^2 = argmax 2 u.c - |c|^2: a 1x1 convolution. On whole numbers from 0 to 255 float32 is exact,
        # so that every runtime breaks near ties alike.
        self.register_buffer("weight", 2 * colors[:, :, None, None], persistent=False)
        self.register_buffer("bias", -(colors**2).sum(1), persistent=False)
        self.register_buffer("index", torch.arange(len(palette))[None, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.eq(self.nearest(x)[:, None], self.index).to(x.dtype)  # type: ignore[arg-type]

    def nearest(self, x: Tensor) -> Tensor:
        """Return the index of the nearest palette colour, ``[N, H, W]``."""
        with torch.autocast(x.device.type, enabled=False):  # half precision would confuse near colours
            levels = ((x.float() + 1) * 127.5).round()
            score = F.conv2d(levels, self.weight, self.bias)  # type: ignore[arg-type]
        return score.argmax(1)


class FromLabels(nn.Module):
    """A generator that takes a colour-coded label map: one-hot planes first, then ``body``."""

    def __init__(self, palette: tuple[Color, ...], body: nn.Module):
        super().__init__()
        self.one_hot, self.body = OneHot(palette), body
        self.multiple = body.multiple

    def forward(self, x: Tensor) -> Tensor:
        return self.body(self.one_hot(x))
