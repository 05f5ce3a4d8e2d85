"""Turn an unpacked archive into pairs: ``{train,test}/{input,target}/NAME.*``, with matching names on both sides.

Every function takes the unpacked tree and a new folder, and returns the number of pairs per split. For an unknown
tree it returns an empty dict and writes nothing.
"""

import json
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from synth.card import Color
from synth.data.sets.pairs import pictures
from synth.data.sources import emoji, facades
from synth.pixels import file_kinds, images, palette

Clean = Callable[[np.ndarray], np.ndarray]
SPLITS = ("train", "val", "validation", "test")


def finished(tree: Path, folder: Path) -> dict[str, int]:
    """Copy a tree that already holds two folders with matching file names, with or without splits above them."""
    root = _unwrapped(tree)
    splits = [root / name for name in SPLITS if (root / name).is_dir()] or [root]
    counts = {}
    for split in splits:
        sides = [side for side in sorted(split.iterdir()) if side.is_dir() and pictures(side)]
        names = [pictures(side) for side in sides]
        if len(sides) != 2 or not (shared := names[0].keys() & names[1].keys()):
            return {}
        counts[split.name if split != root else "all"] = len(shared)
    for split in splits:
        for file in sorted(split.glob("*/*")):
            if file.suffix.lower() in file_kinds.IMAGES:
                place(file, folder / file.relative_to(root))
    return counts


def finished_facades(tree: Path, folder: Path) -> dict[str, int]:
    """Copy facades laid out as pairs; if most label maps confuse wall and window, repair all of them."""
    counts = finished(tree, folder)
    maps = {file: images.read(file) for file in sorted(folder.rglob("labels/*"))}
    if sum(map(facades.confused, maps.values())) * 2 > len(maps):
        for file, labels in maps.items():
            index = facades.unconfuse(palette.nearest(labels, palette.FACADES))
            file.unlink()
            _save_indexed(index, palette.FACADES, file.with_suffix(".png"))
    return counts


def cmp_facades(tree: Path, folder: Path) -> dict[str, int]:
    """Arrange the archives of the CMP page: ``cmp_b0001.jpg`` beside ``cmp_b0001.png``.

    There is no official split: about every sixth, by a hash of its name, is for testing.
    """
    counts: dict[str, int] = {}
    for photo in sorted(tree.rglob("cmp_*.jpg")):
        labels = photo.with_suffix(".png")
        if labels.exists():
            split = "test" if zlib.crc32(photo.stem.encode()) % 6 == 0 else "train"
            place(photo, folder / split / "photo" / photo.name)
            place(labels, folder / split / "labels" / labels.name)
            counts[split] = counts.get(split, 0) + 1
    return counts


def facades_side_by_side(tree: Path, folder: Path) -> dict[str, int]:
    """Split the pix2pix authors' facades: photograph left, label map right, restored to the palette."""
    return _side_by_side(tree, folder, palette.FACADES, facades.tidy)


def cityscapes_side_by_side(tree: Path, folder: Path) -> dict[str, int]:
    """Split the pix2pix authors' Cityscapes: photograph left, label map right, snapped to the palette."""
    return _side_by_side(tree, folder, palette.CITYSCAPES)


def _side_by_side(
    tree: Path, folder: Path, colors: tuple[Color, ...], clean: Clean = np.ascontiguousarray
) -> dict[str, int]:
    root = _unwrapped(tree)
    splits = {name: files for name in SPLITS if (root / name).is_dir() and (files := pictures(root / name))}
    splits = splits or ({"train": files} if (files := pictures(root)) else {})
    for files in splits.values():
        with Image.open(next(iter(files.values()))) as first:
            if first.width != 2 * first.height:
                return {}
    for split, files in splits.items():
        for side in ("labels", "photo"):
            (folder / split / side).mkdir(parents=True, exist_ok=True)
        for name, file in files.items():
            both = images.read(file)
            middle = both.shape[1] // 2
            Image.fromarray(both[:, :middle]).save(folder / split / "photo" / f"{name}.png")
            index = palette.nearest(clean(both[:, middle:]), colors)
            _save_indexed(index, colors, folder / split / "labels" / f"{name}.png")
    return {split: len(files) for split, files in splits.items()}


def _save_indexed(index: np.ndarray, colors: tuple[Color, ...], path: Path) -> None:
    image = Image.fromarray(index)
    image.putpalette(palette.colors(colors).tobytes())
    image.save(path)


def openmoji(tree: Path, folder: Path) -> dict[str, int]:
    """Rasterise OpenMoji from its package (``black/svg``, ``color/svg``) or its two release archives."""
    for black, color in (("black/svg", "color/svg"), ("openmoji-svg-black", "openmoji-svg-color")):
        for line in sorted(path for path in tree.rglob(black.rsplit("/")[-1]) if path.match(black)):
            full = line.parents[black.count("/")] / color
            if full.is_dir():
                return _unless_empty(emoji.write(emoji.openmoji(line, full), folder, "color"))
    return {}


def fluent(tree: Path, folder: Path) -> dict[str, int]:
    """Trace and rasterise Fluent 3D from a package of ``CODE.webp`` files, or from Microsoft's repository."""
    found = []
    for about in sorted(tree.rglob("metadata.json")):
        code = json.loads(about.read_text(encoding="utf-8")).get("unicode", "")
        files = sorted([*about.parent.glob("3D/*.png"), *about.parent.glob("Default/3D/*.png")])
        found += [(code.replace(" ", "-"), file) for file in files[:1]]
    found = found or [(file.stem, file) for file in sorted(tree.rglob("*.webp")) if emoji.is_code(file.stem)]
    return _unless_empty(emoji.write(emoji.fluent(found), folder, "photo")) if found else {}


def styles(tree: Path, folder: Path) -> dict[str, int]:
    """Arrange coloured OpenMoji and Fluent 3D as two unpaired folders, ``flat`` and ``solid``."""
    counts: dict[str, int] = {}
    for side, arrange, pictured in (("flat", openmoji, "color"), ("solid", fluent, "photo")):
        alone = folder / side
        found = {split: count for split, count in arrange(tree, alone).items() if count}
        for split, count in found.items():
            (folder / split).mkdir(parents=True, exist_ok=True)
            (alone / split / pictured).rename(folder / split / side)
            counts[split] = counts.get(split, 0) + count
        shutil.rmtree(alone, ignore_errors=True)
        if not found:
            shutil.rmtree(folder, ignore_errors=True)
            return {}
    return counts


def place(file: Path, target: Path) -> None:
    """Copy a file rather than move it: files given with ``--from`` are never changed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)


def _unwrapped(tree: Path) -> Path:
    """Return the first folder down that holds more than one entry: archives wrap their content in one or two."""
    while len(inside := [path for path in tree.iterdir() if not path.name.startswith(".")]) == 1 and inside[0].is_dir():
        tree = inside[0]
        if tree.name in SPLITS:
            return tree.parent
    return tree


def _unless_empty(counts: dict[str, int]) -> dict[str, int]:
    return counts if any(counts.values()) else {}
