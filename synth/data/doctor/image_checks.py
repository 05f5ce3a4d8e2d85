"""Checks of single images, and grouping of identical ones, for pairs and unpaired sets."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from synth.data.doctor.finding import Finding, name, names, size_text
from synth.data.doctor.survey import Facts, Item
from synth.pixels import file_kinds

TINY = 32
ADVICE = {
    "EXIF rotation": "They are turned upright when read.",
    "transparency": "They are composited on white when read.",
    "CMYK colours": "They are converted to RGB, by their colour profile if they have one.",
    "16 bits or more": "They are scaled to 8 bits.",
    "several frames": "Only the first frame is used.",
    "extension does not match the content": "They are read by their content; rename them for other programs.",
    "odd width": "The middle column belongs to neither half; check that they are side-by-side pairs.",
}


def unreadable(facts: list[Facts]) -> Iterable[Finding]:
    """Report files that are not images or are damaged."""
    bad = {fact.item.path: fact for fact in facts if fact.error}
    if bad:
        first = next(iter(bad.values())).error
        yield Finding(
            "problem", "cannot be read", names(f.item for f in bad.values()), f"Replace or remove them. {first}"
        )


def unused(folder: Path, items: Iterable[Item]) -> Iterable[Finding]:
    """Report images and videos below the folder that training does not read."""
    for reason, paths in file_kinds.unread(folder).items():
        yield Finding("note", "not read", _places(folder, paths), f"{reason[:1].upper()}{reason[1:]}.")
    used = {item.path for item in items}
    images = [path for path in file_kinds.walk(folder) if file_kinds.is_image(path) and path not in used]
    if images:
        advice = "Training does not look into the folders that they are in. Move them, or ignore this."
        yield Finding("note", "images that are not used", _places(folder, images), advice)
    if videos := [path for path in file_kinds.walk(folder) if file_kinds.is_video(path)]:
        advice = "Training ignores them. Save frames as images, or make a character: python -m synth data video"
        yield Finding("note", "videos that are not used", _places(folder, videos), advice)


def _places(folder: Path, paths: list[Path]) -> tuple[str, ...]:
    return tuple(path.relative_to(folder).as_posix() for path in paths)


def too_small(facts: list[Facts]) -> Iterable[Finding]:
    """Report images with a side shorter than ``TINY``."""
    small = [f for f in facts if min(f.size) < TINY]
    if small:
        advice = f"A side is shorter than {TINY} pixels. Use larger images; remove thumbnails and placeholders."
        yield Finding("problem", "tiny", tuple(f"{name(f.item)} {size_text(f)}" for f in small), advice)


def elongated(facts: list[Facts]) -> Iterable[Finding]:
    """Report images that lose too much when squeezed into a square."""
    stretched = [f for f in facts if max(f.size) > 4 * min(f.size)]
    if stretched:
        examples = tuple(f"{name(f.item)} {size_text(f)}" for f in stretched)
        yield Finding(
            "note", "extreme proportions", examples, "Training squeezes images into squares; crop them first."
        )


def traits(facts: list[Facts]) -> Iterable[Finding]:
    """Report unusual properties of files, one finding each."""
    having: dict[str, dict] = defaultdict(dict)
    for fact in facts:
        for trait in fact.traits:
            having[trait][fact.item.path] = fact.item
    for trait, items in having.items():
        kind = "problem" if trait == "odd width" else "note"
        yield Finding(kind, trait, names(items.values()), ADVICE[trait])


def group_by_key(keyed: Iterable[tuple[object, Item]]) -> list[list[Item]]:
    """Return the groups of two or more items with the same key."""
    found: dict[object, list[Item]] = defaultdict(list)
    for key, item in keyed:
        found[key].append(item)
    return [group for group in found.values() if len(group) > 1]


def group_names(found: list[list[Item]]) -> tuple[str, ...]:
    """Return groups of items as examples of a finding."""
    return tuple(" = ".join(name(item) for item in group) for group in found)
