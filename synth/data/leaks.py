"""Training pictures that the test split shows again: figures on such a split would flatter."""

from pathlib import Path

from synth.data import copies, survey
from synth.data.survey import Item

TRAIN, TEST = "train", "test"


def without(train: list[Path], test: list[Path]) -> list[Path]:
    """Return the training pictures of which no test picture is a copy, or nearly one, as ``doctor`` finds them.

    A mirrored picture is as good as the same, because training mirrors. What cannot be read is kept, for whoever
    reads it to complain of.
    """
    sides = (Item(split, file.stem, "x", file) for split, files in ((TRAIN, train), (TEST, test)) for file in files)
    facts = [fact for fact in survey.look_at(tuple(sides), (), None, lambda: None) if not fact.error]
    groups = [[one, other] for one, other, _ in copies.similar(facts)]
    groups += copies.alike((fact.digest, fact.item) for fact in facts)
    again = {item.path for group in groups if any(item.split == TEST for item in group) for item in group}
    return [file for file in train if file not in again]
