"""``python -m synth doctor DIR`` for two unpaired folders: report their properties and problems."""

from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from synth.data import training_command
from synth.data.doctor import image_checks, survey
from synth.data.doctor.finding import report
from synth.data.doctor.survey import Facts, Item, Layout
from synth.data.doctor.unpaired_checks import SIDES, check, proportion, size
from synth.data.sets.unpaired import AUTHORS, Unpaired


def examine(folder: Path, x: str, y: str, why: str, console: Console) -> int:
    """Print findings, advice and the next step; return 1 if there is a problem.

    ``why`` is the reason for taking the set as unpaired. Raises ``ValueError`` for other layouts.
    """
    data = Unpaired(name="doctor", x=x, y=y)
    layout = lay_out(folder, data)
    with Progress(transient=True, console=console) as progress:
        task = progress.add_task("Looking at the images", total=len(layout.items))
        facts = survey.inspect_items(layout.items, (), None, lambda: progress.advance(task))
    assert layout.sides
    console.print(f"{folder}: {' and '.join(layout.sides)}, unpaired ({why}).", soft_wrap=True)
    console.print(_sides(layout, facts))
    counts = [" and ".join(f"{len(side):,}" for side in data.find(folder, split)) for split in ("train", "test")]
    console.print(f"Training would use {counts[0]} images, and {counts[1]} to test.")
    findings = [*check(layout, facts), *image_checks.unused(folder, layout.items)]
    return report(console, findings, training_command.unpaired(folder))


def lay_out(folder: Path, data: Unpaired) -> Layout:
    """Return a folder's layout as training sees it. Raises ``ValueError`` if training does not support it."""
    found = data.splits(folder)
    items = tuple(
        Item(split, file.stem, side, file)
        for split, sides in found.items()
        for side, files in zip(SIDES, sides, strict=True)
        for file in files
    )
    split, (one, other) = next(iter(found.items()))
    x, y = one[0].parent.name, other[0].parent.name
    if (x, y) == (split + AUTHORS["x"], split + AUTHORS["y"]):
        x, y = AUTHORS["x"], AUTHORS["y"]
    return Layout((x, y), tuple(found), items)


def _sides(layout: Layout, facts: list[Facts]) -> Table:
    """Return a table of the two sides: image counts per split, sizes, aspect ratios, share of gray images."""
    assert layout.sides
    splits = [split or "pictures" for split in layout.splits]
    table = Table("side", *splits, "median size", "smallest", "largest", "width/height", "gray")
    counts = Counter((item.side, item.split) for item in layout.items)
    for side, called in zip(SIDES, layout.sides, strict=True):
        good = [fact for fact in facts if fact.item.side == side and not fact.error]
        many = [f"{counts[side, split]:,}" for split in layout.splits]
        table.add_row(called, *many, *(_looks(good) if good else ["–"] * 5))
    return table


def _looks(facts: list[Facts]) -> list[str]:
    ordered = sorted((fact.size for fact in facts), key=lambda each: each[0] * each[1])
    sizes = [size(facts), ordered[0], ordered[-1]]
    size_texts = [f"{width:.0f}x{height:.0f}" for width, height in sizes]
    wide = [width / height for width, height in ordered]
    spread = "" if max(wide) - min(wide) < 0.01 else f" ({min(wide):.2f} to {max(wide):.2f})"
    return [*size_texts, f"{proportion(facts):.2f}{spread}", f"{sum(fact.gray for fact in facts) / len(facts):.0%}"]
