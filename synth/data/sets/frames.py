"""A character's clips as training examples: skeletons as input, a frame and the two before it as target.

Skeletons are drawn during training with random errors like those of a pose estimator.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from synth.counted import counted
from synth.data.sets import character, cut_out_augmentation
from synth.data.sets.dataset import ALL
from synth.data.sets.store import epoch_order, normalised, prefetch
from synth.pixels import images
from synth.pixels.body import skeleton
from synth.pixels.body.measure import measure
from synth.pixels.body.pose import VISIBLE, seen

HEIGHT = 256  # the pose errors below are in pixels of an image this high
KEPT = 0.3  # of a body's height: how far a window's centre may be from the body's
EMPTY = 0.15  # share of windows at random positions: the background far from the body must be learned too


@dataclass(frozen=True, kw_only=True)
class PoseErrors:
    """Simulated errors of a pose estimator: ``shared`` by both skeletons of an example, ``own`` of each (sigma, pixels
    at 256).

    With probability ``drop`` up to three joints are missing; joints that the body hides are missing with probability
    ``hidden``.
    """

    shared: float = 0.7
    own: float = 0.4
    drop: float = 0.15
    hidden: float = 0.3


@dataclass(frozen=True, kw_only=True)
class Frames:
    """Data of a character recipe: clips of one person, images of ``side`` pixels.

    Training draws windows of ``window`` pixels around the character, and treats frames up to ``gap`` apart as
    consecutive, so that the result does not depend on the frame rate. Clips whose names begin with one of ``without``
    are left out. A share ``cut_out_share`` of the examples shows the character rotated and bent
    (``synth.data.sets.cut_out_augmentation``), if it can be segmented: with changing light, the whole image would
    be taken for the character.
    """

    name: str
    side: int = 256
    window: int = 160
    gap: int = 3
    without: tuple[str, ...] = ()
    errors: PoseErrors = field(default_factory=PoseErrors)
    cut_out_share: float = 0.0

    @property
    def crop(self) -> int:
        return self.side

    def sized(self, size: int) -> Self:
        """Return the same for images of ``size`` pixels."""
        window = max(32, round(self.window * size / self.side / 32) * 32)
        return replace(self, side=size, window=min(window, size))

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> "Windows":
        """Read the training clips. Raises ``ValueError`` for a folder without any."""
        return Windows(self, self.read(folder, "train"), batch, device, seed)

    def sample(self, folder: Path) -> dict[str, Tensor]:
        """Return four held-out frames: skeleton ``x``, previous frame ``z`` and frame ``y``."""
        clips = self.read(folder, "test")
        spread = np.linspace(0, len(clips.poses) - 1, 5).astype(int)[1:]
        x = np.stack([skeleton.draw(clips.poses[i], self.side, self.side) for i in spread])
        pictures = {"x": x, "y": clips.pictures[spread], "z": clips.pictures[clips.before(spread, 1)]}
        return normalised({name: torch.from_numpy(pixels) for name, pixels in pictures.items()})

    def describe(self, folder: Path) -> str:
        """Return the number of clips and their duration."""
        clips = self.read(folder, "train", pictures=False)
        return (
            f"skeleton → {folder.name}: {counted(len(set(clips.first)), 'clip')}, {len(clips.poses) / clips.fps:.0f} s"
        )

    def read(self, folder: Path, split: str, pictures: bool = True) -> "Clips":
        """Return the clips of a split, decoded."""
        if not folder.is_dir() or not character.is_character(folder):
            raise ValueError(
                f"{folder} is not a character's data set. Make one: python -m synth data video FILE --name NAME"
            )
        found = character.read(folder)
        chosen = [
            clip for clip in found.clips if clip.split == split and not clip.name.startswith(self.without or ("/",))
        ]
        if not chosen or sum(clip.count for clip in chosen) < 4:
            raise ValueError(f"{folder} has no {split} clips with four frames or more in all. Film for longer.")
        index = np.concatenate([np.arange(clip.first, clip.first + clip.count) for clip in chosen])
        first = np.repeat(np.cumsum([0, *(clip.count for clip in chosen[:-1])]), [clip.count for clip in chosen])
        poses = found.poses[split][index].copy()
        poses[..., :2] *= self.side / found.side
        decoded = _decode([found.image_path(split, i) for i in index], self.side) if pictures else np.zeros(0, np.uint8)
        plate = folder / character.BACKGROUND
        return Clips(decoded, poses, first, found.fps, _decode([plate], self.side)[0] if plate.is_file() else None)


@dataclass(frozen=True)
class Clips:
    """Frames uint8 ``[T, side, side, 3]``, poses ``[T, 17, 3]``, and the first frame of each frame's clip ``[T]``."""

    pictures: np.ndarray
    poses: np.ndarray
    first: np.ndarray
    fps: float
    plate: np.ndarray | None

    def until(self, count: int) -> "Clips":
        """Return the first ``count`` frames."""
        return replace(self, pictures=self.pictures[:count], poses=self.poses[:count], first=self.first[:count])

    def before(self, index: np.ndarray, gap: np.ndarray | int) -> np.ndarray:
        """Return the frames ``gap`` before ``index``, or the clip's first frame if there are fewer."""
        return np.maximum(index - gap, self.first[index])


