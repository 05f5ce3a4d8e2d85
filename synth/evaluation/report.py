"""What a person sees of an evaluation: the table, the protocol, contact sheets, and the same as a file."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from synth.card import Card
from synth.evaluation import measure, sheet
from synth.evaluation.measure import Views


@dataclass(frozen=True)
class Result:
    """One graph's figures, how they were made, and the pictures they were made from (uint8 ``[N, side, side, 3]``).

    Where a graph gives no pictures, ``outputs`` and ``truth`` are ``None``. ``parts`` are tables of their own by name:
    rows by name, "" for the graph itself, of figures by name. They are printed, not stored.
    """

    card: Card
    side: int
    metrics: dict[str, float]
    protocol: str
    outputs: np.ndarray | None = None
    truth: Views | None = None
    parts: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)


def show(console: Console, results: dict[str, Result], floors: dict[str, dict[str, float]]) -> None:
    """Print a table for each kind of graph, and every protocol once, with the names of the graphs it holds for."""
    kinds: dict[tuple[str, ...], dict[str, Result]] = {}
    for name, result in results.items():
        kinds.setdefault(tuple(sorted(result.metrics)), {})[name] = result
    for number, members in enumerate(kinds.values()):
        console.print(table(members, {} if number else floors))
    for title in dict.fromkeys(title for result in results.values() for title in result.parts):
        console.print(by_part(title, results))
    found: dict[str, list[str]] = {}
    for name, result in results.items():
        found.setdefault(result.protocol, []).append(name)
    for text, names in found.items():
        who = f"[bold]{', '.join(names)}:[/bold] " if len(found) > 1 else ""
        console.print(who + text.replace("[", "\\["), highlight=False)


def table(results: dict[str, Result], floors: dict[str, dict[str, float]]) -> Table:
    """Return the figures as a table; the best of every column is bold where the graphs share their pictures."""
    arrows = {"lower": "↓", "higher": "↑"}
    made = Table(box=None, padding=(0, 1, 0, 0))  # narrow: with heads in lines, the widest still fit into 80 columns
    made.add_column("graph", no_wrap=True)
    stored = {name for result in results.values() for name in result.metrics}
    columns = [name for name in measure.BETTER if name in stored and name not in measure.APART]
    for name in columns:
        made.add_column(f"{name} {arrows[measure.BETTER[name]]}", justify="right")
    shared = len(results) > 1 and len({id(result.truth) for result in results.values()}) == 1
    for name, result in results.items():
        cells = [_cell(result.metrics, key) for key in columns]
        if shared:
            best = [result.metrics.get(key) == _best(results, key) for key in columns]
            cells = [f"[bold]{cell}[/bold]" if is_best else cell for cell, is_best in zip(cells, best, strict=True)]
        made.add_row(name, *cells)
    for name, values in floors.items():
        made.add_row(name, *(_cell(values, key) for key in columns), style="dim")
    return made


def by_part(title: str, results: dict[str, Result]) -> Table:
    """Return a table of what some graphs have apart: the graphs first, then what they are compared with, once."""
    rows = {name: result.parts[title][""] for name, result in results.items() if title in result.parts}
    for result in results.values():
        rows |= {name: values for name, values in result.parts.get(title, {}).items() if name}
    made = Table(box=None, padding=(0, 1, 0, 0))
    columns = list(dict.fromkeys(part for values in rows.values() for part in values))
    made.add_column(title, no_wrap=True)
    for part in columns:
        made.add_column(part, justify="right", no_wrap=True)
    for name, values in rows.items():
        made.add_row(name, *(str(values.get(part, "")) for part in columns))
    return made


def save(path: Path, results: dict[str, Result]) -> None:
    """Write figures and protocols as JSON."""
    content: dict[str, Any] = {}
    for name, r in results.items():
        content[name] = {"metrics": r.metrics, "side": r.side, "protocol": r.protocol}
        content[name] |= {"parts": r.parts} if r.parts else {}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def sheets(folder: Path, results: dict[str, Result]) -> list[Path]:
    """Write contact sheets: each graph by itself, and all graphs side by side where they share their pictures."""
    written, truths, outputs = [], {}, {}
    for name, result in results.items():
        if result.truth is None or result.outputs is None:
            continue
        written += sheet.save({"input": result.truth.x, name: result.outputs, "truth": result.truth.y}, folder, name)
        truths[id(result.truth)] = result.truth
        outputs[name] = result.outputs
    if len(outputs) > 1 and len(truths) == 1:
        truth = truths.popitem()[1]
        written += sheet.save({"input": truth.x, **outputs, "truth": truth.y}, folder, "all")
    return written


def _best(results: dict[str, Result], key: str) -> float:
    choose = min if measure.BETTER[key] == "lower" else max
    return choose(result.metrics[key] for result in results.values() if key in result.metrics)


def _cell(values: dict[str, float], key: str) -> str:
    if key not in values:
        return ""
    spread = f" ±{values['KID std']:.4f}" if key == "KID" else ""
    return f"{values[key]:.{min(measure.DIGITS[key], 4)}f}{spread}"
