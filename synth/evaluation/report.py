"""Print the tables and protocols of an evaluation; write them and the contact sheets to files."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from synth import files
from synth.card import Card
from synth.evaluation import contact_sheet
from synth.evaluation.measure import Views
from synth.metric import SPREAD, Metric, columns


@dataclass(frozen=True)
class Result:
    """One graph's metrics, their protocol, and the images they were measured on (uint8 ``[N, side, side, 3]``).

    ``outputs`` and ``truth`` are ``None`` if the graph does not return images. ``parts`` are additional tables by name,
    each with rows by name ("" for the graph itself) of values by column. They are printed, not stored.
    """

    card: Card
    side: int
    metrics: dict[str, float]
    protocol: str
    outputs: np.ndarray | None = None
    truth: Views | None = None
    parts: dict[str, dict[str, dict[str, float]]] = field(default_factory=dict)


def show(console: Console, results: dict[str, Result], floors: dict[str, dict[str, float]]) -> None:
    """Print a table per kind of graph, and each protocol once, with the names of the graphs it applies to."""
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
    """Return the metrics as a table; the best of each column is bold if the graphs share their test images.

    The FCN-score has a separate table, see ``by_part``.
    """
    made = Table(box=None, padding=(0, 1, 0, 0))  # narrow: with wrapped headings, the widest table fits into 80 columns
    made.add_column("graph", no_wrap=True)
    shown = [one for one in columns(*(result.metrics for result in results.values())) if one.group != "fcn"]
    for one in shown:
        made.add_column(one.heading, justify="right")
    shared = len(results) > 1 and len({id(result.truth) for result in results.values()}) == 1
    for name, result in results.items():
        made.add_row(name, *(_cell(result.metrics, one, _best(results, one) if shared else None) for one in shown))
    for name, values in floors.items():
        made.add_row(name, *(_cell(values, one) for one in shown), style="dim")
    return made


def by_part(title: str, results: dict[str, Result]) -> Table:
    """Return one of the separate tables: the graphs, then the references they are compared with, once."""
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
    """Write metrics and protocols as JSON."""
    content: dict[str, Any] = {}
    for name, r in results.items():
        content[name] = {"metrics": r.metrics, "side": r.side, "protocol": r.protocol}
        content[name] |= {"parts": r.parts} if r.parts else {}
    files.write(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def sheets(folder: Path, results: dict[str, Result]) -> list[Path]:
    """Write contact sheets: of each graph, and of all graphs side by side if they share their test images."""
    written, truths, outputs = [], {}, {}
    for name, result in results.items():
        if result.truth is None or result.outputs is None:
            continue
        written += contact_sheet.save(
            {"input": result.truth.x, name: result.outputs, "truth": result.truth.y}, folder, name
        )
        truths[id(result.truth)] = result.truth
        outputs[name] = result.outputs
    if len(outputs) > 1 and len(truths) == 1:
        truth = truths.popitem()[1]
        written += contact_sheet.save({"input": truth.x, **outputs, "truth": truth.y}, folder, "all")
    return written


def _best(results: dict[str, Result], one: Metric) -> float | None:
    return one.best(result.metrics[one.key] for result in results.values() if one.key in result.metrics)


def _cell(values: dict[str, float], one: Metric, best: float | None = None) -> str:
    if one.key not in values:
        return ""
    spread = values.get(one.key + SPREAD)
    text = one.number(values[one.key]) + ("" if spread is None else f" ± {one.number(spread)}")
    return f"[bold]{text}[/bold]" if values[one.key] == best else text
