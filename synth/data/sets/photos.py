"""A folder of photographs of any size for tasks without pairs: decoded once, randomly cropped."""

import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from synth.data.sets.dataset import ALL
from synth.data.sets.pairs import SPLITS, picture_files
from synth.data.sets.store import epoch_order, normalised, prefetch
from synth.pixels import images

SHOWN = 8
AHEAD = 3


@dataclass(frozen=True, kw_only=True)
class Photos:
    """Data of a recipe for photographs: windows of ``crop`` x ``crop`` pixels, mirrored half of the time.

    ``load`` first shrinks a photograph so that its shorter side has that many pixels (0: no shrinking). With ``zoom``
    above 1 a window is up to that many times larger before it is resized to ``crop``; with ``squeeze`` its height and
    width are drawn independently. ``turn`` also rotates windows by quarter turns, for tasks without an up and down.
    """

    name: str = "photos"
    crop: int = 128
    load: int = 0
    zoom: float = 1.0
    squeeze: bool = False
    turn: bool = False

    def sized(self, size: int) -> Self:
        """Return the same for windows of ``size`` x ``size``, with ``load`` scaled in proportion."""
        return replace(self, crop=size, load=round(self.load * size / self.crop))

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> "Windows":
        """Decode the training split: batches of ``y``, ``[B, 3, crop, crop]`` in [-1, 1]."""
        return Windows(self.read(self.find(folder, "train")), self, batch, device, seed)

    def sample(self, folder: Path) -> dict[str, Tensor]:
        """Return centre crops of the first held-out photographs as ``y``."""
        images = self.read(self.find(folder, "test")[:SHOWN])
        return normalised({"y": torch.from_numpy(np.stack([center_crop(image, self.crop) for image in images]))})

    def describe(self, folder: Path) -> str:
        return f"windows of {self.crop}x{self.crop} pixels out of the photographs in {folder.name}"

    def find(self, folder: Path, split: Literal["train", "test"]) -> list[Path]:
        """Return the photographs of a split, sorted by name.

        They are in ``train`` and ``test`` (or ``val``), or all in one folder, of which about every twentieth, by a hash
        of its name, is held out. Raises ``ValueError`` if there are none.
        """
        if not folder.is_dir():
            raise ValueError(f"There is no folder {folder}. Create it with photographs, or pass --data DIR.")
        own = {key: next((folder / n for n in names if (folder / n).is_dir()), None) for key, names in SPLITS.items()}
        if (part := own[split]) and own["train"] and own["test"]:
            found = picture_files(part)
        else:
            every = picture_files(own["train"] or own["test"] or folder)
            held = {path for path in every[1:] if zlib.crc32(path.name.encode()) % 20 == 0} or set(every[-1:])
            found = [path for path in every if (path in held) == (split == "test")]
        if not found:
            raise ValueError(f"{folder} holds too few photographs: at least two are needed. Add .jpg or .png files.")
        return found

    def read(self, paths: list[Path]) -> list[np.ndarray]:
        """Decode photographs: uint8 ``[H, W, 3]`` each, no side below ``crop``."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(self._read, paths))

    def _read(self, path: Path) -> np.ndarray:
        image = images.read(path)
        shorter = min(image.shape[:2])
        wanted = max(self.crop, min(self.load or shorter, shorter))  # enlarged only if smaller than a window
        if wanted == shorter:
            return image
        height, width = (max(wanted, round(side * wanted / shorter)) for side in image.shape[:2])
        return np.array(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC))


@dataclass
class Windows:
    """Batches of random windows; a batch is a pure function of the seed and the step."""

    images: list[np.ndarray]
    data: Photos
    batch: int
    device: torch.device
    seed: int
    facts: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.length = len(self.images)

    def cut(self, step: int, part: slice = ALL) -> dict[str, Tensor]:
        """Return ``part`` of the batch of ``step``, uint8 ``[B, crop, crop, 3]``."""
        index = epoch_order(self.seed, self.length, self.batch, step)
        rows = range(self.batch)[part]
        made = [self._window(self.images[index[i]], np.random.default_rng((self.seed, step, i))) for i in rows]
        return {"y": torch.from_numpy(np.stack(made))}

    def _window(self, image: np.ndarray, random: np.random.Generator) -> np.ndarray:
        height, width = image.shape[:2]
        largest = min(height, width, round(self.data.crop * self.data.zoom))
        down, across = (int(side) for side in random.integers(self.data.crop, largest + 1, 2))
        across = across if self.data.squeeze else down
        top, left = random.integers(0, height - down + 1), random.integers(0, width - across + 1)
        window = image[top : top + down, left : left + across]
        if max(down, across) > self.data.crop:
            small = Image.fromarray(window).resize((self.data.crop, self.data.crop), Image.Resampling.BICUBIC)
            window = np.array(small)
        window = np.rot90(window, int(random.integers(4))) if self.data.turn else window
        return np.ascontiguousarray(window[:, ::-1] if random.random() < 0.5 else window)

    def batches(self, start: int, part: slice = ALL) -> Iterator[dict[str, Tensor]]:
        """Yield the batches from step ``start`` on, endlessly; a thread prepares them ahead of time."""
        for ready in prefetch(lambda step: self.cut(step, part), start, self.device, 1, AHEAD):
            yield normalised(ready)


def center_crop(image: np.ndarray, side: int) -> np.ndarray:
    """Return the centre of uint8 ``[H, W, 3]`` as ``[side, side, 3]``."""
    top, left = ((length - side) // 2 for length in image.shape[:2])
    return image[top : top + side, left : left + side]
