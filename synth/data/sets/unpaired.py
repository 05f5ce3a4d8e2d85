"""Two folders of unpaired images (Zhu et al. 2017), drawn from independently."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np

from synth.data.sets import split_overlap
from synth.data.sets.pairs import SPLITS, Pairs, picture_files, pictures
from synth.pixels import images

if TYPE_CHECKING:  # the doctor looks at folders where PyTorch is not installed
    import torch
    from torch import Tensor

    from synth.data.sets.store import Store

ALL = slice(None)
AUTHORS = {"x": "A", "y": "B"}
"""Suffixes of the folder names in the original code: ``trainA`` and ``trainB``."""
HELD = 20
SHOWN = 4
Sides = tuple[list[Path], list[Path]]


@dataclass(frozen=True, kw_only=True)
class Unpaired:
    """Data of an unpaired recipe: ``x`` and ``y`` are the names of the two folders.

    As in the paper, images are resized to ``load`` x ``load``, then randomly cropped to ``crop`` x ``crop`` and
    mirrored half of the time. ``windows`` says that crops are much smaller than the whole image, and that the network
    is for images of ``load`` pixels. ``without_overlap`` leaves out training images that also appear in the test split.
    """

    name: str
    x: str = "x"
    y: str = "y"
    load: int = 286
    crop: int = 256
    flip: bool = True
    fit: Literal["stretch", "cover"] = "stretch"
    windows: bool = False
    without_overlap: bool = False

    @property
    def side(self) -> int:
        """The side in pixels of the images that a network trained on these is for."""
        return self.load if self.windows else self.crop

    def sized(self, size: int) -> Self:
        """Return the same for images of ``size`` x ``size``, with ``load`` scaled in proportion."""
        return replace(self, load=round(self.load * size / self.crop), crop=size)

    def swapped(self) -> Self:
        """Return the same in the opposite direction."""
        return replace(self, x=self.y, y=self.x)

    def open(self, folder: Path, batch: int, device: "torch.device", seed: int) -> "UnpairedBatches":
        """Decode both training folders: batches of ``x`` and ``y``, ``[B, 3, crop, crop]`` in [-1, 1]."""
        from synth.data.sets.store import Store

        x, y = (self.stack(files, self.load) for files in self.training(folder))
        # Another seed, so that the two orders are independent.
        first = Store({"x": x}, self.crop, self.flip, batch, device, seed)
        return UnpairedBatches(first, Store({"y": y}, self.crop, self.flip, batch, device, seed + 7919))

    def sample(self, folder: Path) -> "dict[str, Tensor]":
        """Return the first test images of both folders as ``x`` and ``y``."""
        import torch

        from synth.data.sets.store import normalised

        found = zip("xy", self.find(folder, "test"), strict=True)
        return normalised({name: torch.from_numpy(self.stack(files[:SHOWN], self.crop)) for name, files in found})

    def describe(self, folder: Path) -> str:
        """Return which folder is translated into which."""
        x, y = self.training(folder)
        return f"{x[0].parent.name} ({len(x)}) ↔ {y[0].parent.name} ({len(y)}), unpaired"

    def training(self, folder: Path) -> Sides:
        """Return the training images of both folders. Raises ``ValueError`` as ``find`` does."""
        train = self.find(folder, "train")
        if not self.without_overlap:
            return train
        x, y = (
            split_overlap.without_overlap(own, test) for own, test in zip(train, self.find(folder, "test"), strict=True)
        )
        return x, y

    def find(self, folder: Path, split: Literal["train", "test"]) -> Sides:
        """Return the images of both folders for a split, sorted by name.

        If one of the splits has no folder, every twentieth image of each side is held out, or its last one. Raises
        ``ValueError`` as ``splits`` does.
        """
        found = self.splits(folder)
        own, other = (
            next((found[part] for part in SPLITS[of] if part in found), None)
            for of in (("train", "test") if split == "train" else ("test", "train"))
        )
        if own and other:
            return own
        x, y = (_held_out(side, split == "test") for side in own or other or found[""])
        return x, y

    def splits(self, folder: Path) -> dict[str, Sides]:
        """Return the images of both folders, sorted by name, per split folder; under the empty name if there are no
        splits.

        The folders are inside ``train`` and ``test`` (or ``val``), are named ``trainA``, ``trainB``, ``testA`` and
        ``testB``, or stand alone. Folders with other names than in the recipe are taken in alphabetical order. Raises
        ``ValueError`` if there are not exactly two.
        """
        if not folder.is_dir():
            raise ValueError(f"There is no folder {folder}. Create it with two folders of images, or pass --data DIR.")
        found: dict[str, Sides] = {}
        for part in (name for names in SPLITS.values() for name in names):
            authors = [folder / f"{part}{AUTHORS[side]}" for side in "xy"]
            if all(side.is_dir() for side in authors):
                found[part] = self._two(authors)
            elif (folder / part).is_dir():
                found[part] = self._two(self._sides(folder / part))
        return found or {"": self._two(self._sides(folder))}

    def _sides(self, root: Path) -> list[Path]:
        named = [root / self.x, root / self.y]
        if all(side.is_dir() for side in named):
            return named
        return sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith(".") and pictures(f))

    def _two(self, sides: list[Path]) -> Sides:
        found = [picture_files(side) for side in sides]
        if len(found) != 2 or not all(found):
            where = sides[0].parent if sides else "the folder"
            raise ValueError(
                f"{where} must hold exactly two folders with images, named {self.x} and {self.y} or otherwise."
            )
        return found[0], found[1]

    def stack(self, files: list[Path], side: int) -> np.ndarray:
        """Decode images into uint8 ``[n, side, side, 3]``."""
        resize = Pairs(name="", fit=self.fit).resize
        return np.stack([resize(images.read(file), side, "photo") for file in files])


def _held_out(side: list[Path], test: bool) -> list[Path]:
    """Return a side's held-out images, or all others; a single image serves for both."""
    held = set(side[HELD - 1 :: HELD] or side[-1:])
    return [file for file in side if (file in held) == test] or side


@dataclass
class UnpairedBatches:
    """Batches from two stores, each with its own order, so images are paired anew in every epoch."""

    x: "Store"
    y: "Store"
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.length, self.batch = self.x.length + self.y.length, self.x.batch

    def batches(self, start: int, part: slice = ALL) -> "Iterator[dict[str, Tensor]]":
        """Yield the batches from step ``start`` on, endlessly."""
        for x, y in zip(self.x.batches(start, part), self.y.batches(start, part), strict=False):
            yield x | y
