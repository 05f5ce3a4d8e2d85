"""Read and write a character's data set: one person filmed by a fixed camera, frame by frame, with keypoints.

A folder with ``train/NNNNN.jpg`` and ``test/NNNNN.jpg``, or ``.png`` (square, one size), ``keypoints.npz`` (``names``,
and per split ``xy`` [T, K, 2], ``vis`` [T, K], ``clip`` [T], optionally ``score`` [T, K]), ``clips.json`` (which frames
are consecutive) and ``background.png``.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from synth.pixels.body.pose import COCO, SEEN, from_points

SPLITS = ("train", "test")
KEYPOINTS, CLIPS, ABOUT, BACKGROUND = "keypoints.npz", "clips.json", "source.json", "background.png"
SHIFT = 0.25
"""Offset that ``from_points`` adds to the positions of such a set; ``write`` subtracts it."""


@dataclass(frozen=True)
class Clip:
    """Consecutive frames ``first`` to ``first + count`` of a split.

    ``source`` is the video they come from, and ``start`` the second in it.
    """

    split: str
    name: str
    first: int
    count: int
    source: str = ""
    start: float = 0.0


@dataclass(frozen=True)
class Character:
    """Data set on disk: images of ``side`` pixels, the clips, and the poses float32 ``[T, 17, 3]`` of each split."""

    folder: Path
    side: int
    fps: float
    clips: tuple[Clip, ...]
    poses: dict[str, np.ndarray]
    about: dict[str, Any]

    def image_path(self, split: str, index: int) -> Path:
        """Return the file of a frame: JPEG as made from videos, or PNG as ``python -m synth apply`` writes it."""
        path = self.folder / split / f"{index:05d}.jpg"
        return path if path.is_file() else path.with_suffix(".png")


def is_character(folder: Path) -> bool:
    """Return whether a folder is laid out as a character's data set."""
    return (folder / KEYPOINTS).is_file() and (folder / CLIPS).is_file()


def read(folder: Path) -> Character:
    """Read a set's metadata and poses, but not its images. Raises ``ValueError`` if its files are inconsistent."""
    try:
        listed = json.loads((folder / CLIPS).read_text(encoding="utf-8"))
        fps, (side, _) = float(listed["fps"]), listed["image_size"]
        clips = tuple(_clip(entry) for entry in listed["clips"])
        with np.load(folder / KEYPOINTS) as arrays:
            poses = {split: _poses(arrays, split) for split in SPLITS if f"{split}_xy" in arrays}
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8")) if (folder / ABOUT).is_file() else {}
    except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
        raise ValueError(
            f"{folder} is damaged: {CLIPS} or {KEYPOINTS} cannot be read ({error}). Make the set again."
        ) from error
    return Character(folder, int(side), fps, clips, poses, about)


def write(
    folder: Path,
    side: int,
    fps: float,
    clips: Sequence[Clip],
    poses: dict[str, np.ndarray],
    about: dict[str, Any],
) -> None:
    """Write all of a set but its images. ``poses`` are float32 COCO-17 ``[T, 17, 3]`` of each split.

    ``about`` says where the set comes from and records the person's consent.
    """
    arrays: dict[str, np.ndarray] = {"names": np.array(COCO)}
    for split, pose in poses.items():
        own = [clip for clip in clips if clip.split == split]
        arrays[f"{split}_xy"] = pose[..., :2] - np.float32(SHIFT)
        arrays[f"{split}_score"] = pose[..., 2]
        arrays[f"{split}_vis"] = np.where(pose[..., 2] >= SEEN, 2, 0).astype(np.uint8)
        arrays[f"{split}_clip"] = np.repeat(np.arange(len(own), dtype=np.int16), [clip.count for clip in own])
    np.savez_compressed(folder / KEYPOINTS, allow_pickle=False, **arrays)
    listed = {"image_size": [side, side], "fps": fps, "consent": about.get("consent"), "clips": _entries(clips, fps)}
    _json(folder / CLIPS, listed)
    _json(folder / ABOUT, about)


def _poses(arrays: Any, split: str) -> np.ndarray:
    names = [str(name) for name in arrays["names"]]
    poses = from_points(arrays[f"{split}_xy"], arrays[f"{split}_vis"], names, shift=SHIFT)
    if f"{split}_score" in arrays and names == list(COCO):
        poses[..., 2] = arrays[f"{split}_score"]
    return poses


def _clip(entry: dict[str, Any]) -> Clip:
    split, name, source = (str(entry.get(key) or "") for key in ("split", "name", "source"))
    return Clip(split, name, int(entry["first"]), int(entry["count"]), source, float(entry.get("start") or 0.0))


def _entries(clips: Sequence[Clip], fps: float) -> list[dict[str, Any]]:
    entries, numbers = [], Counter[str]()
    for clip in clips:
        last = clip.first + clip.count - 1
        entry = {"split": clip.split, "clip": numbers[clip.split], "name": clip.name, "first": clip.first}
        entry |= {"count": clip.count, "last": last, "fps": fps, "contiguous": True}
        entries.append(entry | {"source": clip.source, "start": round(clip.start, 3)})
        numbers[clip.split] += 1
    return entries


def _json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
