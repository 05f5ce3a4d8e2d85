"""Colour classification with soft targets and class rebalancing (Zhang, Isola, Efros 2016, sec. 2.1 and 2.2)."""

import numpy as np
import torch
from torch import Tensor

from synth.networks.colornet import centres
from synth.pixels import color

NEIGHBOURS, SIGMA = 5, 5.0
"""Number of nearest bins in a soft target; standard deviation of the Gaussian over their distances, in units of ab."""
MIX = 0.5
"""Share of the uniform distribution in the rebalancing weights (the paper's lambda)."""


def soft_targets(ab: Tensor) -> tuple[Tensor, Tensor]:
    """Return the indices and weights of the 5 bins nearest to colours ``[N, 2, h, w]`` in ab, ``[N, h, w, 5]`` each.

    The weights are a Gaussian of the distance with standard deviation 5 and sum to 1; the nearest bin comes first.
    """
    points = ab.permute(0, 2, 3, 1).reshape(-1, 2)
    distance, index = torch.cdist(points, centres(ab)).topk(NEIGHBOURS, largest=False)
    share = torch.exp(-(distance**2) / (2 * SIGMA**2))
    shape = (ab.shape[0], *ab.shape[2:], NEIGHBOURS)
    return index.view(shape), (share / share.sum(1, keepdim=True)).view(shape)


def cross_entropy(logits: Tensor, ab: Tensor, weights: Tensor) -> Tensor:
    """Return the rebalanced cross-entropy (eq. 2) as a mean over cells, a scalar.

    ``logits`` are ``[N, 313, h, w]``, the true colours ``ab`` ``[N, 2, h, w]``, and ``weights`` those of the bins,
    ``[313]``: a cell has the weight of its nearest bin.
    """
    index, share = soft_targets(ab)
    scores = logits.float().log_softmax(1).permute(0, 2, 3, 1).gather(-1, index)  # [N, h, w, 5]
    return -((scores * share).sum(-1) * weights[index[..., 0]]).mean()


def rebalancing(shares: Tensor, mix: float = MIX) -> Tensor:
    """Return the weight of each bin ``[313]`` from its frequency (eq. 4); the mean over the distribution is 1."""
    smooth = smoothed(shares)
    weights = 1 / ((1 - mix) * smooth + mix / color.BINS)
    return weights / (smooth * weights).sum()


def log_weights(shares: Tensor) -> Tensor:
    """Return the logarithm of ``rebalancing``, ``[313, 1, 1]``, as ``ColorNet`` keeps it."""
    return rebalancing(shares).log().view(-1, 1, 1)


def smoothed(shares: Tensor) -> Tensor:
    """Return frequencies ``[313]`` smoothed over ab by a Gaussian of standard deviation 5, as in the paper; sum 1."""
    points = torch.from_numpy(np.ascontiguousarray(color.bins())).to(shares)
    near = torch.exp(-(torch.cdist(points, points) ** 2) / (2 * SIGMA**2))
    smooth = near @ shares / near.sum(1)
    return smooth / smooth.sum()
