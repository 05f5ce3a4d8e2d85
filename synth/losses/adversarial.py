"""Adversarial losses on patch logits, as pairs of functions ``real`` and ``fake``."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

Adversarial = Literal["vanilla", "least_squares"]
Loss = Callable[[Tensor], Tensor]


def terms(kind: Adversarial) -> tuple[Loss, Loss]:
    """Return the functions ``real`` and ``fake``: the mean loss of logits ``[N, 1, H, W]`` against either target.

    ``vanilla`` is the cross-entropy of Goodfellow et al. 2014 in its non-saturating form (Isola et al. 2017, sec. 3.3);
    ``least_squares`` is the squared error of Mao et al. 2017 with targets 1 and 0.
    """
    return (_softplus_real, _softplus_fake) if kind == "vanilla" else (_squares_real, _squares_fake)


def _softplus_real(logits: Tensor) -> Tensor:
    return F.softplus(-logits.float()).mean()


def _softplus_fake(logits: Tensor) -> Tensor:
    return F.softplus(logits.float()).mean()


def _squares_real(logits: Tensor) -> Tensor:
    return (logits.float() - 1).square().mean()


def _squares_fake(logits: Tensor) -> Tensor:
    return torch.square(logits.float()).mean()
