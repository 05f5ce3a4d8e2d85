"""The ways to teach a network where joints are: a number each, a bump each, or a class for every cell.

Direct regression is what Thompson et al. 2014 compare with (Toshev & Szegedy 2014), bumps are Wei et al. 2016, eq. 4.
Of joints that are not in the picture an empty map is taught; of joints of which nothing is known, nothing.
"""

from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Loss = Literal["cross_entropy", "squared", "one_hot", "direct"]
RARE = 0.1
"""What an empty cell counts among the classes: hardly any cell holds a joint."""


def bumps(loss: Loss, logits: Tensor, joints: Tensor, known: Tensor, stride: int, sigma: float) -> Tensor:
    """Return how far maps ``[B, K, h, w]`` are from a bump at each of ``[B, K, 3]``, a mean over the ``known``.

    ``squared`` is the paper's error; ``cross_entropy``, of every cell by itself, learns faster from few pictures.
    """
    height, width = logits.shape[-2:]
    target = spread(joints, height, width, stride, sigma)
    if loss == "squared":
        error = (logits.sigmoid() - target).square().sum((2, 3))
    else:
        error = F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum((2, 3))
    return (error * known).sum() / known.sum().clamp(1) / (2 * np.pi * sigma**2)  # the mass of a bump


def one_hot(logits: Tensor, joints: Tensor, known: Tensor, stride: int) -> Tensor:
    """Return the cross-entropy of ``[B, K + 1, h, w]``: each cell is one of the joints or, the last, background.

    A joint is the four cells around it; where two joints meet the later one counts. One of which nothing is known is
    no class of its picture.
    """
    count, (height, width) = joints.shape[1], logits.shape[-2:]
    logits = torch.cat([logits[:, :-1].masked_fill(known[..., None, None] == 0, -1e4), logits[:, -1:]], 1)
    rows, columns = (torch.arange(n, device=joints.device) + 0.5 for n in (height, width))
    x, y, there = joints[..., 0, None] / stride, joints[..., 1, None] / stride, joints[..., 2] * known > 0
    near = ((rows - y).abs() <= 1)[..., None] & ((columns - x).abs() <= 1)[..., None, :]  # [B, K, h, w]
    near &= there[..., None, None]
    number = torch.arange(1, count + 1, device=joints.device)[:, None, None]
    truth = (near * number).amax(1)  # 0 where there is none
    truth = torch.where(truth == 0, count, truth - 1)
    weight = torch.ones(count + 1, device=logits.device)
    weight[-1] = RARE
    return F.cross_entropy(logits, truth, weight)


def direct(found: Tensor, joints: Tensor, known: Tensor, side: int) -> Tensor:
    """Return the squared error of places ``[B, K, 3]`` in shares of ``side``, and the entropy of the third, a logit."""
    there = joints[..., 2] * known
    apart = (found[..., :2] - joints[..., :2] / side).square().sum(-1)
    error = (apart * there).sum() / there.sum().clamp(1)
    entropy = F.binary_cross_entropy_with_logits(found[..., 2], joints[..., 2].clamp(0, 1), known, reduction="sum")
    return 100 * error + entropy / known.sum().clamp(1)


def spread(joints: Tensor, height: int, width: int, stride: int, sigma: float) -> Tensor:
    """Do what ``synth.pixels.body.peaks.spread`` does to each ``[K, 3]`` of a batch: maps ``[B, K, height, width]``."""
    x, y, score = joints.unbind(-1)

    def bump(place: Tensor, length: int) -> Tensor:
        cells = torch.arange(length, device=joints.device) + 0.5
        return torch.exp(-((cells - place[..., None] / stride) ** 2) / (2 * sigma**2))

    return score[..., None, None] * bump(y, height)[..., None] * bump(x, width)[..., None, :]
