"""Convert colour-coded label maps to one-hot planes inside the network, so that exported graphs take plain pixels."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.card import Color
from synth.networks.live import Live
from synth.networks.network import Network, Wrapper
from synth.pixels import palette as palettes


class OneHot(nn.Module):
    """Encode RGB ``[N, 3, H, W]`` in [-1, 1] as one-hot ``[N, K, H, W]`` of the nearest palette colour.

    Colours outside the palette (the soft edge of a brush, JPEG noise) count as the nearest class, exactly as in
    ``synth.pixels.palette.nearest``.
    """

    weight: Tensor
    bias: Tensor
    index: Tensor

    def __init__(self, palette: tuple[Color, ...]):
        super().__init__()
        colors = torch.from_numpy(palettes.colors(palette).astype(np.float32))
        # argmin |u - c|^2 = argmax 2 u.c - |c|^2. float32 is exact on integers from 0 to 255, so all runtimes decide
        # near ties alike.
        self.register_buffer("weight", 2 * colors.T, persistent=False)
        self.register_buffer("bias", -(colors**2).sum(1), persistent=False)
        self.register_buffer("index", torch.arange(len(palette))[None, :, None, None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.eq(self.nearest(x)[:, None], self.index).to(x.dtype)

    def nearest(self, x: Tensor) -> Tensor:
        """Return the index of the nearest palette colour, ``[N, H, W]``."""
        with torch.autocast(x.device.type, enabled=False):  # half precision would confuse similar colours
            levels = ((x.float() + 1) * 127.5).round()
            # Channels last: argmax over adjacent values takes a third of the time of argmax across planes.
            score = levels.permute(0, 2, 3, 1) @ self.weight + self.bias  # [N, H, W, K]
        return score.argmax(-1)


class FromLabels(Wrapper[Network]):
    """Run a generator, ``body``, on the one-hot planes of a colour-coded label map ``[N, 3, H, W]`` in [-1, 1]."""

    def __init__(self, palette: tuple[Color, ...], body: Network):
        super().__init__(body)
        self.one_hot = OneHot(palette)
        self.table: nn.Parameter | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.table is not None:
            return self.body(F.embedding(self.one_hot.nearest(x), self.table).permute(0, 3, 1, 2))
        return self.body(self.one_hot(x))

    def slim(self) -> None:
        """Replace the 1x1 convolution over one-hot planes by looking up a row of a table."""
        if isinstance(self.body, Live) and isinstance(mix := self.body.embed, nn.Conv2d):
            assert mix.bias is not None
            self.table = nn.Parameter((mix.weight[:, :, 0, 0].T + mix.bias).detach().clone())
            self.body.embed = nn.Identity()


def restored(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return weights by name with the tables of slim ``FromLabels`` turned back into 1x1 convolutions.

    The function stays the same; the bias is contained in the weights, and the restored bias is zero.
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
