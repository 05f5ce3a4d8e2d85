"""Feature matching: the same features in a discriminator as the real picture has (Wang et al. 2018, eq. 4)."""

import torch
from torch import Tensor


def matching(found: list[list[Tensor]], wanted: list[list[Tensor]]) -> Tensor:
    """Return the mean over all maps of their mean absolute difference, a scalar.

    A list of maps for each discriminator, its logits last: these are left out.
    """
    pairs = [pair for a, b in zip(found, wanted, strict=True) for pair in zip(a[:-1], b[:-1], strict=True)]
    return torch.stack([(a - b).abs().mean() for a, b in pairs]).mean()
