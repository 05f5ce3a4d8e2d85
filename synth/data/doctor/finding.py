"""Findings of the doctor, and how they are named and printed."""

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
    """A ``problem`` that should be fixed before training, or a ``note``; ``command`` is what fixes it, if one does."""

    kind: Literal["problem", "note"]
    what: str
    examples: tuple[str, ...]
    advice: str
    command: str = ""


def name(item: Item) -> str:
    """Return the short name of an image: split, folder and file; ``trainA`` already names the first two."""
    folder = "" if item.half >= 0 else item.path.parent.name
    split = "" if folder in (f"{item.split}A", f"{item.split}B") else item.split
    parts = [split, folder, item.path.name]
    return "/".join(part for part in parts if part and part != ".")


def names(items: Iterable[Item]) -> tuple[str, ...]:
    """Return the names of images, without repetition."""
    return tuple(dict.fromkeys(name(item) for item in items))


def size_text(fact: Facts) -> str:
    """Return a size as text, such as 640x480."""
    return f"{fact.size[0]}x{fact.size[1]}"


def table(findings: list[Finding], examples: str = "where") -> Table:
    """Return findings as a table for the terminal; ``examples`` is the title of their column."""
    made = Table("", "what", Column(examples, overflow="fold"), "what to do", show_lines=True)
    for finding in findings:
        more = len(finding.examples) - SHOWN
        where = list(finding.examples[:SHOWN]) + ([f"… and {more:,} more"] if more > 0 else [])
        style = "bold red" if finding.kind == "problem" else "yellow"
        made.add_row(Text(finding.kind, style), finding.what, "\n".join(where), finding.advice)
    return made


def report(console: Console, findings: list[Finding], command: str, examples: str = "where") -> int:
    """Print findings, then the next step; return 1 if there is a problem.

    The last line is ``command``, which trains on the set, or, if there is a problem, what to fix first.
    """
    problems = [finding for finding in findings if finding.kind == "problem"]
    if findings:
        console.print(table(findings, examples))
        notes = len(findings) - len(problems)
        console.print(f"{_count(len(problems), 'problem')}, {_count(notes, 'note')}.")
    else:
        console.print("Nothing wrong was found.")
    if problems:
        first = problems[0]
        where = f" ({first.examples[0]})" if first.examples else ""
        console.print(f"Fix first: {first.what}{where}. Then run doctor again.", soft_wrap=True)
        if first.command:
            console.print(first.command, soft_wrap=True)
        return 1
    console.print(f"Next: {command}", soft_wrap=True)
    return 0


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
