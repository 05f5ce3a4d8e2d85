"""Photographs with random holes for inpainting (Pathak et al. 2016, fig. 3): rectangles and free-form brush strokes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from synth.data.sets.dataset import ALL
from synth.data.sets.photos import AHEAD, Photos, Windows
from synth.data.sets.store import normalised, prefetch

LEAST, MOST = 0.04, 0.4
"""Smallest and largest share of a window that is missing."""


@dataclass(frozen=True, kw_only=True)
class Holes(Photos):
    """Like ``Photos``; batches also have ``mask``, ``[B, 3, crop, crop]``: 1 where the image is missing, else -1.

    A share ``blocks`` of the holes are rectangles, the others brush strokes.
    """

    blocks: float = 0.5

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> "HoleBatches":
        return HoleBatches(self.read(self.find(folder, "train")), self, batch, device, seed)

    def sample(self, folder: Path) -> dict[str, Tensor]:
        """Return centre crops of the first held-out photographs as ``y``, and masks for them."""
        found = super().sample(folder)
        masks = [draw_hole(self.crop, self.blocks, np.random.default_rng(i)) for i in range(len(found["y"]))]
        return found | normalised({"mask": mask_images(masks)})


@dataclass
class HoleBatches(Windows):
    """Batches of windows and masks; a batch is a pure function of the seed and the step."""

    def batches(self, start: int, part: slice = ALL) -> Iterator[dict[str, Tensor]]:
        assert isinstance(self.data, Holes)
        blocks = self.data.blocks

        def cut(step: int) -> dict[str, Tensor]:
            rows = range(self.batch)[part]
            masks = [draw_hole(self.data.crop, blocks, np.random.default_rng((self.seed, 2, step, i))) for i in rows]
            return self.cut(step, part) | {"mask": mask_images(masks)}

        for ready in prefetch(cut, start, self.device, 1, AHEAD):
            yield normalised(ready)


def mask_images(masks: list[np.ndarray]) -> Tensor:
    """Stack masks ``[H, W]`` as uint8 images ``[N, H, W, 3]``."""
    return torch.from_numpy(np.repeat(np.stack(masks)[..., None], 3, 3))


def draw_hole(side: int, blocks: float, random: np.random.Generator) -> np.ndarray:
    """Return a random mask, uint8 ``[side, side]``: 255 where the image is missing (``LEAST`` to ``MOST`` of it), else
    0.
    """
    block = random.random() < blocks
    while True:
        mask = _block(side, random) if block else _strokes(side, random)
        if LEAST <= (mask > 0).mean() <= MOST:
            return mask


def _block(side: int, random: np.random.Generator) -> np.ndarray:
    mask = np.zeros((side, side), np.uint8)
    down, across = random.integers(side // 5, side * 5 // 8, 2)
    top, left = random.integers(0, side - down + 1), random.integers(0, side - across + 1)
    mask[top : top + down, left : left + across] = 255
    return mask


def _strokes(side: int, random: np.random.Generator) -> np.ndarray:
    """Draw brush strokes like those of a hand: each segment roughly keeps the direction of the one before."""
    mask = np.zeros((side, side), np.uint8)
    for _ in range(random.integers(1, 4)):
        place, angle = random.uniform(0, side, 2), random.uniform(0, 2 * np.pi)
        width = int(random.integers(max(2, side // 16), max(3, side // 5)))
        for _ in range(random.integers(1, 7)):
            angle += random.normal(0, 0.7)
            way = random.uniform(side / 16, side / 4) * np.array((np.cos(angle), np.sin(angle)))
            ends = [tuple(int(value) for value in end) for end in (place, place + way)]
            cv2.line(mask, *ends, 255, width)  # type: ignore[call-overload]
            place = (place + way).clip(0, side - 1)
    return mask
