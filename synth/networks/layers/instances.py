"""Label maps as pix2pixHD takes them (Wang et al. 2018, sec. 3.3): one-hot classes and a map of instance boundaries."""

import torch
from torch import Tensor
from torch.nn import functional as F

from synth.card import Color
from synth.networks.layers.labels import OneHot
from synth.networks.layers.pixels import from_pixels, to_picture
from synth.networks.network import Network, Wrapper


class FromClasses(Wrapper[Network]):
    """Run a generator on a class map and an instance map, both uint8 RGB ``[N, H, W, 3]``; returns uint8 RGB.

    In the class map, a gray pixel whose value is below the number of classes is the class of that number, as in the
    files that pix2pixHD is trained with; any other colour counts as the nearest of ``palette``. Without a palette, the
    first input is an ordinary image. The instance map, given if the generator has a plane for boundaries, has a colour
    for every instance; if it is all black, the boundaries of the classes are used instead.
    """

    def __init__(self, body: Network, palette: tuple[Color, ...]):
        super().__init__(body)
        self.classes = len(palette)
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
    """Return ``[N, 1, H, W]``: 1 where a pixel of ``[N, C, H, W]`` differs from one of its four neighbours, else 0."""
    across = (x[..., 1:] != x[..., :-1]).float().amax(1, keepdim=True)
    down = (x[..., 1:, :] != x[..., :-1, :]).float().amax(1, keepdim=True)
    beside = F.pad(across, (1, 0)) + F.pad(across, (0, 1)) + F.pad(down, (0, 0, 1, 0)) + F.pad(down, (0, 0, 0, 1))
    return beside.clamp(max=1)
