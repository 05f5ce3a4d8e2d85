"""Gradient difference loss, after Mathieu et al. 2016, eq. 6, but with the signs of the gradients."""

from torch import Tensor


def gradients(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean absolute difference of the image gradients of two batches ``[N, C, H, W]``, a scalar.

    Gradients are differences of neighbouring pixels; both directions are added. A constant offset costs nothing.
    """
    gap = a - b
    return (gap[..., 1:] - gap[..., :-1]).abs().mean() + (gap[..., 1:, :] - gap[..., :-1, :]).abs().mean()
