"""The Models tab: a list of all models, made from their cards, and a place to try a third-party model."""

import html
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, follower, titles
from synth.app.controls import sentences
from synth.app.sources import result_name
from synth.app.tabs.translate import describe, present, sentence, sizes
from synth.card import Card
from synth.counted import counted
from synth.metric import phrases
from synth.runtime import providers, untrusted
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, run

FACTS = ("Task", "Network", "Data and licence", "Measured", "Training")
SHOWN = 2
"""Metrics that the closed entry of a model shows."""


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire its events; ``shown`` are the events at which a user opens it."""
    cards = gr.HTML(table_of(registry))
    gr.on(shown, lambda: table_of(registry), None, cards, api_visibility="private", show_progress="hidden")
    gr.HTML('<h2 class="head">Try your own model</h2><p class="note">Open an ONNX file written by synth’s export. '
            "Only you can use it, and it is deleted after you leave.</p>")  # fmt: skip
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            file = gr.File(
                label=f"Model (.onnx, up to {untrusted.MAX_BYTES // 2**20} MB)", file_types=[".onnx"], height=130
            )
            with gr.Column(visible=False, elem_id="third-party") as inputs:
                picture = controls.picture_input(sources=["upload", "clipboard"], height=240)
                size = controls.choice(sizes(Card()), OWN)
        with gr.Column(scale=6, min_width=320):
            about = gr.HTML()
            with gr.Column(visible=False) as outputs, gr.Column(elem_id="models-result") as zone:
                slider, fetch, status = controls.viewer()
    dropped = gr.State("", time_to_live=3600)

    def open_file(path: str | None) -> list[Any]:
        if not path:
            return ["", "", gr.Column(visible=False), gr.Column(visible=False), gr.skip(), None]
        with sentences():
            graph = registry.third_party(path)
        about = describe(graph.card) + facts(graph.card, Path(path).stat().st_size, graph.place)
        return [path, about, gr.Column(visible=True), gr.Column(visible=False), gr.Radio(sizes(graph.card)), None]

    def try_it(path: str, image: np.ndarray | None, size: str) -> list[Any]:
        if image is None or not path:
            return [gr.Column(visible=False), None, None, ""]
        with sentences():
            graph = registry.third_party(path)
            file = result_name(image, graph.card.name)
            return [gr.Column(visible=True), *present(graph, run(graph, image, size, untrusted.SECONDS), file)]

    busy: dict[str, Any] = {"concurrency_id": "third-party", "concurrency_limit": 1, "api_visibility": "private"}
    result = follower.Follower(zone, fetch, status)
    file.change(open_file, file, [dropped, about, inputs, outputs, size, picture], **busy)
    result.compute(
        try_it, [dropped, picture, size], [outputs, slider, fetch, status],
        **busy, show_progress="full", show_progress_on=[slider],
    )  # fmt: skip
    result.renew(picture.input, size.input)


def table_of(registry: Registry) -> str:
    """Return all cards as an HTML list: the models of the other tabs first, then those that are only compared."""
    device = providers.choose(registry.provider).device
    parts: dict[str, dict[str, str]] = {"": {}}
    for name, entry in registry.entries.items():
        part = "" if {*entry.card.tabs} - {"compare"} else entry.card.group
        parts.setdefault(part, {})[name] = row(entry.card, entry.bytes, registry.place(name) or device)
    body = ""
    for group, rows in parts.items():
        body += f"<h2>{html.escape(group)}</h2>" * bool(group)
        body += "".join(rows[name] for name in (registry.plainest(rows) if group else rows))
    return f'<div class="cards">{body}</div>'


def network(card: Card, size: int) -> list[str]:
    """Return a network's parameters, file size and computation, the last if the card has it."""
    work = f"{card.gmac:.2g} billion multiply-adds at 256 × 256" if card.gmac else ""
    return [millions(card.parameters), f"{size / 2**20:.1f} MB", work]


def millions(parameters: int) -> str:
    """Return a number of parameters in millions, with two decimals where one would show none."""
    count = parameters / 1e6
    return f"{count:.{1 if count >= 0.1 else 2}f} M parameters"


def facts(card: Card, size: int, place: str) -> str:
    """Return facts about a third-party model from its card, as HTML."""
    parts = [titles.of_card(card), *network(card, size), card.data, card.licence, f"runs on {place}"]
    return f'<p class="note">{html.escape(" · ".join(filter(None, parts)))}</p>{more("Notes", card.notes)}'


def more(title: str, text: str) -> str:
    """Return a long text that opens on a click, as HTML; an empty string for no text."""
    return f"<details><summary>{title}</summary>{html.escape(text)}</details>" if text else ""


def row(card: Card, size: int, place: str) -> str:
    """Return one card as an HTML entry that opens on a click; all its text is escaped: it may be third-party."""
    safe = html.escape
    measured = [safe(text) for text in phrases(card.metrics)]
    metrics = "".join(f"<span>{text}</span>" for text in measured)
    trained = [counted(card.steps, "step") if card.steps else "", f"{card.minutes:.0f} min" if card.minutes else ""]
    preset = "Trained briefly on a CPU: retraining on a GPU gives better results" if card.preset == "cpu" else ""
    parameters, megabytes, work = network(card, size)
    cells = [
        safe(sentence(titles.task(card))),
        f"{parameters}<small>{megabytes} · {card.size} pixels</small><small>{work}</small>"
        f"<small>runs on {safe(place)}</small>",
        f"{safe(card.data) or '–'}<small>{safe(card.licence)}</small>",
        f"{metrics or 'Not measured yet'}{more('How this was measured', card.protocol)}",
        f"{' · '.join(filter(None, trained)) or '–'}<small>{safe(card.hardware)}</small><small>{preset}</small>"
        f"{more('Notes', card.notes)}",
    ]
    closed = f"<b>{safe(titles.of_card(card))}</b><small>{safe(card.name)}</small>"
    closed += f"<i>{megabytes}</i><i>{safe(card.licence)}</i><i>{' · '.join(measured[:SHOWN])}</i>"
    facts = "".join(f"<div><dt>{name}</dt><dd>{cell}</dd></div>" for name, cell in zip(FACTS, cells, strict=True))
    return f"<details><summary>{closed}</summary><dl>{facts}</dl></details>"
