"""Plan of an apply run: the input files, the names of their results, and the files that are left out."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from synth import files
from synth.pixels import animation, file_kinds
from synth.runtime import provenance

FILM = ".mp4"
PICTURE = ".png"


@dataclass(frozen=True)
class Job:
    """One input file and one output file; ``film`` says whether it is a video or an image."""

    source: Path
    target: Path
    film: bool


@dataclass(frozen=True)
class Plan:
    """The jobs, and the images and videos that are left out, by reason."""

    jobs: list[Job]
    left_out: dict[str, list[Path]] = field(default_factory=dict)


def plan(source: Path, target: Path, dancing: bool = False) -> Plan:
    """Return the jobs that turn ``source`` into ``target``, both a file or a folder; sub-folders are kept.

    A character (``dancing``) takes videos only. Images become PNG unless ``target`` has another suffix, videos and
    animated images MP4. Raises ``ValueError`` for a source that is missing, of an unknown kind, or would be
    overwritten.
    """
    if source.is_dir():
        return _folder(source, target, dancing)
    if not source.exists():
        raise ValueError(f"There is no file or folder {source}.")
    if reason := _why_left_out(source, dancing):
        raise ValueError(f"“{source.name}” cannot be used: {reason}.")
    if not _is_film(source) and not file_kinds.is_image(source):
        kinds = "a video" if dancing else "an image or a video"
        raise ValueError(f"{source.name} does not have the suffix of {kinds}. Rename it, or give a folder.")
    film = _is_film(source)
    ending = FILM if film else PICTURE
    if target.is_dir() or not target.suffix:
        target = target / (source.stem + ending)
    elif target.suffix.lower() not in ({FILM} if film else provenance.KINDS):
        kinds = FILM if film else ", ".join(provenance.KINDS)
        raise ValueError(f"{target.name} cannot be written: the result's name ends in {kinds}.")
    if target.resolve() == source.resolve():
        raise ValueError(f"{target} is the input itself. Choose another file for the result.")
    return Plan([Job(source, target, film)])


def _folder(source: Path, target: Path, dancing: bool) -> Plan:
    if target.is_file():
        raise ValueError(f"{target} is a file; the results of a folder need a folder.")
    if target.resolve() == source.resolve():
        raise ValueError(f"{target} is the input itself. Choose another folder for the results.")
    taken: list[tuple[Path, bool]] = []
    left: dict[str, list[Path]] = {}
    for path in file_kinds.walk(source, target.resolve()):
        if reason := _why_left_out(path, dancing):
            left.setdefault(reason, []).append(path)
        elif (film := _is_film(path)) or file_kinds.is_image(path):
            taken.append((path, film))
    if not taken:
        kinds = "videos" if dancing else "images or videos"
        raise ValueError(" ".join([f"There are no {kinds} in {source} that can be used.", *file_kinds.sentences(left)]))
    places = _places([(path.relative_to(source), film) for path, film in taken])
    return Plan([Job(path, target / place, film) for (path, film), place in zip(taken, places, strict=True)], left)


def _is_film(path: Path) -> bool:
    """Return whether a file is a video, or an animated image, which becomes one."""
    return file_kinds.is_video(path) or (file_kinds.is_image(path) and animation.is_animated(path))


def _why_left_out(path: Path, dancing: bool) -> str:
    """Return why an image or video is not used; an empty string for one that is used, and for all other files."""
    if path.is_dir():
        return "links to folders are not followed; give the folder itself"
    if reason := file_kinds.why_unread(path):
        return reason
    if not (file_kinds.is_image(path) or file_kinds.is_video(path)):
        return ""
    if reason := files.not_regular(path):
        return f"it {reason}"
    return "a character takes videos" if dancing and not _is_film(path) else ""


def _places(given: list[tuple[Path, bool]]) -> list[Path]:
    """Return the results' places: ``a/b.png`` for ``a/b.jpg``, or ``a/b.jpg.png`` where two would share a name.

    Each file comes with whether it is a video.
    """
    endings = [FILM if film else PICTURE for _, film in given]
    plain = [path.with_suffix(ending) for (path, _), ending in zip(given, endings, strict=True)]
    taken = Counter(str(path).lower() for path in plain)  # some file systems ignore case
    return [
        place if taken[str(place).lower()] == 1 else path.with_name(path.name + ending)
        for (path, _), place, ending in zip(given, plain, endings, strict=True)
    ]
