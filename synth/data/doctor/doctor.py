"""``python -m synth doctor DIR``: what is wrong with a data set, before hours go into training on it.

Pairs are looked at here, two folders with nothing paired by ``unpaired_doctor``, a character's set by ``clip_doctor``.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Literal

import tyro
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from synth.card import Color
from synth.data.doctor import survey
from synth.data.doctor.checks import check
from synth.data.doctor.clip_doctor import examine
from synth.data.doctor.finding import Finding, report
from synth.data.doctor.label_checks import main_colors
from synth.data.doctor.pairing import why_unpaired
from synth.data.doctor.unpaired_doctor import examine as examine_unpaired
from synth.data.sets.character import is_character
from synth.data.sets.pairs import Pairs
from synth.pixels import palette as palettes

Kind = Literal["auto", "pairs", "unpaired"]
PALETTES = {"facades": palettes.FACADES, "cityscapes": palettes.CITYSCAPES}


def doctor(
    folder: tyro.conf.Positional[Path], palette: str = "", x: str = "x", y: str = "y", kind: Kind = "auto"
) -> int:
    """Look through a data set and say what is wrong with it: exit code 1 if something should be mended.

    Args:
        folder: pairs in any layout that training takes, two folders with nothing paired, or a character's set.
        palette: the label colours to expect: facades, cityscapes, or a file with lines of NAME RED GREEN BLUE.
        x: the folder of the inputs, if there is one of that name.
        y: the folder of the targets, if there is one of that name.
        kind: pairs or unpaired, where what it is taken for by itself is wrong.
    """
    console = Console(highlight=False, markup=False, emoji=False)  # files may be called photo[1].png
    if is_character(folder):
        return examine(folder, console)
    colors = read_palette(palette)
    why = "as asked for" if kind == "unpaired" else ""
    if kind == "auto" and not colors:  # who expects label colours has pairs
        why = why_unpaired(folder, x, y)
    if why:
        return examine_unpaired(folder, x, y, why, console)
    layout = survey.find_layout(folder, x, y)
    labels = survey.label_side(layout.items, colors)
    with Progress(transient=True, console=console) as progress:
        task = progress.add_task("Looking at the pictures", total=len(layout.items))
        facts = survey.inspect_items(layout.items, colors, labels, lambda: progress.advance(task))
    findings = check(layout, facts, labels, colors)
    findings = _training(folder, x, y, console, layout) + findings
    side = [fact for fact in facts if fact.item.side == labels and not fact.error]
    if side and not colors:
        console.print(_colors(main_colors(side), "input" if labels == "x" else "target"))
    return report(console, findings)


def read_palette(name: str) -> tuple[Color, ...]:
    """Return a palette by its name, or from a text file of lines ``NAME RED GREEN BLUE`` (commas allowed).

    Raises ``ValueError`` with a sentence if there is no such palette or a line cannot be understood.
    """
    if not name or name in PALETTES:
        return PALETTES.get(name, ())
    if not Path(name).is_file():
        raise ValueError(f"There is no palette called {name!r}, nor a file. Use {', '.join(PALETTES)}, or a text file.")
    colors: list[Color] = []
    for number, line in enumerate(Path(name).read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = re.fullmatch(r"(.*?)[\s,;]*(\d+)[\s,;]+(\d+)[\s,;]+(\d+)", line.strip())
        if not match or max(map(int, match.groups()[1:])) > 255:
            raise ValueError(f"Line {number} of {name} is not NAME RED GREEN BLUE with numbers from 0 to 255: {line!r}")
        red, green, blue = (int(value) for value in match.groups()[1:])
        colors.append((match[1].strip(" ,;") or f"color {len(colors)}", red, green, blue))
    if not colors:
        raise ValueError(f"{name} holds no colours; it should have lines of NAME RED GREEN BLUE.")
    return tuple(colors)


def _training(folder: Path, x: str, y: str, console: Console, layout: survey.Layout) -> list[Finding]:
    """Say how the folder is laid out and what training would make of it; a folder it refuses is a problem."""
    how = f"{layout.sides[0]} (input) and {layout.sides[1]} (target)" if layout.sides else "side-by-side pictures"
    counts = Counter(item.split for item in layout.items if item.side == "x")
    held = "" if any(name.startswith(("test", "val")) for name in layout.splits) else " (held out by name)"
    splits = ", ".join(f"{counts[split]:,}{f' in {split}' if split else ''}" for split in layout.splits)
    console.print(f"{folder}: {how}; {splits}.", soft_wrap=True)
    pairs = Pairs(name="doctor", x=x, y=y)
    try:
        train, test = len(pairs.find(folder, "train")), len(pairs.find(folder, "test"))
    except ValueError as error:
        return [Finding("problem", "training would refuse it", (), str(error))]
    console.print(f"Training would use {train:,} pairs, and {test:,} to test{held}.")
    return []


def _colors(colors: list[tuple[tuple[int, ...], float]], side: str) -> Table:
    table = Table("colour", "red, green, blue", "share", title=f"{side}: label maps of {len(colors)} colours")
    for color, share in colors[:40]:
        red, green, blue = color
        table.add_row(Text("      ", f"on rgb({red},{green},{blue})"), f"{red}, {green}, {blue}", f"{share:.2%}")
    return table
