"""Training data of a pose network: people cropped as by the tracker, in close-up, and small in a whole frame."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from synth.data.sets import people
from synth.data.sets.dataset import ALL
from synth.data.sets.people import Example
from synth.data.sets.pose_augmentation import augment
from synth.data.sets.store import normalised, prefetch

SHOWN = 8
AHEAD = 3
SHARES = (("exercise", 0.34), ("lsp", 0.30), ("wardrobe", 0.24), ("dancers", 0.07), ("photos", 0.05))


@dataclass(frozen=True, kw_only=True)
class Poses:
    """Data of a pose recipe: images of ``crop`` x ``crop``, and each set's share of a batch.

    ``name`` is empty: the sets lie side by side directly in the folder of data sets.
    """

    name: str = ""
    crop: int = 192
    shares: tuple[tuple[str, float], ...] = SHARES

    def sized(self, size: int) -> Self:
        """Return the same for images of ``size`` x ``size``."""
        return replace(self, crop=size)

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> "Views":
        """Decode the training split of every set found."""
        return Views(people.read_sets(folder, "train"), self, batch, device, seed)

    def sample(self, folder: Path) -> dict[str, Tensor]:
        """Return a few held-out examples, augmented as in training."""
        views = Views(people.read_sets(folder, "test"), self, SHOWN, torch.device("cpu"), 1)
        return views.cut(0)

    def describe(self, folder: Path) -> str:
        """Return which of the sets were found."""
        found = ", ".join(name for name, _ in self.shares if (folder / name).is_dir())
        return f"{found} → 17 joints"


@dataclass
class Views:
    """Batches: ``x`` ``[B, 3, crop, crop]`` in [-1, 1], ``joints`` ``[B, 17, 3]`` in its pixels, ``known`` ``[B, 17]``.

    A batch is a pure function of the seed and the step.
    """

    sets: dict[str, list[Example]]
    data: Poses
    batch: int
    device: torch.device
    seed: int
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.length = sum(map(len, self.sets.values()))

    def cut(self, step: int, part: slice = ALL) -> dict[str, Tensor]:
        """Return ``part`` of the batch of ``step``."""
        views = [self._view(np.random.default_rng((self.seed, step, i))) for i in range(self.batch)[part]]
        images, joints, known = (torch.from_numpy(np.stack(column)) for column in zip(*views, strict=True))
        return {**normalised({"x": images}), "joints": joints, "known": known}

    def _view(self, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        present = [(name, share) for name, share in self.data.shares if self.sets.get(name)]
        weights = np.array([share for _, share in present])
        chosen = self.sets[present[random.choice(len(present), p=weights / weights.sum())][0]]
        grounds = self.sets.get("photos", [])
        ground = grounds[random.integers(len(grounds))].image if grounds else None
        return augment(chosen[random.integers(len(chosen))], ground, self.data.crop, random)

    def batches(self, start: int, part: slice = ALL) -> Iterator[dict[str, Tensor]]:
        """Yield the batches from step ``start`` on, endlessly; a thread prepares them ahead of time."""
        return prefetch(lambda step: self.cut(step, part), start, self.device, 1, AHEAD)
