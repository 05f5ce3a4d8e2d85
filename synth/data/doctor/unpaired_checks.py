"""Checks of two unpaired folders: between the sides, and within each of them."""

from collections.abc import Iterable

import numpy as np

from synth.data.doctor import duplicates, image_checks
from synth.data.doctor.finding import Finding, names
from synth.data.doctor.survey import Facts, Layout, Side

UNEQUAL = 4
"""Largest ratio of the sides' image counts."""
LARGER = 2.0
"""Largest ratio of the sides' median image sizes."""
DISTORTED = 1.3
"""Largest ratio of the sides' median aspect ratios."""
GRAYER = 0.02
"""Largest difference of the sides' shares of gray images."""
SIDES: tuple[Side, Side] = ("x", "y")
Halves = dict[Side, list[Facts]]


def check(layout: Layout, facts: list[Facts]) -> list[Finding]:
    """Return all findings, problems first."""
    assert layout.sides
    good = [fact for fact in facts if not fact.error]
    halves: Halves = {side: [fact for fact in good if fact.item.side == side] for side in SIDES}
    called = dict(zip(SIDES, layout.sides, strict=True))
    found = [
        *image_checks.unreadable(facts),
        *_no_test(layout),
        *_counts(layout, called),
        *image_checks.too_small(good),
        *image_checks.elongated(good),
        *duplicates.check(good),
        *image_checks.traits(good),
    ]
    if all(halves.values()):
        found += [*_sizes(halves, called), *_proportions(halves, called), *_grays(halves, called)]
    return sorted(found, key=lambda finding: finding.kind == "note")


def size(facts: list[Facts]) -> tuple[float, float]:
    """Return the median width and height of images, in pixels."""
    width, height = np.median([fact.size for fact in facts], axis=0)
    return float(width), float(height)


def proportion(facts: list[Facts]) -> float:
    """Return the median aspect ratio, width by height."""
    return float(np.median([fact.size[0] / fact.size[1] for fact in facts]))


def _no_test(layout: Layout) -> Iterable[Finding]:
    missing = [name for name in ("train", "test") if not any(_is(split, name) for split in layout.splits)]
    if missing == ["test"] or layout.splits == ("",):
        advice = "Training holds out every twentieth image. Better move some, say 50 of each side, to a test folder."
        yield Finding("note", "no test images", (f"{', '.join(layout.splits) or 'two folders'} only",), advice)
    elif missing:
        advice = "Training uses most of these and holds out every twentieth. Rename the folder to train, or add one."
        yield Finding("problem", "no training images", (", ".join(layout.splits) + " only",), advice)


def _is(split: str, name: str) -> bool:
    return (split == "train") == (name == "train") and split != ""


def _counts(layout: Layout, called: dict[Side, str]) -> Iterable[Finding]:
    splits = ("train",) if "train" in layout.splits else layout.splits
    counts = {side: sum(i.side == side and i.split in splits for i in layout.items) for side in SIDES}
    least, most = sorted(SIDES, key=lambda side: counts[side])
    details = (f"{called[least]} {counts[least]:,}, {called[most]} {counts[most]:,}",)
    if counts[least] < 2:
        yield Finding("problem", "a single image", details, "One image is too few to learn from. Add more.")
    elif counts[most] > UNEQUAL * counts[least]:
        often = counts[most] / counts[least]
        advice = f"Each of {called[least]} is seen {often:.0f} times as often, and may be memorised. Add more of them."
        yield Finding("note", "very different counts", details, advice)


def _sizes(halves: Halves, called: dict[Side, str]) -> Iterable[Finding]:
    sides = {side: np.sqrt(np.prod(size(halves[side]))) for side in SIDES}
    least, most = sorted(SIDES, key=lambda side: sides[side])
    if sides[most] > LARGER * sides[least]:
        details = tuple(f"{called[side]} median {_by(halves[side])}" for side in SIDES)
        advice = (
            f"Resized to one size, {called[least]} is blurred: the network learns sharpness in place of style. "
            "Use larger images, or shrink the others first."
        )
        yield Finding("problem", "sizes of the sides differ", details, advice)


def _proportions(halves: Halves, called: dict[Side, str]) -> Iterable[Finding]:
    wide = {side: proportion(halves[side]) for side in SIDES}
    ratio = max(wide.values()) / min(wide.values())
    if ratio > DISTORTED:
        details = tuple(f"{called[side]} median width/height {wide[side]:.2f}" for side in SIDES)
        advice = (
            f"Squeezed into squares, one side is distorted {ratio:.1f} times as much as the other, and the network "
            "learns that too. Crop both alike, or set fit='cover' in the recipe's data."
        )
        yield Finding("problem", "proportions of the sides differ", details, advice)


def _grays(halves: Halves, called: dict[Side, str]) -> Iterable[Finding]:
    gray = {side: [fact.item for fact in halves[side] if fact.gray] for side in SIDES}
    shares = {side: len(gray[side]) / len(halves[side]) for side in SIDES}
    least, most = sorted(SIDES, key=lambda side: shares[side])
    if shares[most] > 0.9 and shares[least] < 0.5:
        details = tuple(f"{called[side]} {shares[side]:.0%} gray" for side in SIDES)
        advice = "On the way back colours have to be invented, or are hidden in the grays. Fine if intended."
        yield Finding("note", "no colours on one side", details, advice)
    elif shares[most] > shares[least] + GRAYER:
        details = " and ".join(f"{shares[side]:.0%} of {called[side]}" for side in SIDES)
        advice = f"They are {details}: some results will lose their colours. Remove them if that is unwanted."
        yield Finding("note", "gray images", names(gray[most]), advice)


def _by(facts: list[Facts]) -> str:
    width, height = size(facts)
    return f"{width:.0f}x{height:.0f}"
