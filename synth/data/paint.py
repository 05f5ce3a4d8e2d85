"""``python -m synth data paint IN OUT``: copy a data set with its class numbers painted in label colours."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from synth import files
from synth.data.palette_file import read_palette
from synth.pixels import file_kinds, images
from synth.pixels.label_map import FLAT, MOST_LEVELS, flat_areas
from synth.pixels.numbering import NUMBERINGS, VOID, Numbering, recognised
from synth.pixels.palette import CITYSCAPES

AUTO = "auto"


def paint(source: Path, out: Path, /, numbers: str = AUTO) -> int:
    """Paint label maps of class numbers in label colours, and copy all other files; for training and for the app.

    Args:
        source: a label map, a folder of them, or a data set in any layout, side-by-side images included.
        out: the file, or the new folder for the result, with the same sub-folders.
        numbers: the numbering: ids or trainids (of Cityscapes), camvid, facades (from 1), facades0 (from 0), voc (any
            classes, in the colours of PASCAL VOC), or a file with a line NAME RED GREEN BLUE for each number from 0.
    """
    sources = [source] if source.is_file() else list(_found(source))
    if out.resolve() == source.resolve() or (source.is_dir() and out.resolve().is_relative_to(source.resolve())):
        raise ValueError(f"{out} is the input itself or inside it. Choose another place for the result.")
    if out.exists() and (out.is_file() or any(out.iterdir())):
        raise ValueError(f"{out} exists already. Choose a new place for the result.")
    known = numbering(numbers) or _guessed(sources, source)
    targets = {file: out if source.is_file() else out / file.relative_to(source) for file in sources}
    done = [file for file, target in targets.items() if _paint(file, target, known)]
    if not done:
        raise ValueError(
            f"No image in {source} holds class numbers of {known.name}. See what it holds with: "
            f"python -m synth doctor {source}"
        )
    for file, target in targets.items():
        if source.is_dir() and file not in done:
            with files.replacing(target) as part:
                shutil.copyfile(file, part)
    painted, copied = f"{len(done):,} painted ({known.name})", f"{len(sources) - len(done):,} copied"
    print(f"{out}: {painted}, {copied}.")
    return 0


def numbering(name: str) -> Numbering | None:
    """Return a numbering by its word or from a palette file; None for ``auto``. Raises ``ValueError``."""
    if name == AUTO:
        return None
    if name in NUMBERINGS:
        return NUMBERINGS[name]
    if not Path(name).is_file():
        raise ValueError(
            f"There is neither a numbering nor a file called {name!r}. Use {', '.join(NUMBERINGS)}, or a text file."
        )
    return Numbering(Path(name).name, dict(enumerate(read_palette(name))))


def _found(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder, sorted, without hidden ones. Raises ``ValueError`` if there is no folder."""
    if not folder.is_dir():
        raise ValueError(f"There is no file or folder {folder}. Check the path.")
    for current, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name[0] != ".")
        here = (Path(current) / name for name in sorted(names) if name[0] != ".")
        yield from (path for path in here if path.is_file())


def _guessed(sources: list[Path], source: Path) -> Numbering:
    """Return the numbering of most label maps. Raises ``ValueError`` if it cannot be told."""
    votes: Counter[str] = Counter()
    by_name = {known.name: known for known in NUMBERINGS.values()}
    for file in sources:
        for part in _halves(_read(file)):
            if is_map(part) and (known := recognised(part[..., 0], CITYSCAPES)):
                votes[known.name] += 1
    if not votes:
        raise ValueError(
            f"Which class numbers {source} holds cannot be told. Say it: --numbers {', '.join(NUMBERINGS)}, or a file "
            "with a line NAME RED GREEN BLUE for each number from 0."
        )
    return by_name[votes.most_common(1)[0][0]]


def is_map(image: np.ndarray) -> bool:
    """Return whether uint8 ``[H, W, 3]`` is gray with flat areas or few levels: class numbers, of any numbering.

    Black and white alone are none.
    """
    if not (image == image[..., :1]).all():
        return False
    levels = np.unique(image[..., 0])
    few = len(levels) <= MOST_LEVELS or flat_areas(image).mean() > FLAT
    return bool(few and not np.isin(levels, (0, VOID)).all())


def _read(file: Path) -> np.ndarray:
    """Return an image, or an empty one for another file."""
    if file.suffix.lower() not in file_kinds.IMAGES:
        return np.zeros((0, 0, 3), np.uint8)
    return images.read(file)


def _halves(image: np.ndarray) -> list[np.ndarray]:
    """Return an image as it is if it is gray, else its left and right half: one of them may be a label map."""
    if not image.size or (image == image[..., :1]).all():
        return [image] if image.size else []
    middle = image.shape[1] // 2
    return [image[:, :middle], image[:, middle:]] if middle else [image]


def _paint(file: Path, target: Path, known: Numbering) -> bool:
    """Write a file's label map, or the half that is one, in colours as a PNG; return whether there was one."""
    parts = _halves(_read(file))
    maps = [is_map(part) and known.holds(np.unique(part)) for part in parts]
    if not any(maps):
        return False
    painted = [known.paint(part[..., 0]) if found else part for part, found in zip(parts, maps, strict=True)]
    with files.replacing(target.with_suffix(".png")) as part:
        Image.fromarray(np.ascontiguousarray(np.hstack(painted))).save(part, "PNG")
    return True
