"""Measure one image against the true one, pixel by pixel: L1, PSNR and SSIM (Wang et al. 2004), by scikit-image."""

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

CEILING = 100.0
"""PSNR in dB that equal images get; the true value, infinity, would make every mean infinite."""
WINDOW = 11
DESCRIPTION = "SSIM with the 11x11 Gaussian window (sigma 1.5) per RGB channel; PSNR per picture on RGB, range 255"

Picture = NDArray[np.uint8]


def l1(output: Picture, truth: Picture) -> float:
    """Return the mean absolute difference of two uint8 images ``[H, W, 3]``, in grey levels 0..255."""
    _check(output, truth)
    return float(np.abs(output.astype(np.int16) - truth.astype(np.int16)).mean())


def psnr(output: Picture, truth: Picture) -> float:
    """Return the peak signal-to-noise ratio in dB over all three channels of uint8 ``[H, W, 3]``."""
    _check(output, truth)
    if np.array_equal(output, truth):
        return CEILING
    return min(CEILING, float(peak_signal_noise_ratio(truth, output, data_range=255)))


def ssim(output: Picture, truth: Picture) -> float:
    """Return the structural similarity of uint8 ``[H, W, 3]``, the mean of the three channels, 1 for equal images.

    Raises ``ValueError`` for images smaller than the window.
    """
    _check(output, truth)
    if min(truth.shape[:2]) < WINDOW:
        raise ValueError(f"SSIM needs images of at least {WINDOW}x{WINDOW} pixels, this one is {truth.shape[:2]}.")
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    # A float, because neither the gradient nor the full map is requested.
    return float(np.float64(structural_similarity(truth, output, data_range=255, channel_axis=2, **options)))  # type: ignore[arg-type]


def _check(output: Picture, truth: Picture) -> None:
    """Raise ``ValueError`` unless both images are uint8 ``[H, W, 3]`` of one size."""
    if output.dtype != np.uint8 or truth.dtype != np.uint8 or output.shape != truth.shape or truth.ndim != 3:
        raise ValueError(
            "Two uint8 images of one size are needed to compare them, "
            f"these are {output.dtype} {output.shape} and {truth.dtype} {truth.shape}."
        )
