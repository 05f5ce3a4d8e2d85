"""Decide whether two folders hold pairs: by file names, and by image content if the names are only numbers."""

from pathlib import Path

import cv2
import numpy as np

from synth.data.doctor.survey import Item, label_side
from synth.data.sets.pairs import SPLITS
from synth.data.sets.unpaired import AUTHORS, Sides, Unpaired
from synth.pixels import images

LOOKED = 64
"""Number of pairs compared."""
FEW = 4
SIDE, BLUR = 32, 1.5
SURE = 4.0
"""Standard errors by which pairs must correlate more than non-pairs to count as pairs."""


def why_unpaired(folder: Path, x: str, y: str) -> str:
    """Return why a data set is taken as two unpaired folders; empty for pairs and for other layouts."""
    try:
        found = Unpaired(name="", x=x, y=y).splits(folder)
    except ValueError:
        return ""
    one, other = AUTHORS["x"], AUTHORS["y"]
    for part in (name for names in SPLITS.values() for name in names):
        if (folder / f"{part}{one}").is_dir() and (folder / f"{part}{other}").is_dir():
            return f"the folders are called {part}{one} and {part}{other}"
    shared = [pair for sides in found.values() for pair in _same_names(sides)]
    least = sum(min(map(len, sides)) for sides in found.values())
    if 2 * len(shared) < least:
        return f"only {len(shared):,} of {least:,} names are on both sides" if shared else "no name is on both sides"
    counted = all(file.stem.isdigit() for sides in found.values() for side in sides for file in side)
    if counted and not _labels(shared) and not edges_match(shared):
        return "the names are numbers, and images with the same number are no more alike than others"
    return ""


def _same_names(sides: Sides) -> list[tuple[Path, Path]]:
    x, y = ({file.stem: file for file in side} for side in sides)
    return [(x[name], y[name]) for name in sorted(x.keys() & y.keys())]


def _labels(pairs: list[tuple[Path, Path]]) -> bool:
    """Return whether one side holds label maps, which always form pairs with the other side."""
    sides = (Item("", path.stem, side, path) for pair in pairs for side, path in zip(("x", "y"), pair, strict=True))
    return label_side(tuple(sides)) is not None


def edges_match(pairs: list[tuple[Path, Path]]) -> bool:
    """Return whether the two images of each pair have edges in the same places, more than non-pairs do.

    True if there are too few pairs to tell.
    """
    step = max(1, len(pairs) // LOOKED)
    compared = [both for x, y in pairs[::step][:LOOKED] if (both := (_edges(x), _edges(y))) and all(map(len, both))]
    if len(compared) < FEW:
        return True
    x, y = (np.stack(side) for side in zip(*compared, strict=True))
    same = x @ y.T / x.shape[1]  # correlations; the diagonal holds those of the pairs
    unrelated = (same.sum(1) - same.diagonal()) / (len(same) - 1)
    gain = same.diagonal() - unrelated
    return bool(gain.mean() > SURE * max(gain.std(ddof=1) / np.sqrt(len(gain)), 1e-3))


def _edges(path: Path) -> np.ndarray:
    """Return a map of edge strength, float32 ``[SIDE * SIDE]`` with mean 0 and deviation 1; empty if unreadable."""
    try:
        gray = cv2.cvtColor(images.read(path), cv2.COLOR_RGB2GRAY)
    except ValueError:
        return np.zeros(0, np.float32)
    small = cv2.resize(gray, (4 * SIDE, 4 * SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    strength = np.hypot(cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1))
    edges = cv2.resize(cv2.GaussianBlur(strength, (0, 0), BLUR), (SIDE, SIDE), interpolation=cv2.INTER_AREA).ravel()
    return (edges - edges.mean()) / max(float(edges.std()), 1e-6)
