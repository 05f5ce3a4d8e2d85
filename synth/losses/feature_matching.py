"""Feature matching loss: a discriminator's features of fake and real image must be equal (Wang et al. 2018)."""

import torch
from torch import Tensor


def feature_matching(found: list[list[Tensor]], wanted: list[list[Tensor]]) -> Tensor:
    """Return the feature matching loss (eq. 4): the mean absolute difference of a map, averaged over all maps.

    ``found`` and ``wanted`` hold, for each discriminator, its feature maps of the fake and of the real image; the last
    map of each are its logits and is left out.
    """
    pairs = [pair for a, b in zip(found, wanted, strict=True) for pair in zip(a[:-1], b[:-1], strict=True)]
    return torch.stack([(a - b).abs().mean() for a, b in pairs]).mean()
