"""Losses for body joints: belief maps, one-hot maps with a background class, and regression of coordinates.

Belief maps have a Gaussian at each joint (Wei et al. 2016, eq. 4); regression (Toshev & Szegedy 2014) is the baseline
of Tompson et al. 2014. The target of a joint outside the image is an empty map; a joint that is not annotated is left
out of the loss.
"""

from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

Loss = Literal["cross_entropy", "squared", "one_hot", "direct"]
RARE = 0.1
"""Weight of the background class in the cross-entropy, low because nearly all cells are background."""


def belief_maps(loss: Loss, logits: Tensor, joints: Tensor, known: Tensor, stride: int, sigma: float) -> Tensor:
    """Return the error of belief maps ``[B, K, h, w]`` against a Gaussian at each joint, a mean over known joints.

    ``joints`` are ``[B, K, 3]``: x, y in pixels, score. ``known`` ``[B, K]`` is 1 where it is annotated. A cell is
    ``stride`` pixels wide, and ``sigma`` is in cells. ``squared`` is the loss of the paper;
    ``cross_entropy``, binary and per cell, learns faster from few images. Both are divided by the sum of a Gaussian.
    """
    height, width = logits.shape[-2:]
    target = spread(joints, height, width, stride, sigma)
    if loss == "squared":
        error = (logits.sigmoid() - target).square().sum((2, 3))
    else:
        error = F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum((2, 3))
    return (error * known).sum() / known.sum().clamp(1) / (2 * np.pi * sigma**2)  # the sum of a Gaussian


def one_hot(logits: Tensor, joints: Tensor, known: Tensor, stride: int) -> Tensor:
    """Return the cross-entropy of logits ``[B, K + 1, h, w]``: each cell is one of the joints or the background, last.

    A joint covers the four cells around it; where joints overlap, the later one counts. A joint that is not ``known``
    is left out of the softmax of its image. ``joints`` are ``[B, K, 3]`` in pixels, ``stride`` pixels to a cell.
    """
    count, (height, width) = joints.shape[1], logits.shape[-2:]
    logits = torch.cat([logits[:, :-1].masked_fill(known[..., None, None] == 0, -1e4), logits[:, -1:]], 1)
    rows, columns = (torch.arange(n, device=joints.device) + 0.5 for n in (height, width))
    x, y, present = joints[..., 0, None] / stride, joints[..., 1, None] / stride, joints[..., 2] * known > 0
    near = ((rows - y).abs() <= 1)[..., None] & ((columns - x).abs() <= 1)[..., None, :]  # [B, K, h, w]
    near &= present[..., None, None]
    number = torch.arange(1, count + 1, device=joints.device)[:, None, None]
    truth = (near * number).amax(1)  # 0 for background
    truth = torch.where(truth == 0, count, truth - 1)
    weight = torch.ones(count + 1, device=logits.device)
    weight[-1] = RARE
    return F.cross_entropy(logits, truth, weight)


def coordinates(found: Tensor, joints: Tensor, known: Tensor, side: int) -> Tensor:
    """Return the loss of regressed joints ``[B, K, 3]``: x and y as shares of ``side``, and the logit of the score.

    The sum of 100 times the squared error of the coordinates, over joints in the image, and the binary cross-entropy of
    the score, over known joints. ``joints`` are ``[B, K, 3]`` in pixels.
    """
    present = joints[..., 2] * known
    apart = (found[..., :2] - joints[..., :2] / side).square().sum(-1)
    error = (apart * present).sum() / present.sum().clamp(1)
    entropy = F.binary_cross_entropy_with_logits(found[..., 2], joints[..., 2].clamp(0, 1), known, reduction="sum")
    return 100 * error + entropy / known.sum().clamp(1)


def spread(joints: Tensor, height: int, width: int, stride: int, sigma: float) -> Tensor:
    """Return maps ``[B, K, height, width]`` with a Gaussian of ``sigma`` cells at each joint, scaled by its score.

    ``joints`` are ``[B, K, 3]`` in pixels. The same as ``synth.pixels.body.peaks.spread`` for each image.
    """
    x, y, score = joints.unbind(-1)

    def gaussian(place: Tensor, length: int) -> Tensor:
        cells = torch.arange(length, device=joints.device) + 0.5
        return torch.exp(-((cells - place[..., None] / stride) ** 2) / (2 * sigma**2))

    return score[..., None, None] * gaussian(y, height)[..., None] * gaussian(x, width)[..., None, :]
