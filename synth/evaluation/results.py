"""``python -m synth results``: the README's tables and picture, from the cards in ``weights/`` and nothing else.

Graphs that were measured and are not bundled have left their cards in ``weights/measured``.
"""

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from PIL import Image

from synth.card import MEASURED, Card
from synth.evaluation.measure import BETTER
from synth.pixels import images
from synth.pixels.body import skeleton
from synth.runtime import cycle
from synth.runtime.dance.demo import open_demo
from synth.runtime.dance.painting import paint
from synth.runtime.examples import find
from synth.runtime.registry import Registry, plainest
from synth.runtime.session import open_graph

KINDS = ("Characters", "Pictures", "Nothing paired", "Enlarged", "Label maps", "Joints")
ALIKE = 0.8
"""Share of two protocols that is the same text where they are those of one kind of task."""
LIVE = 256
"""Side in pixels of a live character. Larger ones are the same people."""
MARK = "°"
LEGEND = f"{MARK} measured as the others and not bundled; its card is in `weights/{MEASURED}`.\n"
BEGIN, END = "<!-- results: python -m synth results -->", "<!-- end of results -->"


def results(weights: Path = Path("weights"), readme: Path = Path("README.md"), check: bool = False) -> int:
    """Write the tables into the README and the picture beside the weights.

    Args:
        weights: where the graphs are.
        readme: the file whose part between the two result marks is replaced.
        check: write nothing; exit code 1 if the tables in the README are not those of the cards.
    """
    text = readme.read_text("utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{readme} lacks the marks {BEGIN} and {END}, between which the tables go.")
    registry = Registry(weights, "cpu")
    before, rest = text.split(BEGIN, 1)
    written = tables([entry.card for entry in registry.entries.values()], kept(weights))
    made = f"{before}{BEGIN}\n{written}{END}{rest.split(END, 1)[1]}"
    if check:
        return int(made != text)
    overview(registry, weights / "overview.jpg")
    dance(registry, weights / "dance.webp")
    readme.write_text(made, "utf-8")
    return 0


def kept(weights: Path) -> list[Card]:
    """Return the cards of the graphs that were measured and are not bundled."""
    return [Card.from_json(file.read_text("utf-8")) for file in sorted((weights / MEASURED).glob("*.json"))]


def tables(cards: list[Card], others: Sequence[Card] = ()) -> str:
    """Return one Markdown table of each kind of graph, the ablations folded away, and how all of it was measured.

    ``others`` are not bundled, and marked so.
    """
    cards, names = [*cards, *others], {card.name for card in others}
    groups: dict[str, list[Card]] = {}
    for card in sorted(cards, key=lambda card: plainest(card.name)):
        groups.setdefault(card.group or _kind(card), []).append(card)
    order = [kind for kind in KINDS if kind in groups] + sorted(groups.keys() - {*KINDS})
    parts = []
    for group in order:
        ablation = all(card.tabs == ("compare",) or card.name in names for card in groups[group])
        made = table(groups[group], names)
        parts.append(_folded(group, made) if ablation else f"**{group}**\n\n{made}\n")
    parts += [LEGEND] if names else []
    return "\n".join([*parts, _folded("How it was measured", "\n".join(protocols(cards)) + "\n")])


def _folded(title: str, text: str) -> str:
    return f"<details><summary>{title}</summary>\n\n{text}\n</details>\n"


def _kind(card: Card) -> str:
    """Return the table of a graph that stands alone."""
    characters, pictures, unpaired, enlarged, maps, joints = KINDS
    if card.gives == "keypoints":
        return joints
    if "FID, input" in card.metrics:
        return unpaired
    figure = card.inputs[0].kind == "figure"
    return characters if figure else enlarged if card.scale > 1 else maps if card.palette else pictures


