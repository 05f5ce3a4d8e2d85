"""Convert sRGB to CIE Lab and back in torch, for losses and exported graphs; same results as ``synth.pixels.color``."""

import numpy as np
import torch
from torch import Tensor

# Rows: X, Y, Z divided by the white point D65; columns: linear R, G, B.
XYZ = ((0.433953, 0.376219, 0.189828), (0.212671, 0.715160, 0.072169), (0.017758, 0.109477, 0.872765))
RGB = np.linalg.inv(XYZ).tolist()
EDGE = 6 / 29  # below this value, CIE Lab replaces the cube root by a line


def to_lab(x: Tensor) -> Tensor:
    """Return sRGB ``[N, 3, H, W]`` in [-1, 1] as Lab: L in 0..100, a and b in about -110..110."""
    xyz = _mixed(XYZ, _linear(((x + 1) / 2).clamp(0, 1))).clamp(min=0)
    fx, fy, fz = _root(xyz).split(1, 1)
    return torch.cat((116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)), 1)


def from_lab(lab: Tensor) -> Tensor:
    """Return Lab ``[N, 3, H, W]`` as sRGB in [-1, 1]; colours outside the gamut are clipped."""
    light, a, b = lab.split(1, 1)
    fy = (light + 16) / 116
    f = torch.cat((fy + a / 500, fy, fy - b / 200), 1)
    xyz = torch.where(f > EDGE, f**3, 3 * EDGE**2 * (f - 4 / 29))
    linear = _mixed(RGB, xyz).clamp(0, 1)
    rgb = torch.where(linear > 0.0031308, 1.055 * linear.clamp(min=1e-6) ** (1 / 2.4) - 0.055, 12.92 * linear)
    return rgb * 2 - 1


def lightness(x: Tensor) -> Tensor:
    """Return L ``[N, 1, H, W]`` in 0..100 of sRGB ``[N, 3, H, W]`` in [-1, 1], without computing a and b."""
    y = _mixed(XYZ[1:2], _linear(((x + 1) / 2).clamp(0, 1))).clamp(min=0)
    return 116 * _root(y) - 16


def lightness_of_pixels(image: Tensor) -> Tensor:
    """Return ``lightness`` of uint8 RGB ``[N, H, W, 3]``, through a table of the 256 levels instead of their power."""
    table = _linear(torch.arange(256, device=image.device) / 255)
    y = _mixed(XYZ[1:2], table[image.long()].permute(0, 3, 1, 2))
    return 116 * _root(y) - 16


def _linear(rgb: Tensor) -> Tensor:
    """Return sRGB in 0..1 without its gamma curve."""
    return torch.where(rgb > 0.04045, ((rgb + 0.055) / 1.055).clamp(min=1e-6) ** 2.4, rgb / 12.92)


def _root(xyz: Tensor) -> Tensor:
    """Return the cube root of CIE Lab, which is a line near 0."""
    return torch.where(xyz > EDGE**3, xyz.clamp(min=1e-6) ** (1 / 3), xyz / (3 * EDGE**2) + 4 / 29)


def _mixed(rows: "tuple[tuple[float, ...], ...] | list[list[float]]", planes: Tensor) -> Tensor:
    """Return weighted sums of planes ``[N, 3, H, W]``, one for each row of weights."""
    one, two, three = planes.split(1, 1)
    return torch.cat([row[0] * one + row[1] * two + row[2] * three for row in rows], 1)