class Windows:
    """Examples cropped from clips: ``x``, ``x_before`` skeletons; ``y``, ``y_before``, ``y_first`` frames; ``plate``.

    All ``[B, 3, window, window]`` in [-1, 1], at the same position. A batch is a pure function of (seed, step).
    """

    def __init__(self, data: Frames, clips: Clips, batch: int, device: torch.device, seed: int):
        self.data, self.clips, self.batch, self.device, self.seed = data, clips, batch, device, seed
        self.length = len(clips.poses)
        plate = clips.plate if clips.plate is not None else np.median(clips.pictures[:: max(1, self.length // 64)], 0)
        self.plate = plate.astype(np.uint8)
        apart = data.cut_out_share > 0 and cut_out_augmentation.is_separable(clips.pictures, self.plate, clips.poses)
        self.cut_out_share = data.cut_out_share if apart else 0.0
        body = measure(clips.poses, (data.side, data.side))
        self.facts: dict[str, Any] = {"body": body.to_json(), "plate": torch.from_numpy(self.plate)}

    def cut(self, step: int, part: slice = ALL) -> dict[str, Tensor]:
        """Return ``part`` of the batch of ``step``, uint8 ``[B, window, window, 3]``."""
        index = epoch_order(self.seed, self.length, self.batch, step)
        random = np.random.default_rng((self.seed, 1, step))
        gap = random.integers(1, self.data.gap + 1, self.batch)
        before = self.clips.before(index, gap)
        first = self.clips.before(before, gap)
        seeds = random.integers(0, 2**63, self.batch)
        rows = [self._example(*row) for row in list(zip(index, before, first, seeds, strict=True))[part]]
        return {name: torch.from_numpy(np.stack([row[name] for row in rows])) for name in rows[0]}

    def batches(self, start: int, part: slice = ALL, workers: int = 8) -> Iterator[dict[str, Tensor]]:
        """Yield the batches from step ``start`` on, endlessly; on CUDA they are prepared ahead of time."""
        if self.device.type != "cuda":
            while True:
                yield normalised(self.cut(start, part))
                start += 1
        for ready in prefetch(lambda step: self.cut(step, part), start, self.device, workers):
            yield normalised(ready)

    def _example(self, now: int, before: int, first: int, seed: int) -> dict[str, np.ndarray]:
        random = np.random.default_rng(seed)
        poses = [self.clips.poses[i] for i in (now, before)]
        frames = [self.clips.pictures[i] for i in (now, before, first)]
        if random.random() < self.cut_out_share and (
            move := cut_out_augmentation.random_transform(poses[0], self.data.side, random)
        ):
            own = (*poses, self.clips.poses[first])
            frames = [
                cut_out_augmentation.move_character(f, self.plate, p, move) for f, p in zip(frames, own, strict=True)
            ]
            poses = [cut_out_augmentation.move_pose(pose, move) for pose in poses]
        top, left = self._corner(poses[0], random)
        skeletons = self._skeletons(poses, random)
        names = ("x", "x_before", "y", "y_before", "y_first", "plate")
        span = self.data.window
        whole = zip(names, (*skeletons, *frames, self.plate), strict=True)
        return {name: pixels[top : top + span, left : left + span] for name, pixels in whole}

    def _corner(self, pose: np.ndarray, random: np.random.Generator) -> tuple[int, int]:
        """Return the top left corner of a window that holds most of the body's centre."""
        side, window = self.data.side, self.data.window
        known = pose[pose[:, 2] > 0, :2]
        if random.random() < EMPTY:
            top, left = random.integers(0, side - window + 1, 2)
            return int(top), int(left)
        ends = []
        for axis in (1, 0):
            low, high = (known[:, axis].min(), known[:, axis].max()) if len(known) else (0, side)
            spare = (high - low) * KEPT + window * 0.1
            nearest, farthest = sorted((low - spare, high + spare - window))
            start = random.uniform(nearest, farthest)
            ends.append(int(np.clip(round(start), 0, side - window)))
        return ends[0], ends[1]

    def _skeletons(self, poses: list[np.ndarray], random: np.random.Generator) -> list[np.ndarray]:
        """Draw the skeletons of two frames with simulated estimator errors."""
        errors, side = self.data.errors, self.data.side
        shared = random.normal(0, errors.shared, (17, 2))
        lost = random.random(17) < random.integers(1, 4) / 17 if random.random() < errors.drop else np.zeros(17, bool)
        unseen = random.random(17) < errors.hidden
        drawn = []
        for exact in poses:
            pose = exact.copy()
            pose[:, :2] += (shared + random.normal(0, errors.own, (17, 2))) * (side / HEIGHT)
            pose[lost | (unseen & ~seen(pose, VISIBLE)), 2] = 0
            drawn.append(skeleton.draw(pose, side, side))
        return drawn


def _decode(paths: list[Path], side: int) -> np.ndarray:
    """Decode images to uint8 ``[n, side, side, 3]``; other sizes are resized."""

    def read(path: Path) -> np.ndarray:
        pixels = images.read(path)
        if pixels.shape[:2] == (side, side):
            return pixels
        return np.array(Image.fromarray(pixels).resize((side, side), Image.Resampling.BICUBIC))

    with ThreadPoolExecutor() as pool:
        return np.stack(list(pool.map(read, paths)))
