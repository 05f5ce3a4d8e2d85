"""What a check of a data set has found, and how its pictures are called in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from synth.data.doctor.survey import Facts, Item

SHOWN = 3


@dataclass(frozen=True)
class Finding:
    """Something to know: a ``problem`` that should be mended before training, or a ``note``."""

    kind: Literal["problem", "note"]
    what: str
    examples: tuple[str, ...]
    advice: str


def name(item: Item) -> str:
    """Return how a picture is called: its split, folder and file; ``trainA`` names the first two at once."""
    folder = "" if item.half >= 0 else item.path.parent.name
    split = "" if folder in (f"{item.split}A", f"{item.split}B") else item.split
    parts = [split, folder, item.path.name]
    return "/".join(part for part in parts if part and part != ".")


def names(items: Iterable[Item]) -> tuple[str, ...]:
    """Return the names of pictures, each once."""
    return tuple(dict.fromkeys(name(item) for item in items))


def size_text(fact: Facts) -> str:
    """Return a size as 640x480."""
    return f"{fact.size[0]}x{fact.size[1]}"


def table(findings: list[Finding], examples: str = "where") -> Table:
    """Return findings as a table for people; ``examples`` is what their examples say."""
    made = Table("", "what", Column(examples, overflow="fold"), "what to do", show_lines=True)
    for finding in findings:
        more = len(finding.examples) - SHOWN
        where = list(finding.examples[:SHOWN]) + ([f"… and {more:,} more"] if more > 0 else [])
        style = "bold red" if finding.kind == "problem" else "yellow"
        made.add_row(Text(finding.kind, style), finding.what, "\n".join(where), finding.advice)
    return made


def report(console: Console, findings: list[Finding]) -> int:
    """Print findings; return 1 if something should be mended."""
    if not findings:
        console.print("Nothing wrong was found.")
        return 0
    console.print(table(findings))
    problems = sum(finding.kind == "problem" for finding in findings)
    console.print(f"{problems} {'kind' if problems == 1 else 'kinds'} of problem, {len(findings) - problems} to note.")
    return 1 if problems else 0
