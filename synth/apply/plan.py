"""Plan of an apply run: the input files, and the names of their results."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from synth.pixels import images
from synth.runtime import provenance

FILMS = frozenset(
    {".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".flv", ".wmv", ".ogv"}
)
FILM = ".mp4"
PICTURE = ".png"


@dataclass(frozen=True)
class Job:
    """One input file and one output file; ``film`` says whether it is a video or an image."""

    source: Path
    target: Path
    film: bool


def plan(source: Path, target: Path, dancing: bool = False) -> list[Job]:
    """Return the jobs that turn ``source`` into ``target``, both a file or a folder; sub-folders are kept.

    A character (``dancing``) takes videos only. Images become PNG unless ``target`` has another suffix, videos MP4.
    Raises ``ValueError`` for a source that is missing, of an unknown kind, or would be overwritten.
    """
    if source.is_dir():
        return _folder(source, target, dancing)
    if not source.exists():
        raise ValueError(f"There is no file or folder {source}.")
    if not _known(source, dancing):
        kinds = "a video" if dancing else "an image or a video"
        raise ValueError(f"{source.name} does not have the suffix of {kinds}. Rename it, or give a folder.")
    film = source.suffix.lower() in FILMS
    ending = FILM if film else PICTURE
    if target.is_dir() or not target.suffix:
        target = target / (source.stem + ending)
    elif target.suffix.lower() not in ({FILM} if film else provenance.KINDS):
        kinds = FILM if film else ", ".join(provenance.KINDS)
        raise ValueError(f"{target.name} cannot be written: the result's name ends in {kinds}.")
    if target.resolve() == source.resolve():
        raise ValueError(f"{target} is the input itself. Choose another file for the result.")
    return [Job(source, target, film)]


def _folder(source: Path, target: Path, dancing: bool) -> list[Job]:
    if target.is_file():
        raise ValueError(f"{target} is a file; the results of a folder need a folder.")
    if target.resolve() == source.resolve():
        raise ValueError(f"{target} is the input itself. Choose another folder for the results.")
    sources = [path for path in _files(source, target.resolve()) if _known(path, dancing)]
    if not sources:
        kinds = "videos" if dancing else "images or videos"
        raise ValueError(f"There are no {kinds} in {source}.")
    places = _places(path.relative_to(source) for path in sources)
    return [
        Job(path, target / place, path.suffix.lower() in FILMS) for path, place in zip(sources, places, strict=True)
    ]


def _files(folder: Path, without: Path) -> Iterator[Path]:
    """Yield all files below a folder in sorted order, except hidden ones and those below ``without``."""
    for current, folders, names in os.walk(folder):
        kept = [name for name in folders if name[0] != "." and (Path(current) / name).resolve() != without]
        folders[:] = sorted(kept)
        yield from (Path(current) / name for name in sorted(names) if name[0] != ".")


def _known(path: Path, dancing: bool) -> bool:
    ending = path.suffix.lower()
    return ending in FILMS or (ending in images.SUFFIXES and not dancing)


def _places(paths: Iterable[Path]) -> list[Path]:
    """Return the results' places: ``a/b.png`` for ``a/b.jpg``, or ``a/b.jpg.png`` where two would share a name."""
    paths = list(paths)
    endings = [FILM if path.suffix.lower() in FILMS else PICTURE for path in paths]
    plain = [path.with_suffix(ending) for path, ending in zip(paths, endings, strict=True)]
    taken = Counter(str(path).lower() for path in plain)  # some file systems ignore case
    return [
        place if taken[str(place).lower()] == 1 else path.with_name(path.name + ending)
        for path, place, ending in zip(paths, plain, endings, strict=True)
    ]
