"""Label maps as pix2pixHD takes them (Wang et al. 2018, sec. 3.3): one-hot classes and the edges between instances."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.card import Color
from synth.networks.layers.labels import OneHot
from synth.networks.layers.pixels import from_pixels, to_picture


class FromClasses(nn.Module):
    """Wraps a generator so that it takes pictures, uint8 RGB ``[N, H, W, 3]``, of classes and of instances.

    In the first, a gray pixel below the number of classes is the class of that number (so are the files that pix2pixHD
    is trained with); any other colour counts as the nearest of ``palette``. Without a palette it goes in as it is. The
    second, where the generator has a plane for it, has a colour for every instance; one that is black all over is none:
    then the edges are those of the classes.
    """

    def __init__(self, body: nn.Module, palette: tuple[Color, ...]):
        super().__init__()
        self.body, self.classes = body, len(palette)
        self.one_hot = OneHot(palette) if palette else None

    def forward(self, *images: Tensor) -> Tensor:
        index, planes = None, from_pixels(images[0])
        if self.one_hot is not None:
            index = self._index(images[0], planes)[:, None]  # [N, 1, H, W]
            planes = torch.eq(index, self.one_hot.index).float()
        if len(images) > 1:
            instances = images[1].permute(0, 3, 1, 2).float()
            given = instances.amax((1, 2, 3), keepdim=True) > 0
            parts = instances if index is None else torch.where(given, instances, index.float())
            planes = torch.cat((planes, edges(parts)), 1)
        return to_picture(self.body(planes))

    def _index(self, image: Tensor, planes: Tensor) -> Tensor:
        """Return the class of every pixel, ``[N, H, W]``."""
        assert self.one_hot is not None
        red, green, blue = image.float().split(1, 3)
        number = red[..., 0]
        plain = (red == green) & (green == blue) & (red < self.classes)
        return torch.where(plain[..., 0], number, self.one_hot.nearest(planes).float()).long()


def edges(x: Tensor) -> Tensor:
    """Return 1 where a pixel of ``[N, C, H, W]`` differs from one of its four neighbours, else 0: ``[N, 1, H, W]``."""
    across = (x[..., 1:] != x[..., :-1]).float().amax(1, keepdim=True)
    down = (x[..., 1:, :] != x[..., :-1, :]).float().amax(1, keepdim=True)
    beside = F.pad(across, (1, 0)) + F.pad(across, (0, 1)) + F.pad(down, (0, 0, 1, 0)) + F.pad(down, (0, 0, 0, 1))
    return beside.clamp(max=1)
