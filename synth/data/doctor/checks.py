"""Checks of a folder of pairs: each takes the facts and yields findings."""

from collections import Counter
from collections.abc import Iterable

import numpy as np

from synth.card import Color
from synth.data.doctor import image_checks, label_checks
from synth.data.doctor.finding import Finding, name, names, size_text
from synth.data.doctor.image_checks import group_by_key, group_names
from synth.data.doctor.survey import Facts, Layout, Side

NEAR = 4
"""Largest Hamming distance, of 128 bits, between the perceptual hashes of near-duplicate pairs."""
MANY = 20_000


def check(layout: Layout, facts: list[Facts], labels: Side | None, palette: tuple[Color, ...]) -> list[Finding]:
    """Return all findings, problems first."""
    good = [fact for fact in facts if not fact.error]
    found = [
        *_unpaired(layout),
        *_twice_named(layout),
        *image_checks.unreadable(facts),
        *_sizes(good),
        *image_checks.too_small(good),
        *image_checks.elongated(good),
        *_duplicates(good),
        *_near(good),
        *image_checks.traits(good),
    ]
    if labels:
        side = [fact for fact in good if fact.item.side == labels]
        found += label_checks.class_numbers(side, layout.root)
        side = [fact for fact in side if not fact.numbers]
        found += label_checks.outside(side, palette) if palette else label_checks.stray(side)
        found += label_checks.lossy(side)
    return sorted(found, key=lambda finding: finding.kind == "note")


def _unpaired(layout: Layout) -> Iterable[Finding]:
    keys = {side: {(i.split, i.name): i for i in layout.items if i.side == side} for side in ("x", "y")}
    for side, other, k in (("x", "y", 1), ("y", "x", 0)):
        alone = [item for key, item in keys[side].items() if key not in keys[other]]
        if alone and layout.sides:
            advice = (
                f"Add the file of the same name to {layout.sides[k]}, or remove it; training ignores it. "
                "If the folders are unpaired, pass --kind unpaired."
            )
            yield Finding("problem", "without a partner", names(alone), advice)


def _twice_named(layout: Layout) -> Iterable[Finding]:
    count = Counter((i.split, i.side, i.name) for i in layout.items)
    twice = [i for i in layout.items if count[i.split, i.side, i.name] > 1]
    if twice:
        yield Finding(
            "problem", "same name, different extensions", names(twice), "Only one of them is used; rename one."
        )


def _sizes(facts: list[Facts]) -> Iterable[Finding]:
    sizes = {(f.item.split, f.item.name, f.item.side): f for f in facts}
    both = [(f, sizes.get((f.item.split, f.item.name, "y"))) for f in facts if f.item.side == "x"]
    differ = [(x, y) for x, y in both if y and x.size != y.size]
    if differ:
        examples = tuple(f"{name(x.item)} {size_text(x)} and {size_text(y)}" for x, y in differ)
        yield Finding("problem", "sizes of input and target differ", examples, "Crop or resize one to match the other.")
    kinds = Counter(f.size for f in facts)
    if len(kinds) > 1:
        examples = tuple(f"{w}x{h}: {n}" for (w, h), n in kinds.most_common())
        yield Finding("note", "different sizes", examples, "All are resized to the training size.")


def _duplicates(facts: list[Facts]) -> Iterable[Finding]:
    pairs = _pairs(facts)
    same = [x for x, y in pairs if x.digest == y.digest]
    if same:
        yield Finding(
            "problem",
            "input and target are identical",
            names(f.item for f in same),
            "Replace one with the right image.",
        )
    both = group_by_key(((x.digest, y.digest), x.item) for x, y in pairs)
    if both:
        across = any(len({i.split for i in group}) > 1 for group in both)
        leak = " Some are in train and in test: metrics on those are meaningless." if across else ""
        yield Finding("problem", "duplicate pairs", group_names(both), f"Keep one of each.{leak}")
    whole = {item for group in both for item in group}
    for side, k, advice in (
        ("input", 0, "With several targets for one input, the network learns their average."),
        ("target", 1, "Fine if intended; else keep one of each."),
    ):
        rest = [p for p in pairs if p[0].item not in whole]
        again = group_by_key((p[k].digest, p[k].item) for p in rest)
        across = any(len({i.split for i in group}) > 1 for group in again)
        if again:
            kind = "problem" if across else "note"
            leak = " Some are in train and in test: metrics on those are unreliable." if across else ""
            yield Finding(kind, f"duplicate {side}s", group_names(again), advice + leak)


def _near(facts: list[Facts]) -> Iterable[Finding]:
    """Find pairs that look nearly the same on both sides, for example neighbouring frames of a video."""
    pairs = _pairs(facts)[:MANY]
    looks = np.frombuffer(b"".join(x.phash + y.phash for x, y in pairs), np.uint64).reshape(-1, 2)
    near, across = [], False
    for i in range(len(pairs) - 1):
        bits = np.bitwise_count(looks[i + 1 :] ^ looks[i]).sum(axis=1)
        for j in np.flatnonzero(bits <= NEAR) + i + 1:
            (a, b), (c, d) = pairs[i], pairs[int(j)]
            if a.digest != c.digest and b.digest != d.digest:
                near.append(f"{name(a.item)} = {name(c.item)}")
                across |= a.item.split != c.item.split
    if near:
        leak = " Some are in train and in test: metrics on those are too good." if across else ""
        advice = f"Check whether they are copies (re-saved, resized, neighbouring frames).{leak}"
        yield Finding("note", "near-duplicate pairs", tuple(near), advice)


def _pairs(facts: list[Facts]) -> list[tuple[Facts, Facts]]:
    targets = {(f.item.split, f.item.name): f for f in facts if f.item.side == "y"}
    return [(f, y) for f in facts if f.item.side == "x" and (y := targets.get((f.item.split, f.item.name)))]
