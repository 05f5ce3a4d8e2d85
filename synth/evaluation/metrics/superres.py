"""Measure enlarged images against the originals by the protocol of the super-resolution literature.

PSNR and SSIM are computed on Y, the luma of BT.601 in 16..235 rounded like MATLAB's ``rgb2ycbcr``, without ``scale``
pixels at every edge. The low resolution is made by ``synth.pixels.bicubic``. Bicubic x4 has 28.42 dB and 0.810 on Set5.
"""

import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from skimage.metrics import structural_similarity

from synth.data.sets.data_root import data_root
from synth.data.sets.pairs import picture_files
from synth.evaluation.measure import planes
from synth.evaluation.metrics import lpips, psnr_ssim
from synth.metric import rounded
from synth.pixels import bicubic, images

SETS = ("Set5", "Set14")
FOLDER = "superres_test"
LUMA = np.array([65.481, 128.553, 24.966]) / 255
TIMED = (270, 480)
CALLS, SECONDS = 9, 20.0
Enlarge = Callable[[np.ndarray], np.ndarray]


def measure_enlarged(graph: Any, folder: Path | None = None) -> tuple[dict[str, float], str]:
    """Return metrics and protocol of a graph that enlarges ``graph.card.scale`` times.

    ``folder`` holds Set5 and Set14, by default ``$SYNTH_DATA/superres_test``; ``graph`` has ``run``, ``place`` and a
    ``card``. Raises ``ValueError`` if neither set is there.
    """
    scale, plain = graph.card.scale, floor(folder, graph.card.scale)
    found = compared(graph.run, folder, scale) | {"ms/MP": speed(graph)}
    return rounded(found), protocol(graph, [path.name for path in sets(folder)], plain)


@lru_cache(maxsize=8)
def floor(folder: Path | None, scale: int) -> dict[str, float]:
    """Return the metrics of bicubic enlargement, which a graph must beat."""
    return rounded(compared(lambda x: bicubic.scaled(x, scale), folder, scale))


def compared(enlarge: Enlarge, folder: Path | None, scale: int) -> dict[str, float]:
    """Return all metrics except speed, means over each set, of a function that enlarges uint8 ``[H, W, 3]``."""
    metrics: dict[str, float] = {}
    distances: list[float] = []
    for place in sets(folder):
        name, pairs = place.name, originals(place, scale)
        scores = [score(enlarge(x), y, scale) for x, y in pairs]
        decibels, likeness, apart = zip(*scores, strict=True)
        metrics |= {f"PSNR {name}": float(np.mean(decibels)), f"SSIM {name}": float(np.mean(likeness))}
        distances += apart
    return metrics | {"ST-LPIPS": float(np.mean(distances))}


def sets(folder: Path | None) -> list[Path]:
    """Return the folders of the test sets that are found. Raises ``ValueError`` if there are none."""
    place = folder or data_root() / FOLDER
    found = [place / name for name in SETS if (place / name).is_dir()]
    if not found:
        raise ValueError(f"{place} holds none of the folders {' and '.join(SETS)}. Put their PNG files there.")
    return found


def originals(folder: Path, scale: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield low resolution and truth of each file; the truth is cropped to a multiple of ``scale``."""
    for path in picture_files(folder):
        truth = images.read(path)
        height, width = (side // scale for side in truth.shape[:2])
        truth = truth[: height * scale, : width * scale]
        yield bicubic.resize(truth, height, width), truth


def score(output: np.ndarray, truth: np.ndarray, crop: int) -> tuple[float, float, float]:
    """Return PSNR and SSIM on Y without ``crop`` pixels at every edge, and ST-LPIPS, of two uint8 ``[H, W, 3]``."""
    a, b = (luma(image)[crop:-crop, crop:-crop] for image in (output, truth))
    apart = lpips.distances(planes(output[None].copy()), planes(truth[None].copy())).item()
    return psnr(a, b), ssim(a, b), apart


def luma(image: np.ndarray) -> np.ndarray:
    """Return Y of uint8 RGB ``[H, W, 3]``: float64 ``[H, W]``, integers in 16..235."""
    return np.rint(16 + image.astype(np.float64) @ LUMA)


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in dB of two Y ``[H, W]``, with 255 as the peak."""
    error = float(np.square(a - b).mean())
    return psnr_ssim.CEILING if not error else min(psnr_ssim.CEILING, float(10 * np.log10(255**2 / error)))


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Return the structural similarity of two Y ``[H, W]`` (Wang et al. 2004: Gaussian window, sigma 1.5)."""
    options = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(np.float64(structural_similarity(a, b, data_range=255, **options)))  # type: ignore[arg-type]


def speed(graph: Any) -> float:
    """Return the milliseconds per megapixel of output, the minimum over several runs of one image.

    On the CPU it is the summed CPU time of all cores, which other programs hardly affect.
    """
    clock = time.process_time if graph.place == "CPU" else time.perf_counter
    image = np.random.default_rng(0).integers(0, 256, (*TIMED, 3), dtype=np.uint8)
    graph.run(image)
    took: list[float] = []
    until = time.perf_counter() + SECONDS
    while len(took) < CALLS and (not took or time.perf_counter() < until):
        start = clock()
        graph.run(image)
        took.append(clock() - start)
    return min(took) * 1e3 / (TIMED[0] * TIMED[1] * graph.card.scale**2 / 1e6)


def protocol(graph: Any, sets: list[str], plain: dict[str, float]) -> str:
    """Return the protocol of the metrics in one paragraph; it is stored beside them in the card."""
    scale, height, width = graph.card.scale, *TIMED
    return (
        f"{' and '.join(sets)}, cut to a multiple of {scale}, made {scale} times smaller by bicubic as MATLAB's "
        "imresize does it (a = -0.5, antialiased, mirrored edges, rounded to 8 bits), enlarged by ONNX Runtime "
        f"{onnxruntime.__version__} on {graph.place}, whole. PSNR and SSIM on Y (BT.601, 16..235, rounded), {scale} "
        "pixels cut off at every edge, means over pictures; SSIM with the 11x11 Gaussian window (sigma 1.5). "
        f"{lpips.DESCRIPTION}, on RGB, mean over all pictures. Bicubic enlargement has "
        f"{', '.join(f'{name} {value:g}' for name, value in plain.items())}. "
        f"ms/MP: milliseconds a megapixel of output, of all cores together on a processor, for a {width}x{height} "
        f"picture, the least of up to {CALLS} runs. Libraries: torch {torch.__version__}, stlpips-pytorch 0.0.2. "
        "ST-LPIPS is not LPIPS, its network was trained anew."
    )
