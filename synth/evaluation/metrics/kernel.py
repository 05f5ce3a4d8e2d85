"""The kernel Inception distance (Bińkowski et al. 2018, section 4): unbiased MMD², cubic kernel, by torchmetrics."""

import warnings

import torch
from torch import Tensor, nn
from torchmetrics.image.kid import KernelInceptionDistance

SUBSETS = 100
LARGEST = 50


def subset_size(count: int) -> int:
    """Return how many pictures each random subset holds.

    At most half the set, since subsets of the whole set are all the same and their spread would be an empty zero.
    """
    return max(2, min(LARGEST, count // 2))


def kernel_distance(real: Tensor, fake: Tensor, seed: int = 0) -> tuple[float, float]:
    """Return mean and standard deviation of KID over ``SUBSETS`` random subsets of features ``[N, D]``, ``[M, D]``.

    The subsets depend on ``seed`` alone. Raises ``ValueError`` for fewer than two rows.
    """
    count = min(len(real), len(fake))
    if count < 2:
        raise ValueError("KID needs at least 2 pictures of each kind.")
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        # It announces at every construction that it keeps all features; they are kept anyway.
        warnings.filterwarnings("ignore", message=".*will save all extracted features.*")
        metric = KernelInceptionDistance(nn.Identity(), subsets=SUBSETS, subset_size=subset_size(count))
        metric.set_dtype(torch.float64)
        metric.update(real.double(), real=True)
        metric.update(fake.double(), real=False)
        torch.manual_seed(seed)
        mean, std = metric.compute()
    return float(mean), float(std)
