"""Fill holes: a generator that starts from smooth interpolation, and seamless blending of its output."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.pixels import from_pixels, to_pixels
from synth.networks.live import Live
from synth.networks.network import Wrapper

LEVELS = 5
"""Halvings of the image pyramid of ``spread``; the sizes that the generator takes allow as many."""
ROUNDS = 4
"""Smoothing iterations over missing pixels at each level of the pyramid."""
SMALL = 1e-9


class Filler(Wrapper[Live]):
    """Complete an image ``[N, 3, H, W]`` in [-1, 1] under a mask ``[N, 1, H, W]`` (1 = missing).

    The missing pixels are hidden from the generator. Where the paper fills them with gray, here the known pixels are
    spread smoothly into them, and the generator learns the difference: even a short training is no worse than the
    smooth filling.
    """

    def begin(self) -> None:
        """Set the weights of the last layer to zero, so that training starts from the smooth filling.

        From a random last layer, ReLUs died while training removed its noise.
        """
        nn.init.zeros_(self.body.head.weight)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        guess = torch.where(mask > 0, spread(x, 1 - mask), x)
        return guess + self.body(torch.cat((guess, mask * 2 - 1), 1))


class Filled(Wrapper[Filler]):
    """Fill holes with a frozen ``Filler``: image and mask, both uint8 ``[N, H, W, 3]``, to the filled image.

    A pixel is missing where any channel of the mask is 128 or more. Known pixels are returned unchanged.
    """

    def forward(self, *images: Tensor) -> Tensor:
        image, marks = images
        mask = (marks.amax(3, keepdim=True).permute(0, 3, 1, 2).float() > 127).float()
        x = from_pixels(image)
        made = joined(x, mask, self.body(x, mask))
        return to_pixels(torch.where(mask > 0, made, x))


def joined(x: Tensor, mask: Tensor, made: Tensor) -> Tensor:
    """Return the generator's output ``made``, shifted smoothly so that it meets the image ``x`` at the hole's border.

    All are in [-1, 1]; ``mask`` is 1 inside the hole. The difference ``x - made`` around the hole is interpolated into
    it as a membrane (compare Poisson image editing) and added.
    """
    return (made + spread(x - made, 1 - mask)).clamp(-1, 1)


def spread(x: Tensor, known: Tensor) -> Tensor:
    """Return ``x`` ``[N, C, H, W]`` interpolated smoothly where ``known`` ``[N, 1, H, W]`` is 0; ``x`` there is unused.

    Pull-push interpolation (Gortler et al. 1996) with smoothing: known pixels are averaged down a pyramid; on the way
    back up, unknown pixels take the value of the coarser level and are averaged with their neighbours ``ROUNDS`` times.
    An image without any known pixel becomes 0.
    """
    means, weights = [x * known], [known]
    for _ in range(LEVELS):
        means.append(F.avg_pool2d(means[-1], 2))
        weights.append(F.avg_pool2d(weights[-1], 2))
    mean, weight = means[-1], weights[-1]
    for _ in range(ROUNDS):  # a hole can still be this many cells wide at the coarsest level
        mean = torch.where(weights[-1] > 0, mean, F.avg_pool2d(mean, 3, 1, 1))
        weight = torch.where(weights[-1] > 0, weight, F.avg_pool2d(weight, 3, 1, 1))
    filled = mean / weight.clamp(min=SMALL)
    for mean, weight in zip(reversed(means[:-1]), reversed(weights[:-1]), strict=True):
        sure = mean / weight.clamp(min=SMALL)
        filled = torch.where(weight > 0, sure, F.interpolate(filled, scale_factor=2.0, mode="bilinear"))
        for _ in range(ROUNDS):
            about = F.avg_pool2d(filled, 3, 1, 1, count_include_pad=False)
            filled = torch.where(weight > 0, sure, about)
    return filled