def protocols(cards: list[Card]) -> list[str]:
    """Return each protocol as an item of a list; of those that differ in sets and sizes only, the first one."""
    kept: list[tuple[str, list[str]]] = []
    for card in sorted(cards, key=lambda card: plainest(card.name)):
        words = card.protocol.split()
        like = (names for text, names in kept if SequenceMatcher(None, text.split(), words, False).ratio() > ALIKE)
        names = next(like, None)
        if names is not None:
            names.append(card.name)
        elif words:
            kept.append((card.protocol, [card.name]))
    return [f"- `{names[0]}`{_and_alike(names[1:])}: {text}" for text, names in kept]


def _and_alike(names: list[str]) -> str:
    listed = ", ".join(f"`{name}`" for name in names)
    return f" (and alike, on the sets and sizes that stand in their cards: {listed})" if names else ""


def table(cards: list[Card], marked: Collection[str] = ()) -> str:
    """Return a Markdown table of cards; the best figure of a column in bold where the rows are variants of one task."""
    names = [name for name in BETTER if any(name in card.metrics for card in cards)]
    head = ["graph", "what", *names, "M parameters", "images seen", "preset"]
    best = {name: _best(name, cards) for name in names} if cards[0].group else {}
    rows = [
        [
            f"`{card.name}`{MARK if card.name in marked else ''}",
            card.title,
            *(_figure(card.metrics.get(name), best.get(name)) for name in names),
            f"{card.parameters / 1e6:.{1 if card.parameters >= 1e5 or not card.parameters else 2}f}",
            f"{card.images:,}",
            card.preset,
        ]
        for card in cards
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def overview(registry: Registry, path: Path, columns: int = 4, side: int = 192) -> None:
    """Save held-out examples, inputs above and results below, two graphs a row.

    They are of the graphs that can be drawn for, and of those that translate one way of two.
    """
    strips = []
    ways = [way for name in cycle.names(registry) for way in (name, cycle.partner(registry, name))]
    for name in dict.fromkeys([*registry.names("draw"), *ways]):
        graph = open_graph(registry.entries[name].path, "cpu")
        inputs = [images.read(example.input) for example in find(registry.folder, name)[:columns]]
        strip = np.full((2 * side, columns * side, 3), 255, np.uint8)
        for number, x in enumerate(inputs):
            pictures = np.concatenate([_shown(x, side), _shown(graph.run(x), side)])
            strip[:, number * side : (number + 1) * side] = pictures
        strips += [strip] if inputs else []
    if not strips:
        return
    strips += [np.full_like(strips[0], 255)] if len(strips) % 2 else []
    rows = [np.concatenate(strips[i : i + 2], 1) for i in range(0, len(strips), 2)]
    Image.fromarray(np.concatenate(rows)).save(path, quality=88)


def dance(registry: Registry, path: Path, side: int = 192) -> None:
    """Save the stored performance as an animated picture: the figure, and every live character that follows it."""
    columns, fps = [], 20.0
    for name in registry.names("dance"):
        if registry.card(name).size > LIVE:
            continue
        graph = open_graph(registry.entries[name].path, "cpu")
        demo = open_demo(registry.folder, graph)
        figures = [skeleton.draw(pose, graph.card.size, graph.card.size) for pose in demo.poses]
        last, painted, fps = np.zeros_like(figures[0]), [], demo.fps
        for figure in figures:
            last = paint(graph, figure, last)
            painted.append(last)
        columns += [painted] if columns else [figures, painted]
    if not columns:
        return
    frames = [Image.fromarray(np.concatenate([_shown(f, side) for f in row], 1)) for row in zip(*columns, strict=True)]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=round(1000 / fps), loop=0, quality=60)


def _shown(image: np.ndarray, side: int) -> np.ndarray:
    return np.array(Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS))


def _best(name: str, cards: list[Card]) -> float | None:
    """Return the best figure of a column, or nothing where all are the same."""
    values = [card.metrics[name] for card in cards if name in card.metrics]
    if len({*values}) == 1 and len(values) > 1:
        return None
    return max(values) if BETTER[name] == "higher" else min(values)


def _figure(value: float | None, best: float | None) -> str:
    if value is None:
        return ""
    text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"
    return f"**{text}**" if value == best else text
