"""Compute KID, the kernel Inception distance (Bińkowski et al. 2018, sec. 4: unbiased MMD², cubic kernel)."""

import warnings

import torch
from torch import Tensor, nn
from torchmetrics.image.kid import KernelInceptionDistance

SUBSETS = 100
LARGEST = 50


def subset_size(count: int) -> int:
    """Return the number of images in each random subset.

    At most half of the set: subsets of the size of the set would all be equal, and their spread a meaningless zero.
    """
    return max(2, min(LARGEST, count // 2))


def kernel_distance(real: Tensor, fake: Tensor, seed: int = 0) -> tuple[float, float]:
    """Return mean and standard deviation of KID over ``SUBSETS`` random subsets of features ``[N, D]``, ``[M, D]``.

    The subsets depend on ``seed`` only. Raises ``ValueError`` for fewer than two rows.
    """
    count = min(len(real), len(fake))
    if count < 2:
        raise ValueError("KID needs at least 2 images of each kind.")
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        # Suppress its warning that all features are kept in memory: they are kept anyway.
        warnings.filterwarnings("ignore", message=".*will save all extracted features.*")
        metric = KernelInceptionDistance(nn.Identity(), subsets=SUBSETS, subset_size=subset_size(count))
        metric.set_dtype(torch.float64)
        metric.update(real.double(), real=True)
        metric.update(fake.double(), real=False)
        torch.manual_seed(seed)
        mean, std = metric.compute()
    return float(mean), float(std)
