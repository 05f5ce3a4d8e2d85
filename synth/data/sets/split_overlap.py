"""Training pictures that the test split shows again: figures on such a split would flatter."""

from functools import lru_cache
from pathlib import Path

from synth.data.doctor import duplicates, survey
from synth.data.doctor.survey import Item

TRAIN, TEST = "train", "test"


def without_overlap(train: list[Path], test: list[Path]) -> list[Path]:
    """Return the training pictures that no test picture shows again, as ``again`` finds them."""
    found = overlapping(tuple(train), tuple(test))
    return [file for file in train if file not in found]


@lru_cache(maxsize=2)
def overlapping(train: tuple[Path, ...], test: tuple[Path, ...]) -> frozenset[Path]:
    """Return the training pictures of which a test picture is a copy, or nearly one, as ``doctor`` finds them.

    A mirrored picture is as good as the same, because training mirrors. What cannot be read is none, for whoever reads
    it to complain of. A run asks several times for its two sides, and all pictures are looked at only once.
    """
    sides = (Item(split, file.stem, "x", file) for split, files in ((TRAIN, train), (TEST, test)) for file in files)
    facts = [fact for fact in survey.inspect_items(tuple(sides), (), None, lambda: None) if not fact.error]
    groups = [[one, other] for one, other, _ in duplicates.near_duplicates(facts)]
    groups += duplicates.group_by_key((fact.digest, fact.item) for fact in facts)
    leaking = [group for group in groups if any(item.split == TEST for item in group)]
    return frozenset(item.path for group in leaking for item in group if item.split == TRAIN)
