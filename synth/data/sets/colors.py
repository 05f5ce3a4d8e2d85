"""Photographs for colorization: black-and-white ones are left out, and the frequency of each colour bin is counted."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch

from synth.data.sets.photos import Photos, Windows
from synth.pixels import color

GRAY = 4.0
"""Mean distance from gray, in ab, below which a photograph counts as black and white."""
LOOKED = 64
"""Side in pixels at which colours are counted: about the resolution of the network's output."""


@dataclass(frozen=True, kw_only=True)
class Colors(Photos):
    """Like ``Photos``; ``facts["colors"]`` is the share of each of the 313 bins in the training split, ``[313]``."""

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> Windows:
        images = [image for image in self.read(self.find(folder, "train")) if color.chroma(_small(image)) > GRAY]
        if not images:
            raise ValueError(
                f"{folder} holds no photographs in colour, only black-and-white ones. Add photographs in colour."
            )
        return Windows(images, self, batch, device, seed, {"colors": torch.from_numpy(shares(images))})


def shares(images: list[np.ndarray]) -> np.ndarray:
    """Return the share of each bin among the colours of uint8 photographs, float32 ``[313]``."""

    def count(image: np.ndarray) -> np.ndarray:
        ab = color.to_lab(_small(image))[..., 1:]
        return np.bincount(color.nearest_bin(ab).ravel(), minlength=color.BINS)

    with ThreadPoolExecutor() as pool:
        total = np.sum(list(pool.map(count, images)), axis=0)
    return (total / total.sum()).astype(np.float32)


def _small(image: np.ndarray) -> np.ndarray:
    return cv2.resize(image, (LOOKED, LOOKED), interpolation=cv2.INTER_AREA)
