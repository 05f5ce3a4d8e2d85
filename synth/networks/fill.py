"""A hole in a picture, filled in: what goes around the generator, so that what is known stays and no seam shows."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.pixels import from_pixels, to_pixels

LEVELS = 5
"""How often the seam's error is halved in size on its way into a hole: the generator's pictures allow as many."""


class Filler(nn.Module):
    """A generator: picture ``[N, 3, H, W]`` in [-1, 1] and mask ``[N, 1, H, W]`` (1 = missing) to a whole picture.

    What is missing is hidden from it: it is gray there.
    """

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body, self.multiple = body, body.multiple

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        return self.body(torch.cat((x * (1 - mask), mask * 2 - 1), 1))


class Filled(nn.Module):
    """Wraps a frozen ``Filler``: picture and mask, uint8 ``[N, H, W, 3]``, to the picture with its holes filled.

    A pixel is missing where any channel of the mask is 128 or more. Known pixels are the picture's own.
    """

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body

    def forward(self, *images: Tensor) -> Tensor:
        image, marks = images
        mask = (marks.amax(3, keepdim=True).permute(0, 3, 1, 2).float() > 127).float()
        x = from_pixels(image)
        made = joined(x, mask, self.body(x, mask))
        return to_pixels(torch.where(mask > 0, made, x))


def joined(x: Tensor, mask: Tensor, made: Tensor) -> Tensor:
    """Return what was made, shifted smoothly so that it meets the picture where a hole ends.

    What it differs by outside of the hole is spread into it, from fine to coarse: each missing pixel takes the finest
    mean that has anything known in it (the pull-push of Gortler et al. 1996), as a membrane over the hole would.
    """
    known = 1 - mask
    errors, weights = [(x - made) * known], [known]
    for _ in range(LEVELS):
        errors.append(F.avg_pool2d(errors[-1], 2))
        weights.append(F.avg_pool2d(weights[-1], 2))
    spread = errors[-1] / weights[-1].clamp(min=1e-4) * (weights[-1] > 0)
    for error, weight in zip(reversed(errors[:-1]), reversed(weights[:-1]), strict=True):
        coarse = F.interpolate(spread, scale_factor=2.0, mode="bilinear", align_corners=False)
        spread = torch.where(weight > 0, error / weight.clamp(min=1e-4), coarse)
    return (made + spread).clamp(-1, 1)
