"""Two folders of pictures with nothing paired (Zhu et al. 2017): each is drawn from by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from torch import Tensor

from synth.data.sets import split_overlap
from synth.data.sets.dataset import ALL
from synth.data.sets.pairs import SPLITS, Pairs, picture_files, pictures
from synth.data.sets.store import Store, normalised
from synth.pixels import images

AUTHORS = {"x": "A", "y": "B"}
"""What the original code puts behind the names of splits: ``trainA`` and ``trainB``."""
HELD = 20
SHOWN = 4
Sides = tuple[list[Path], list[Path]]


@dataclass(frozen=True, kw_only=True)
class Unpaired:
    """What a recipe says of its data: ``x`` and ``y`` are the names of the two folders.

    As in the paper, pictures are resized to ``load`` x ``load``, then a ``crop`` x ``crop`` window is drawn at random
    and mirrored half of the time. ``windows`` says that these show much less than the whole, and that the network is
    for pictures of ``load`` pixels. ``without_overlap`` leaves out of training
    what the test split shows again.
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
        """The side in pixels of the pictures that a network trained on these is for."""
        return self.load if self.windows else self.crop

    def sized(self, size: int) -> Self:
        """Return the same for pictures of ``size`` x ``size``, jittered in proportion."""
        return replace(self, load=round(self.load * size / self.crop), crop=size)

    def swapped(self) -> Self:
        """Return the same the other way round."""
        return replace(self, x=self.y, y=self.x)

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> "UnpairedBatches":
        """Decode both training folders: batches of ``x`` and ``y``, ``[B, 3, crop, crop]`` in [-1, 1]."""
        x, y = (self.stack(files, self.load) for files in self.training(folder))
        # Another seed, so that the orders of the two have nothing to do with each other.
        first = Store({"x": x}, self.crop, self.flip, batch, device, seed)
        return UnpairedBatches(first, Store({"y": y}, self.crop, self.flip, batch, device, seed + 7919))

    def sample(self, folder: Path) -> dict[str, Tensor]:
        """Return the first test pictures of both folders as ``x`` and ``y``."""
        found = zip("xy", self.find(folder, "test"), strict=True)
        return normalised({name: torch.from_numpy(self.stack(files[:SHOWN], self.crop)) for name, files in found})

    def describe(self, folder: Path) -> str:
        """Return which folder is translated into which."""
        x, y = self.training(folder)
        return f"{x[0].parent.name} ({len(x)}) ↔ {y[0].parent.name} ({len(y)}), nothing paired"

    def training(self, folder: Path) -> Sides:
        """Return the pictures of both folders that are trained on. Raises ``ValueError`` as ``find`` does."""
        train = self.find(folder, "train")
        if not self.without_overlap:
            return train
        x, y = (
            split_overlap.without_overlap(own, test) for own, test in zip(train, self.find(folder, "test"), strict=True)
        )
        return x, y

    def find(self, folder: Path, split: Literal["train", "test"]) -> Sides:
        """Return the pictures of both folders that are for a split, sorted by name.

        Where nothing is set aside for one of the splits, every twentieth picture of each side is held out, or its last
        one. Raises ``ValueError`` with a sentence as ``splits`` does.
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
        """Return the pictures of both folders, sorted by name, for each split that has folders; else under no name.

        The folders lie in ``train`` and ``test`` (or ``val``), or are called ``trainA``, ``trainB``, ``testA`` and
        ``testB``, or are alone. Folders called otherwise than the recipe says are taken in alphabetical order. Raises
        ``ValueError`` with a sentence where there are not two.
        """
        if not folder.is_dir():
            raise ValueError(f"There is no folder {folder}. Put two folders of pictures into it, or give --data DIR.")
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
            raise ValueError(f"{where} must hold two folders with pictures, {self.x} and {self.y} or others.")
        return found[0], found[1]

    def stack(self, files: list[Path], side: int) -> np.ndarray:
        """Decode pictures once: uint8 ``[n, side, side, 3]``."""
        resize = Pairs(name="", fit=self.fit).resize
        return np.stack([resize(images.read(file), side, "photo") for file in files])


def _held_out(side: list[Path], test: bool) -> list[Path]:
    """Return the pictures of a side that are held out, or all others; a single one has to serve for both."""
    held = set(side[HELD - 1 :: HELD] or side[-1:])
    return [file for file in side if (file in held) == test] or side


@dataclass
class UnpairedBatches:
    """Batches out of two stores; each has an order of its own, so that no two pictures stay together."""

    x: Store
    y: Store
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.length, self.batch = self.x.length + self.y.length, self.x.batch

    def batches(self, start: int, part: slice = ALL) -> Iterator[dict[str, Tensor]]:
        """Yield the batches from step ``start`` on, for ever."""
        for x, y in zip(self.x.batches(start, part), self.y.batches(start, part), strict=False):
            yield x | y
