"""Paired images on disk (Isola et al. 2017, sec. 4), in any usual layout, decoded once to uint8."""

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from PIL import Image

from synth.pixels import file_kinds, images

if TYPE_CHECKING:  # the doctor and the downloads look at pairs where PyTorch is not installed
    import torch
    from torch import Tensor

    from synth.data.sets.store import Store

Kind = Literal["photo", "labels", "drawing"]
SPLITS = {"train": ("train",), "test": ("test", "val", "validation")}


@dataclass(frozen=True)
class Pair:
    """Location of one pair: two files, or one file with both halves side by side (``half`` = ``xy`` or ``yx``)."""

    name: str
    x: Path
    y: Path
    half: Literal["", "xy", "yx"] = ""


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """Data of a recipe for pairs: ``x`` and ``y`` are the folder names of input and target.

    As in the paper, images are resized to ``load`` x ``load``, then randomly cropped to ``crop`` x ``crop`` and
    mirrored half of the time. ``fit`` = ``cover`` keeps the proportions and crops the longer side instead. ``order``
    says which half of a side-by-side image is the input; label maps are resized without mixing colours.
    """

    name: str
    x: str = "labels"
    y: str = "photo"
    x_kind: Kind = "photo"
    y_kind: Kind = "photo"
    load: int = 286
    crop: int = 256
    flip: bool = True
    fit: Literal["stretch", "cover"] = "stretch"
    order: Literal["xy", "yx"] = "xy"

    def sized(self, size: int) -> Self:
        """Return the same for images of ``size`` x ``size``, with ``load`` scaled in proportion."""
        return replace(self, load=round(self.load * size / self.crop), crop=size)

    def open(self, folder: Path, batch: int, device: "torch.device", seed: int) -> "Store":
        """Decode the training pairs: batches of ``x`` and ``y``, ``[B, 3, crop, crop]`` in [-1, 1]."""
        from synth.data.sets.store import Store

        x, y = self.stack(self.find(folder, "train"), self.load)
        return Store({"x": x, "y": y}, self.crop, self.flip, batch, device, seed)

    def sample(self, folder: Path) -> "dict[str, Tensor]":
        """Return the first four test pairs as ``x`` and ``y``."""
        import torch

        from synth.data.sets.store import normalised

        x, y = self.stack(self.find(folder, "test")[:4], self.crop)
        return normalised({"x": torch.from_numpy(x), "y": torch.from_numpy(y)})

    def describe(self, folder: Path) -> str:
        """Return which folder, or which half of an image, is translated into which."""
        pair = self.find(folder, "train")[0]
        if pair.half:
            return f"side by side: {'left → right' if pair.half == 'xy' else 'right → left'}"
        return f"{pair.x.parent.name} → {pair.y.parent.name}"

    def find(self, folder: Path, split: Literal["train", "test"]) -> list[Pair]:
        """Return the pairs of a split, sorted by name.

        Layouts, each with or without ``train``/``test`` (or ``val``) folders above it: two folders with matching file
        names (named as in the recipe, else in alphabetical order), or one folder of side-by-side images. Without a test
        folder about every twentieth image, by a hash of its name, is held out. Raises ``ValueError`` for other layouts.
        """
        if not folder.is_dir():
            raise ValueError(
                f"There is no folder {folder}. Download the set with `python -m synth data`, or pass --data DIR."
            )
        own = {key: next((folder / n for n in names if (folder / n).is_dir()), None) for key, names in SPLITS.items()}
        if own["train"] and own["test"]:
            return self._listed(own[split] or folder)
        pairs = self._listed(own["train"] or own["test"] or folder)
        held = {pair.name for pair in pairs[1:] if zlib.crc32(pair.name.encode()) % 20 == 0} or {pairs[-1].name}
        if len(pairs) == 1:
            raise ValueError(f"{folder} holds a single pair; training and testing need at least two. Add more pairs.")
        return [pair for pair in pairs if (pair.name in held) == (split == "test")]

    def _listed(self, root: Path) -> list[Pair]:
        folders = [root / self.x, root / self.y]
        if not all(f.is_dir() for f in folders):
            folders = sorted(f for f in root.iterdir() if f.is_dir() and not f.name.startswith(".") and pictures(f))
        if len(folders) == 2:
            xs, ys = (pictures(f) for f in folders)
            pairs = [Pair(name, xs[name], ys[name]) for name in sorted(xs.keys() & ys.keys())]
            if not pairs:
                raise ValueError(
                    f"No file in {folders[0]} has the name of a file in {folders[1]}. Rename them to match."
                )
            return pairs
        pairs = [Pair(name, path, path, self.order) for name, path in sorted(pictures(root).items())]
        if not pairs:
            raise ValueError(
                f"{root} holds no pairs. Put inputs and targets in two folders with the same file names, "
                "or put side-by-side images directly into it."
            )
        return pairs

    def read(self, pair: Pair, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Return input and target of a pair as uint8 ``[side, side, 3]``."""
        x = images.read(pair.x)
        if pair.half:
            middle = x.shape[1] // 2
            if middle == 0:
                raise ValueError(
                    f"“{pair.x.name}” is too narrow to hold two images side by side. Replace or remove it."
                )
            halves = x[:, :middle], x[:, -middle:]
            x, y = halves if pair.half == "xy" else halves[::-1]
        else:
            y = images.read(pair.y)
        return self.resize(x, side, self.x_kind), self.resize(y, side, self.y_kind)

    def resize(self, image: np.ndarray, side: int, kind: Kind) -> np.ndarray:
        """Resize uint8 ``[H, W, 3]`` to ``[side, side, 3]``: nearest for label maps, else antialiased bicubic."""
        if image.shape[:2] == (side, side):
            return image
        box = None
        if self.fit == "cover":
            height, width = image.shape[:2]
            cut = min(height, width)
            top, left = (height - cut) // 2, (width - cut) // 2
            box = (left, top, left + cut, top + cut)
        method = Image.Resampling.NEAREST if kind == "labels" else Image.Resampling.BICUBIC
        return np.array(Image.fromarray(image).resize((side, side), method, box))

    def stack(self, pairs: list[Pair], side: int) -> tuple[np.ndarray, np.ndarray]:
        """Decode all pairs into two uint8 arrays ``[n, side, side, 3]``."""
        with ThreadPoolExecutor() as pool:
            decoded = list(pool.map(lambda pair: self.read(pair, side), pairs))
        x, y = zip(*decoded, strict=True)
        return np.stack(x), np.stack(y)


def picture_files(folder: Path) -> list[Path]:
    """Return the image files of a folder by suffix, sorted; hidden files are ignored."""
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in file_kinds.IMAGES and not f.name.startswith("."))


def pictures(folder: Path) -> dict[str, Path]:
    """Return the image files directly in a folder, keyed by name without suffix."""
    return {f.stem: f for f in picture_files(folder)}
