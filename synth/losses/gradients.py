"""Flat where the truth is flat, edges where it has edges (after Mathieu et al. 2016, eq. 6, with the edges' signs)."""

from torch import Tensor


def gradients(a: Tensor, b: Tensor) -> Tensor:
    """Return the mean absolute difference between the steps from pixel to pixel of two pictures ``[N, C, H, W]``.

    The sum of both directions; a colour that is off everywhere alike costs nothing.
    """
    gap = a - b
    return (gap[..., 1:] - gap[..., :-1]).abs().mean() + (gap[..., 1:, :] - gap[..., :-1, :]).abs().mean()
