"""Conversion between uint8 pixels and network inputs, shared by training samples, benchmarks and exported graphs."""

import torch
from torch import Tensor

from synth.networks.network import Network, Wrapper


def from_pixels(image: Tensor) -> Tensor:
    """Return uint8 ``[N, H, W, 3]`` as float ``[N, 3, H, W]`` in [-1, 1]."""
    return image.permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(y: Tensor) -> Tensor:
    """Return float ``[N, 3, H, W]`` in [-1, 1] as uint8 ``[N, H, W, 3]``."""
    return ((y + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


def to_picture(y: Tensor) -> Tensor:
    """Return float ``[N, 3, H, W]``, or gray ``[N, 1, H, W]``, in [-1, 1] as uint8 RGB ``[N, H, W, 3]``."""
    return to_pixels(y if y.shape[1] == 3 else torch.cat((y, y, y), 1))


class Pixels(Wrapper[Network]):
    """Run a generator of RGB in [-1, 1] on images, uint8 RGB ``[N, H, W, 3]`` in and out.

    Several input images are concatenated along the channels, in their order.
    """

    def forward(self, *images: Tensor) -> Tensor:
        return to_pixels(self.body(self.stacked(*images)))

    def stacked(self, *images: Tensor) -> Tensor:
        """Return the inputs concatenated for the body: float ``[N, 3 * count, H, W]`` in [-1, 1]."""
        x = [from_pixels(image) for image in images]
        return torch.cat(x, 1) if len(x) > 1 else x[0]


class Gray(Wrapper[Network]):
    """Run a generator whose input, output or both are gray on images, uint8 RGB ``[N, H, W, 3]`` in and out.

    Colours are converted to the integer gray levels of Pillow, with which such networks are trained.
    """

    def __init__(self, body: Network):
        super().__init__(body)
        self.takes: int = next(p.shape[1] for p in body.parameters() if p.ndim == 4)

    def forward(self, *images: Tensor) -> Tensor:
        (image,) = images  # variadic like all wrappers, because the exporter declares dynamic sizes for ``*images``
        x = from_pixels(image)
        if self.takes == 1:
            red, green, blue = image.float().split(1, 3)
            gray = ((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536).floor()
            x = gray.permute(0, 3, 1, 2) / 127.5 - 1
        return to_picture(self.body(x))
