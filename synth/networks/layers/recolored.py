"""Photographs and hints for the published colorizers, inside the graph: the same inputs as our own have."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.colornet import carried, hinted, pooled
from synth.networks.layers.lab import from_lab, lightness
from synth.networks.layers.pixels import from_pixels, to_pixels
from synth.networks.zhang import Siggraph17

LEAST = 1e-3
"""What share of a pixel a hint must cover to be one."""
CELL = 8
"""How many pixels wide the cells are in which hints are carried."""


class Recolored(nn.Module):
    """Wraps a frozen ``Eccv16`` or ``Siggraph17``: uint8 RGB ``[N, H, W, 3]`` and hints to RGB of the same luminance.

    As published, colours are found at ``work`` x ``work`` pixels and the luminance is the picture's own. Inputs are
    those of ``synth.networks.colornet.Colored``. ``Eccv16`` knows no hints: they are carried to what is near and alike.
    """

    def __init__(self, body: nn.Module, work: int = 256):
        super().__init__()
        self.body, self.work, self.multiple = body, work, 1

    def forward(self, *inputs: Tensor) -> Tensor:
        image, colors, marks = inputs[:3]
        light = lightness(from_pixels(image))
        small = lightness(as_pillow(image, self.work) / 127.5 - 1)  # in RGB, as the authors do
        told = self._shrunk(hinted(colors, marks))
        if isinstance(self.body, Siggraph17):
            ab = self.body(small, told)
        else:
            ab = self.body(small, inputs[3])
            ab = _enlarged(ab + self._carried(ab, small, told), 4)
        ab = F.interpolate(ab, size=light.shape[-2:], mode="bilinear", align_corners=False)
        return to_pixels(painted(light, ab))

    def _carried(self, ab: Tensor, small: Tensor, told: Tensor) -> Tensor:
        """Return by how much hints change colours ``[N, 2, 64, 64]``; found at half of that, with 1/16 of the work."""
        coarse = F.avg_pool2d(ab, 2)
        return _enlarged(carried(coarse, F.avg_pool2d(small, CELL), pooled(told, CELL)) - coarse, 2)

    def _shrunk(self, hints: Tensor) -> Tensor:
        """Return the planes of the hints ``[N, 3, work, work]``: the mean colour, and 1, where a hint reaches."""
        planes = F.interpolate(hints, size=(self.work, self.work), mode="bilinear", antialias=True, align_corners=False)
        share = planes[:, 2:]
        return torch.where(share > LEAST, planes / share.clamp(min=LEAST), 0.0)


def _enlarged(x: Tensor, times: int) -> Tensor:
    return F.interpolate(x, scale_factor=float(times), mode="bilinear", align_corners=False)


def painted(light: Tensor, ab: Tensor) -> Tensor:
    """Return L ``[N, 1, H, W]`` and ab ``[N, 2, H, W]`` as sRGB in [-1, 1].

    As with scikit-image, which the authors paint by, a yellow stronger than light can be at its luminance is one that
    can: it would else turn the other colours too.
    """
    a, b = ab.split(1, 1)
    return from_lab(torch.cat((light, a, torch.minimum(b, 200 * (light + 16) / 116)), 1))


def as_pillow(image: Tensor, side: int) -> Tensor:
    """Return uint8 ``[N, H, W, 3]`` as grey levels ``[N, 3, side, side]``, made smaller as Pillow does: first across,
    then down, and rounded to whole levels both times. Networks answer to what rounding takes away."""
    x = image.permute(0, 3, 1, 2).float()
    for size in ((x.shape[-2], side), (side, side)):
        x = F.interpolate(x, size=size, mode="bicubic", antialias=True, align_corners=False).round().clamp(0, 255)
    return x
