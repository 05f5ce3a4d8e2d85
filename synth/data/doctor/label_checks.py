"""Checks of label maps: colours that belong to no class."""

import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from synth.card import Color
from synth.counted import counted
from synth.data.doctor import survey
from synth.data.doctor.finding import Finding, name, names
from synth.data.doctor.survey import Facts, Item


def outside(facts: list[Facts], palette: tuple[Color, ...]) -> Iterable[Finding]:
    """Report colours outside the palette: other colours (a problem), slightly blurred ones (a note)."""
    far: Counter[tuple[int, ...]] = Counter()
    near, bad = 0, []
    for fact in facts:
        colors, shares = survey.outside(fact, palette)
        near += len(_tuples(fact)) > len(colors)
        far.update(dict(zip(map(tuple, colors.tolist()), shares.tolist(), strict=True)))
        if len(colors):
            bad.append((float(shares.sum()), name(fact.item)))
    if bad:
        often = ", ".join(str(color) for color, _ in far.most_common(3))
        examples = tuple(f"{where} {share:.2%}" for share, where in sorted(bad, reverse=True))
        yield Finding(
            "problem",
            "colours outside the palette",
            examples,
            f"Most often {often}. Repaint them, or add them to the palette.",
        )
    if near:
        advice = "Blurred by JPEG or resizing; training uses the nearest colour of the palette."
        yield Finding("note", "colours slightly off the palette", (counted(near, "image"),), advice)


def stray(facts: list[Facts]) -> Iterable[Finding]:
    """Report, without a palette, colours of label maps too rare to be a class."""
    main = {color for color, _ in main_colors(facts)}
    rare: Counter[tuple[int, ...]] = Counter()
    where: dict[tuple[int, ...], Item] = {}
    for fact in facts:
        for color in _tuples(fact):
            if color not in main:
                rare[color] += 1
                where.setdefault(color, fact.item)
    if rare:
        examples = tuple(f"{color} in {name(where[color])}" for color, _ in rare.most_common())
        yield Finding(
            "problem",
            "rare colours in label maps",
            examples,
            "Perhaps painting errors. If they are classes, pass --palette.",
        )
    many = [fact for fact in facts if fact.colors is None]
    if many:
        advice = "The others have few colours. Check whether these were saved as JPEG or are photographs."
        yield Finding("problem", "label maps with many colours", names(f.item for f in many), advice)


def class_numbers(facts: list[Facts], root: Path) -> Iterable[Finding]:
    """Report label maps whose grey levels are class numbers, with the command that paints the set in ``root``."""
    numbered = [fact for fact in facts if fact.numbers]
    if numbered:
        word = Counter(fact.numbering for fact in numbered).most_common(1)[0][0] or "voc"
        command = shlex.join(
            ["python", "-m", "synth", "data", "paint", str(root), f"{root}-painted", "--numbers", word]
        )
        advice = "Training would see classes one grey level apart. Paint them with the command below."
        yield Finding("problem", "class numbers, not colours", names(fact.item for fact in numbered), advice, command)


def main_colors(facts: list[Facts]) -> list[tuple[tuple[int, ...], float]]:
    """Return the colours of label maps with their share of all, most frequent first, without rare ones.

    A colour is rare if it has less than a hundred-thousandth of all pixels.
    """
    shares: Counter[tuple[int, ...]] = Counter()
    for fact in facts:
        if fact.colors is not None and fact.shares is not None:
            shares.update(dict(zip(_tuples(fact), (fact.shares / len(facts)).tolist(), strict=True)))
    return [(color, share) for color, share in shares.most_common() if share >= 1e-5]


def lossy(facts: list[Facts]) -> Iterable[Finding]:
    """Report label maps in a lossy format."""
    smeared = [f.item for f in facts if f.item.path.suffix.lower() in (".jpg", ".jpeg")]
    if smeared:
        yield Finding(
            "note",
            "label maps as JPEG",
            names(smeared),
            "JPEG blurs the colours at edges. Save them as PNG if you can.",
        )


def _tuples(fact: Facts) -> list[tuple[int, ...]]:
    return [] if fact.colors is None else [tuple(color) for color in fact.colors.tolist()]
