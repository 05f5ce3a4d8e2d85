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

    weight: Tensor
    bias: Tensor
    index: Tensor

    def __init__(self, palette: tuple[Color, ...]):
        super().__init__()
        colors = torch.from_numpy(palettes.colors(palette).astype(np.float32))
        # argmin |u - c|^2 = argmax 2 u.c - |c|^2. On whole numbers from 0 to 255 float32 is exact, so that all runtimes
        # break near ties alike.
        self.register_buffer("weight", 2 * colors.T, persistent=False)
        self.register_buffer("bias", -(colors**2).sum(1), persistent=False)
        self.register_buffer("index", torch.arange(len(palette))[None, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.eq(self.nearest(x)[:, None], self.index).to(x.dtype)

    def nearest(self, x: Tensor) -> Tensor:
        """Return the index of the nearest palette colour, ``[N, H, W]``."""
        with torch.autocast(x.device.type, enabled=False):  # half precision would confuse near colours
            levels = ((x.float() + 1) * 127.5).round()
            # The scores of a pixel side by side: a third of the time of looking for the largest across planes.
            score = levels.permute(0, 2, 3, 1) @ self.weight + self.bias  # [N, H, W, K]
        return score.argmax(-1)


class FromLabels(nn.Module):
    """A generator that takes a colour-coded label map: one-hot planes first, then ``body``."""

    def __init__(self, palette: tuple[Color, ...], body: nn.Module):
        super().__init__()
        self.one_hot, self.body = OneHot(palette), body
        self.multiple = body.multiple
        self.table: nn.Parameter | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.table is not None:
            return self.body(F.embedding(self.one_hot.nearest(x), self.table).permute(0, 3, 1, 2))
        return self.body(self.one_hot(x))

    def slim(self) -> None:
        """Do the same with less work for a runtime: mixing one-hot planes is looking up a row of a table."""
        mix = getattr(self.body, "embed", None)
        if isinstance(mix, nn.Conv2d):
            assert mix.bias is not None
            self.table = nn.Parameter((mix.weight[:, :, 0, 0].T + mix.bias).detach().clone())
            self.body.embed = nn.Identity()


def restored(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the parameters of slim ``FromLabels``, by name, as those that they were made of; the bias is in the rest.

    What they compute is the same.
    """
    found = {}
    for name, value in weights.items():
        before, _, last = name.rpartition(".")
        if last == "table":
            mix = f"{before}.body.embed"
            found |= {f"{mix}.weight": value.T[:, :, None, None], f"{mix}.bias": torch.zeros(value.shape[1])}
        else:
            found[name] = value
    return found
