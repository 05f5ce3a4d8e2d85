"""Find training images that also appear in the test split: metrics on such a split would be too good."""

from functools import lru_cache
from pathlib import Path

from synth.data.doctor import duplicates, survey
from synth.data.doctor.survey import Item

TRAIN, TEST = "train", "test"


def without_overlap(train: list[Path], test: list[Path]) -> list[Path]:
    """Return the training images that have no copy in the test split, as found by ``overlapping``."""
    found = overlapping(tuple(train), tuple(test))
    return [file for file in train if file not in found]


@lru_cache(maxsize=2)
def overlapping(train: tuple[Path, ...], test: tuple[Path, ...]) -> frozenset[Path]:
    """Return the training images of which a test image is an exact or near copy, by the doctor's criteria.

    Mirrored copies count, because training mirrors images. Unreadable files are ignored here; reading them later raises
    the error. Cached, because a run asks several times for its two sides.
    """
    sides = (Item(split, file.stem, "x", file) for split, files in ((TRAIN, train), (TEST, test)) for file in files)
    facts = [fact for fact in survey.inspect_items(tuple(sides), (), None, lambda: None) if not fact.error]
    groups = [[one, other] for one, other, _ in duplicates.near_duplicates(facts)]
    groups += duplicates.group_by_key((fact.digest, fact.item) for fact in facts)
    leaking = [group for group in groups if any(item.split == TEST for item in group)]
    return frozenset(item.path for group in leaking for item in group if item.split == TRAIN)
