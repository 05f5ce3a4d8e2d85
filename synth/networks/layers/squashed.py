"""Images in the sizes of other people's test scripts: squashed to one size and back, as Pillow resizes.

Pillow's bicubic resampling widens the kernel where it shrinks, works on rows first, and rounds to whole numbers after
each of the two steps. As a product with one matrix a side, it is exact in float64 for any size.
"""

import torch
from torch import Tensor

from synth.networks.layers.pixels import from_pixels
from synth.networks.network import Network, Wrapper

SIDE = 256
A = -0.5
"""Parameter of the cubic kernel (Keys 1981), as in Pillow."""
SUPPORT = 2.0
ONE = 2**22
"""Pillow's weights are whole numbers of which so many are one."""


class Squashed(Wrapper[Network]):
    """Run a generator of RGB in [-1, 1] as the test script of pix2pix and CycleGAN does.

    Images, uint8 RGB ``[N, H, W, 3]``, are squashed to 256x256, and what the network gives is cut to whole numbers, not
    rounded. That is then resized to the size of the input.
    """

    def __init__(self, body: Network):
        super().__init__(body)
        self.multiple, self.least = 1, 1

    def forward(self, *images: Tensor) -> Tensor:
        (image,) = images  # variadic like all wrappers, because the exporter declares dynamic sizes for ``*images``
        small = resized(image, torch.ones(SIDE), torch.ones(SIDE))
        y = (self.body(from_pixels(small)).permute(0, 2, 3, 1) + 1) / 2 * 255
        return resized(y.clamp(0, 255).to(torch.uint8), image[0, :, 0, 0], image[0, 0, :, 0])


def resized(image: Tensor, column: Tensor, row: Tensor) -> Tensor:
    """Return uint8 ``[N, H, W, 3]`` resized to the lengths of ``column`` and ``row``, whose values do not matter."""
    x = image.permute(0, 3, 1, 2).double()
    x = _whole(x @ matrix(image[0, 0, :, 0], row).T)
    x = _whole(matrix(image[0, :, 0, 0], column) @ x)
    return x.permute(0, 2, 3, 1).to(torch.uint8)


def matrix(source: Tensor, target: Tensor) -> Tensor:
    """Return the weights ``[target, source]`` of every old pixel in every new one, float64, for vectors so long."""
    old, new = (torch.ones_like(given, dtype=torch.float64).cumsum(0) - 0.5 for given in (source, target))
    scale = (old.amax(0) + 0.5) / (new.amax(0) + 0.5)
    width = scale.clamp(min=1.0)
    center = (new * scale)[:, None]
    inside = (old[None] >= (center - SUPPORT * width + 0.5).floor() + 0.5).double()
    inside = inside * (old[None] <= (center + SUPPORT * width + 0.5).floor() - 0.5).double()
    weights = cubic((old[None] - center) / width) * inside
    return (weights / weights.sum(1, keepdim=True) * ONE).round() / ONE


def cubic(x: Tensor) -> Tensor:
    """Return the cubic convolution kernel at ``x`` (Keys 1981, eq. 4)."""
    x = x.abs()
    near = ((A + 2) * x - (A + 3)) * x * x + 1
    far = (((x - 5) * x + 8) * x - 4) * A
    return near * (x < 1).double() + far * ((x >= 1) & (x < 2)).double()


def _whole(x: Tensor) -> Tensor:
    return (x + 0.5).floor().clamp(0, 255)
