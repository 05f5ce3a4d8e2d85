"""A hole in a picture, filled in: what goes around the generator, so that what is known stays and no seam shows."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.pixels import from_pixels, to_pixels

LEVELS = 5
"""How often what is known is halved in size on its way into a hole: the generator's pictures allow as many."""
ROUNDS = 4
"""How often missing pixels take the mean about them, at each of these sizes."""
SMALL = 1e-9


class Filler(nn.Module):
    """A generator: picture ``[N, 3, H, W]`` in [-1, 1] and mask ``[N, 1, H, W]`` (1 = missing) to a whole picture.

    What is missing is hidden from it. It begins with what is known spread smoothly into the holes, where the paper's
    encoder begins with gray, and learns what differs: a short training never falls behind the smooth filling.
    """

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body, self.multiple = body, body.multiple

    def begin(self) -> None:
        """Let the smooth filling itself come out: noise around it was unlearned by ReLUs that never opened again."""
        nn.init.zeros_(self.body.head.weight)  # type: ignore[union-attr, arg-type]

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        guess = torch.where(mask > 0, spread(x, 1 - mask), x)
        return guess + self.body(torch.cat((guess, mask * 2 - 1), 1))


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

    What it differs by outside of the hole is spread into it, as a membrane over the hole would.
    """
    return (made + spread(x - made, 1 - mask)).clamp(-1, 1)


def spread(x: Tensor, known: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` with smooth values where ``known``, ``[N, 1, H, W]``, is 0; those are not looked at.

    From fine to coarse and back: where nothing is known at a size, pixels take what the coarser one found, and then a
    few times the mean about them (the pull-push of Gortler et al. 1996, relaxed). 0 where nothing is known at all.
    """
    means, weights = [x * known], [known]
    for _ in range(LEVELS):
        means.append(F.avg_pool2d(means[-1], 2))
        weights.append(F.avg_pool2d(weights[-1], 2))
    mean, weight = means[-1], weights[-1]
    for _ in range(ROUNDS):  # holes reach as far as this at the coarsest size
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
