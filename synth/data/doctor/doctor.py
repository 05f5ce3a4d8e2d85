"""``python -m synth doctor DIR``: report problems of a data set before training.

Pairs are handled here, unpaired folders by ``unpaired_doctor``, a character's set by ``clip_doctor``.
"""

from collections import Counter
from pathlib import Path
from typing import Literal

import tyro
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from synth.counted import counted
from synth.data import training_command
from synth.data.doctor import image_checks, survey
from synth.data.doctor.checks import check
from synth.data.doctor.clip_doctor import examine
from synth.data.doctor.finding import Finding, report
from synth.data.doctor.label_checks import main_colors
from synth.data.doctor.pairing import why_unpaired
from synth.data.doctor.unpaired_doctor import examine as examine_unpaired
from synth.data.palette_file import read_palette
from synth.data.sets.character import is_character
from synth.data.sets.pairs import Pairs

Kind = Literal["auto", "pairs", "unpaired"]


def doctor(
    folder: tyro.conf.Positional[Path], palette: str = "", x: str = "x", y: str = "y", kind: Kind = "auto"
) -> int:
    """Check a data set and report what to fix; exit with code 1 if there is a problem.

    Args:
        folder: pairs in any layout that training accepts, two unpaired folders, or a character's set.
        palette: the expected label colours: facades, cityscapes, or a file with lines of NAME RED GREEN BLUE.
        x: name of the folder of inputs, if there is one.
        y: name of the folder of targets, if there is one.
        kind: pairs or unpaired, if the automatic choice is wrong.
    """
    console = Console(highlight=False, markup=False, emoji=False)  # files may be called photo[1].png
    if is_character(folder):
        return examine(folder, console)
    colors = read_palette(palette)
    why = "as requested" if kind == "unpaired" else ""
    if kind == "auto" and not colors:  # a palette implies pairs
        why = why_unpaired(folder, x, y)
    if why:
        return examine_unpaired(folder, x, y, why, console)
    layout = survey.find_layout(folder, x, y)
    labels = survey.label_side(layout.items, colors)
    with Progress(transient=True, console=console) as progress:
        task = progress.add_task("Looking at the images", total=len(layout.items))
        facts = survey.inspect_items(layout.items, colors, labels, lambda: progress.advance(task))
    findings = check(layout, facts, labels, colors)
    findings += image_checks.unused(folder, layout.items)
    findings = _training(folder, x, y, console, layout) + findings
    side = [fact for fact in facts if fact.item.side == labels and not fact.error]
    if side and not colors:
        console.print(_colors(main_colors(side), "input" if labels == "x" else "target"))
    return report(console, findings, training_command.pairs(folder))


def _training(folder: Path, x: str, y: str, console: Console, layout: survey.Layout) -> list[Finding]:
    """Print the layout and what training would use; return a problem if training would refuse the folder."""
    how = f"{layout.sides[0]} (input) and {layout.sides[1]} (target)" if layout.sides else "side-by-side images"
    counts = Counter(item.split for item in layout.items if item.side == "x")
    held = "" if any(name.startswith(("test", "val")) for name in layout.splits) else " (held out by name)"
    splits = ", ".join(f"{counts[split]:,}{f' in {split}' if split else ''}" for split in layout.splits)
    console.print(f"{folder}: {how}; {splits}.", soft_wrap=True)
    pairs = Pairs(name="doctor", x=x, y=y)
    try:
        train, test = len(pairs.find(folder, "train")), len(pairs.find(folder, "test"))
    except ValueError as error:
        return [Finding("problem", "training would refuse the folder", (), str(error))]
    console.print(f"Training would use {counted(train, 'pair')}, and {test:,} to test{held}.")
    default = Pairs(name="doctor", x="x", y="y").describe(folder)
    if default != pairs.describe(folder):
        console.print(f"`train pairs` takes {default}. For the other direction rename the folders to x (input) and y.")
    return []


def _colors(colors: list[tuple[tuple[int, ...], float]], side: str) -> Table:
    table = Table(
        "colour", "red, green, blue", "share", title=f"{side}: label maps of {counted(len(colors), 'colour')}"
    )
    for color, share in colors[:40]:
        red, green, blue = color
        table.add_row(Text("      ", f"on rgb({red},{green},{blue})"), f"{red}, {green}, {blue}", f"{share:.2%}")
    return table
