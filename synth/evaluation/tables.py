"""Write the result tables and protocols as Markdown, from the cards only."""

import re
from collections.abc import Collection, Iterator, Sequence
from difflib import SequenceMatcher

from synth.card import MEASURED, Card
from synth.metric import ARROWS, METRICS, SPREAD, Metric, columns, telling

KINDS = ("Characters", "Paired translation", "Unpaired translation", "Enlargement", "Segmentation", "Pose")
"""Titles of the tables of graphs without a group, in order."""
ALIKE = 0.8
"""Share of common words from which two protocols count as those of one kind of task."""
MARK = "°"
LEGEND = (
    "↑ higher is better, ↓ lower is better, bold: the best of a comparison. "
    f"{MARK} measured like the others but not bundled: its card is in [{MEASURED}]({MEASURED}).\n"
)


def tables(cards: list[Card], others: Sequence[Card] = ()) -> str:
    """Return a Markdown table per kind of graph, collapsed tables of ablations, and the protocols.

    ``others`` are the cards of graphs that are not bundled; they are marked.
    """
    cards, names = [*cards, *others], {card.name for card in others}
    groups: dict[str, list[Card]] = {}
    for card in sorted(cards, key=lambda card: card.plainness):
        groups.setdefault(card.group or kind(card), []).append(card)
    order = [name for name in KINDS if name in groups] + sorted(groups.keys() - {*KINDS})
    parts = [LEGEND]
    for group in order:
        ablation = all(card.tabs == ("compare",) or card.name in names for card in groups[group])
        made = table(groups[group], names)
        parts.append(_folded(group, made) if ablation else f"**{group}**\n\n{made}")
    named = _folded("Metrics: their names in cards and in the API", names_in_cards(cards))
    return "\n".join([*parts, named, "### Protocols\n", *protocols(cards), ""])


def headlines(cards: list[Card]) -> str:
    """Return one short Markdown table: the main graph of each recipe and its most informative metrics."""
    rows: dict[str, Card] = {}
    for card in sorted(cards, key=lambda card: card.plainness):
        if card.metrics and {*card.tabs} - {"compare"}:
            rows.setdefault(card.family or card.name, card)
    lines = [["Model", "From → to", "On held-out pictures"], ["---"] * 3]
    for card in sorted(rows.values(), key=lambda card: (*_place(card), card.plainness)):
        found = (f"{one.phrase(card.metrics[one.key])} {ARROWS[one.better]}".strip() for one in telling(card.metrics))
        lines.append([f"`{card.name}`", card.task, " · ".join(found)])
    return _rows(lines)


def kind(card: Card) -> str:
    """Return the title of the table for a graph without a group."""
    characters, paired, unpaired, enlarged, labels, joints = KINDS
    if card.gives == "keypoints":
        return joints
    if any(entry.kind == "figure" for entry in card.inputs):
        return characters
    if any(METRICS[key].group == "unpaired" for key in card.metrics if key in METRICS):
        return unpaired
    return enlarged if card.scale > 1 else labels if card.palette else paired


def table(cards: list[Card], marked: Collection[str] = ()) -> str:
    """Return a Markdown table of cards, the best value of each column in bold if they are variants of one task.

    Reference values that are the same in all rows are listed below the table.
    """
    found = columns(*(card.metrics for card in cards))
    same = [one for one in found if not one.better and len(_values(one, cards)) == 1 and len(cards) > 1]
    shown = [one for one in found if one not in same]
    best = {one.key: one.best(card.metrics[one.key] for card in cards if one.key in card.metrics) for one in shown}
    rows = [
        [
            f"`{card.name}`{MARK if card.name in marked else ''}",
            card.title,
            *(_cell(card, one, best[one.key] if card.group else None) for one in shown),
            f"{card.parameters / 1e6:.{1 if card.parameters >= 1e5 or not card.parameters else 2}f}",
            f"{card.images:,}",
            card.preset,
        ]
        for card in cards
    ]
    head = ["Graph", "What", *(one.heading for one in shown), "Parameters, millions", "Images seen", "Preset"]
    below = "; ".join(one.phrase(_values(one, cards).pop()) for one in same)
    return _rows([head, ["---"] * len(head), *rows]) + (f"\nFor comparison: {below}.\n" if below else "")


def names_in_cards(cards: list[Card]) -> str:
    """Return a Markdown table of the metrics that were measured: label, key, unit and better direction."""
    found = columns(*(card.metrics for card in cards))
    rows = [[one.label, f"`{one.key}`", one.unit, one.better or "–"] for one in found]
    return _rows([["Metric", "Key", "Unit", "Better"], ["---"] * 4, *rows])


def protocols(cards: list[Card]) -> list[str]:
    """Return each distinct protocol once, as a list item, after the graphs that it applies to.

    Of a protocol that is mostly the same as an earlier one, only the differing clauses are listed.
    """
    distinct: dict[str, list[str]] = {}
    for card in sorted(cards, key=lambda card: card.plainness):
        if card.protocol:
            distinct.setdefault(card.protocol, []).append(card.name)
    items: list[tuple[list[str], list[str]]] = []  # per kind of task: its protocols, and the lines for them
    for text, names in distinct.items():
        shares = [(_share(other, text), other, item) for item in items for other in item[0]]
        share, nearest, (texts, lines) = max(shares, key=lambda one: one[0], default=(0.0, "", ([], [])))
        if share <= ALIKE:
            items.append(([text], [f"- {_listed(names)}: {text}"]))
            continue
        known, clauses = {*_clauses(nearest)}, _clauses(text)
        lines.append(
            f"  - {_listed(names)}: as `{distinct[nearest][0]}`, but {' … '.join(c for c in clauses if c not in known)}"
        )
        texts.append(text)
    return ["\n".join(lines) for _, lines in items]


def _share(one: str, other: str) -> float:
    """Return the share 0..1 of words that two texts have in common."""
    return SequenceMatcher(None, one.split(), other.split(), False).ratio()


def _clauses(text: str) -> Iterator[str]:
    """Yield the parts of a text between commas, colons, semicolons and full stops outside of parentheses."""
    yield from (part.rstrip(".,:;") for part in re.split(r"(?<=[.,:;]) (?![^()]*\))", text))


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n</details>\n"


def _rows(lines: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _place(card: Card) -> tuple[int, str]:
    """Return the sort key of a card's table: kinds first, then groups."""
    name = card.group or kind(card)
    return (KINDS.index(name), "") if name in KINDS else (len(KINDS), name)


def _values(one: Metric, cards: list[Card]) -> set[float]:
    return {card.metrics[one.key] for card in cards if one.key in card.metrics}


def _cell(card: Card, one: Metric, best: float | None) -> str:
    value = card.metrics.get(one.key)
    if value is None:
        return ""
    spread = card.metrics.get(one.key + SPREAD)
    text = one.number(value) + ("" if spread is None else f" ± {one.number(spread)}")
    return f"**{text}**" if best is not None and one.number(value) == one.number(best) else text
