"""Colours as classes (Zhang, Isola, Efros 2016, sec. 2.1 and 2.2): soft targets, rare colours weighed up."""

import numpy as np
import torch
from torch import Tensor

from synth.networks.colornet import centres
from synth.pixels import color

NEIGHBOURS, SIGMA = 5, 5.0
MIX = 0.5
"""How much of the uniform distribution is mixed in (the paper's lambda)."""


def soft_targets(ab: Tensor) -> tuple[Tensor, Tensor]:
    """Return the 5 nearest bins of colours ``[N, 2, h, w]`` and their shares, ``[N, h, w, 5]`` each.

    The shares fall with the distance like a Gaussian of width 5; the nearest bin stands first.
    """
    points = ab.permute(0, 2, 3, 1).reshape(-1, 2)
    distance, index = torch.cdist(points, centres(ab)).topk(NEIGHBOURS, largest=False)
    share = torch.exp(-(distance**2) / (2 * SIGMA**2))
    shape = (ab.shape[0], *ab.shape[2:], NEIGHBOURS)
    return index.view(shape), (share / share.sum(1, keepdim=True)).view(shape)


def cross_entropy(logits: Tensor, ab: Tensor, weights: Tensor) -> Tensor:
    """Return eq. 2 as a mean: logits ``[N, 313, h, w]``, true colours ``[N, 2, h, w]``, weights of the bins ``[313]``.

    A place weighs what its nearest bin does.
    """
    index, share = soft_targets(ab)
    scores = logits.float().log_softmax(1).permute(0, 2, 3, 1).gather(-1, index)  # [N, h, w, 5]
    return -((scores * share).sum(-1) * weights[index[..., 0]]).mean()


def rebalancing(shares: Tensor, mix: float = MIX) -> Tensor:
    """Return the weight of each bin, ``[313]``, from how common it is (eq. 4); their mean over the colours is 1."""
    smooth = smoothed(shares)
    weights = 1 / ((1 - mix) * smooth + mix / color.BINS)
    return weights / (smooth * weights).sum()


def smoothed(shares: Tensor) -> Tensor:
    """Return shares ``[313]`` blurred over the neighbouring bins by a Gaussian of width 5, as the paper does."""
    points = torch.from_numpy(np.ascontiguousarray(color.bins())).to(shares)
    near = torch.exp(-(torch.cdist(points, points) ** 2) / (2 * SIGMA**2))
    smooth = near @ shares / near.sum(1)
    return smooth / smooth.sum()
