"""What can be wrong with pictures one by one, and which of them are the same, in pairs or not."""

from collections import defaultdict
from collections.abc import Iterable

from synth.data.doctor.finding import Finding, name, names, size_text
from synth.data.doctor.survey import Facts, Item

TINY = 32
ADVICE = {
    "EXIF rotation": "They are turned upright when read.",
    "transparency": "They are laid on white when read.",
    "CMYK colours": "They are converted to RGB without their colour profile.",
    "16 bits or more": "They are scaled to 8 bits.",
    "several frames": "Only the first frame is used.",
    "a name that does not tell its kind": "They are read by their content; rename them for other programs.",
    "width that is odd": "The column in the middle belongs to neither half; check that they are side-by-side pairs.",
}


def unreadable(facts: list[Facts]) -> Iterable[Finding]:
    """Files that are no picture or are damaged."""
    bad = {fact.item.path: fact for fact in facts if fact.error}
    if bad:
        first = next(iter(bad.values())).error
        yield Finding("problem", "cannot be read", names(f.item for f in bad.values()), f"Replace or remove. {first}")


def too_small(facts: list[Facts]) -> Iterable[Finding]:
    """Pictures with a side shorter than ``TINY``."""
    small = [f for f in facts if min(f.size) < TINY]
    if small:
        advice = f"Shorter than {TINY} pixels; larger ones train better. Remove thumbnails and placeholders."
        yield Finding("problem", "tiny", tuple(f"{name(f.item)} {size_text(f)}" for f in small), advice)


def elongated(facts: list[Facts]) -> Iterable[Finding]:
    """Pictures of which squeezing them into a square leaves little."""
    stretched = [f for f in facts if max(f.size) > 4 * min(f.size)]
    if stretched:
        examples = tuple(f"{name(f.item)} {size_text(f)}" for f in stretched)
        yield Finding("note", "very long or wide", examples, "Training squeezes pictures into squares; cut them first.")


def traits(facts: list[Facts]) -> Iterable[Finding]:
    """What is unusual about files, a finding each."""
    having: dict[str, dict] = defaultdict(dict)
    for fact in facts:
        for trait in fact.traits:
            having[trait][fact.item.path] = fact.item
    for trait, items in having.items():
        kind = "problem" if trait == "width that is odd" else "note"
        yield Finding(kind, trait, names(items.values()), ADVICE[trait])


def group_by_key(keyed: Iterable[tuple[object, Item]]) -> list[list[Item]]:
    """Return the groups of two items or more that have the same key."""
    found: dict[object, list[Item]] = defaultdict(list)
    for key, item in keyed:
        found[key].append(item)
    return [group for group in found.values() if len(group) > 1]


def group_names(found: list[list[Item]]) -> tuple[str, ...]:
    """Return groups of items as examples of a finding."""
    return tuple(" = ".join(name(item) for item in group) for group in found)
