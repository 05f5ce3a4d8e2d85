"""Wrap the published colorizers to take uint8 pixels and hints, the same inputs as our own colorizer."""

import torch
from torch import Tensor
from torch.nn import functional as F

from synth.networks.colornet import carried, in_lab, marked, pooled
from synth.networks.layers.lab import from_lab, lightness
from synth.networks.layers.pixels import from_pixels, to_pixels
from synth.networks.network import Network, Wrapper
from synth.networks.zhang import Siggraph17

LEAST = 1e-3
"""Smallest share of a pixel that a hint must cover to count."""
CELL = 8
"""Side in pixels of the cells on which hints are propagated for ``Eccv16``."""


class Recolored(Wrapper[Network]):
    """Colorize with a frozen ``Eccv16`` or ``Siggraph17``: uint8 RGB ``[N, H, W, 3]`` and hints to uint8 RGB.

    As published, colours are predicted at ``work`` x ``work`` pixels and L is that of the full-size image, which may
    have any size. The inputs are those of ``synth.networks.colornet.Colored``. ``Eccv16`` has no input for hints: they
    are propagated to pixels that are near and of similar lightness (``carried``).
    """

    def __init__(self, body: Network, work: int = 256):
        super().__init__(body)
        self.work, self.multiple = work, 1

    def forward(self, *inputs: Tensor) -> Tensor:
        image, colors, marks = inputs[:3]
        light = lightness(from_pixels(image))
        small = lightness(as_pillow(image, self.work) / 127.5 - 1)  # resized in RGB, as the authors do
        small_hints = self._shrunk(in_lab(marked(colors, marks)))
        if isinstance(self.body, Siggraph17):
            ab = self.body(small, small_hints)
        else:
            ab = self.body(small, inputs[3])
            ab = _enlarged(ab + self._carried(ab, small, small_hints), 4)
        ab = F.interpolate(ab, size=light.shape[-2:], mode="bilinear", align_corners=False)
        return to_pixels(painted(light, ab))

    def _carried(self, ab: Tensor, small: Tensor, small_hints: Tensor) -> Tensor:
        """Return the change of colours ``[N, 2, 64, 64]`` by hints, at half the resolution for 1/16 of the work."""
        coarse = F.avg_pool2d(ab, 2)
        return _enlarged(carried(coarse, F.avg_pool2d(small, CELL), pooled(small_hints, CELL)) - coarse, 2)

    def _shrunk(self, hints: Tensor) -> Tensor:
        """Return the hint planes ``[N, 3, work, work]``: mean colour and 1 wherever a hint covers part of a pixel."""
        planes = F.interpolate(hints, size=(self.work, self.work), mode="bilinear", antialias=True, align_corners=False)
        share = planes[:, 2:]
        return torch.where(share > LEAST, planes / share.clamp(min=LEAST), 0.0)


def _enlarged(x: Tensor, times: int) -> Tensor:
    """Return ``[N, C, H, W]`` enlarged ``times`` by bilinear interpolation."""
    return F.interpolate(x, scale_factor=float(times), mode="bilinear", align_corners=False)


def painted(light: Tensor, ab: Tensor) -> Tensor:
    """Return L ``[N, 1, H, W]`` and ab ``[N, 2, H, W]`` as sRGB in [-1, 1].

    As in scikit-image, which the authors use, b is limited to what is possible at its L (Z must not be negative);
    otherwise the other channels would change too.
    """
    a, b = ab.split(1, 1)
    return from_lab(torch.cat((light, a, torch.minimum(b, 200 * (light + 16) / 116)), 1))


def as_pillow(image: Tensor, side: int) -> Tensor:
    """Return uint8 ``[N, H, W, 3]`` resized as by Pillow's bicubic filter: float ``[N, 3, side, side]`` in 0..255.

    Pillow resizes horizontally, then vertically, and rounds to integers after both; the networks are sensitive to that.
    """
    x = image.permute(0, 3, 1, 2).float()
    for size in ((x.shape[-2], side), (side, side)):
        x = F.interpolate(x, size=size, mode="bicubic", antialias=True, align_corners=False).round().clamp(0, 255)
    return x
