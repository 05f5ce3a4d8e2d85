"""The Models tab: what every graph is, from its own card; and a place to drop any other graph of this project."""

import html
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls
from synth.app.controls import sentences
from synth.app.tabs.translate import describe, present, sentence, sizes
from synth.card import Card
from synth.metric import phrases
from synth.runtime import providers, untrusted
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, run

COLUMNS = ("Graph", "Network", "Data and licence", "Measured", "Trained")


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire it; ``shown`` are the events at which a visitor sees it."""
    cards = gr.HTML(table_of(registry))
    gr.on(shown, lambda: table_of(registry), None, cards, api_visibility="private", show_progress="hidden")
    gr.HTML('<h2 class="head">Open another graph</h2><p class="note">Any graph written by synth’s export: '
            "it stays yours, and is gone when you leave.</p>")  # fmt: skip
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            file = gr.File(
                label=f"Graph (.onnx, up to {untrusted.MAX_BYTES // 2**20} MB)", file_types=[".onnx"], height=130
            )
            with gr.Column(visible=False, elem_id="guest") as inputs:
                picture = controls.picture_input(sources=["upload", "clipboard"], height=240)
                size = controls.choice(sizes(Card()), OWN)
        with gr.Column(scale=6, min_width=320):
            about = gr.HTML()
            with gr.Column(visible=False) as outputs:
                slider, fetch, status = controls.viewer()
    dropped = gr.State("", time_to_live=3600)

    def open_file(path: str | None) -> list[Any]:
        if not path:
            return ["", "", gr.Column(visible=False), gr.Column(visible=False), gr.skip(), None]
        with sentences():
            graph = registry.guest(path)
        about = describe(graph.card) + facts(graph.card, Path(path).stat().st_size, graph.place)
        return [path, about, gr.Column(visible=True), gr.Column(visible=False), gr.Radio(sizes(graph.card)), None]

    def try_it(path: str, image: np.ndarray | None, size: str) -> list[Any]:
        if image is None or not path:
            return [gr.Column(visible=False), gr.skip(), gr.skip(), gr.skip()]
        with sentences():
            graph = registry.guest(path)
            return [gr.Column(visible=True), *present(graph, run(graph, image, size, untrusted.SECONDS))]

    busy: dict[str, Any] = {"concurrency_id": "guest", "concurrency_limit": 1, "api_visibility": "private"}
    file.change(open_file, file, [dropped, about, inputs, outputs, size, picture], **busy)
    gr.on(
        [picture.input, size.input],
        try_it,
        [dropped, picture, size],
        [outputs, slider, fetch, status],
        show_progress_on=[slider],
        **busy,
    )


def table_of(registry: Registry) -> str:
    """Return all cards as an HTML table: the graphs of the other tabs first, then what is only there to compare."""
    device = providers.choose(registry.provider).device
    rows: dict[str, dict[str, str]] = {"": {}}
    for name, entry in registry.entries.items():
        part = "" if {*entry.card.tabs} - {"compare"} else entry.card.group
        rows.setdefault(part, {})[name] = row(entry.card, entry.bytes, registry.place(name) or device)
    body = ""
    for group, lines in rows.items():
        body += f'<tr class="part"><td colspan="{len(COLUMNS)}">{html.escape(group)}</td></tr>' * bool(group)
        body += "".join(lines[name] for name in (registry.plainest(lines) if group else lines))
    return table(body)


def table(body: str) -> str:
    """Return rows with the heads of the columns above them."""
    head = "".join(f"<th>{name}</th>" for name in COLUMNS)
    return f'<div class="cards"><table><tr class="heads">{head}</tr>{body}</table></div>'


def network(card: Card, size: int) -> list[str]:
    """Return how large a network is and how much it computes, as far as the card says."""
    work = f"{card.gmac:.2g} billion multiply-adds at 256 × 256" if card.gmac else ""
    return [f"{card.parameters / 1e6:.1f} M parameters", f"{size / 2**20:.1f} MB", work]


def facts(card: Card, size: int, place: str) -> str:
    """Return the rest of what a stranger's card says, as lines of HTML."""
    parts = [card.title or card.name, *network(card, size), card.data, card.licence, f"runs on {place}"]
    return f'<p class="note">{html.escape(" · ".join(filter(None, parts)))}</p>{more("Notes", card.notes)}'


def more(title: str, text: str) -> str:
    """Return a long text that opens on a click; nothing where there is none."""
    return f"<details><summary>{title}</summary>{html.escape(text)}</details>" if text else ""


def row(card: Card, size: int, place: str) -> str:
    """Return one card as a table row; everything from a card is escaped, since anybody may have written it."""
    safe = html.escape
    measured = " · ".join(f"<span>{safe(text)}</span>" for text in phrases(card.metrics))
    trained = [f"{card.steps:,} steps" if card.steps else "", f"{card.minutes:.0f} min" if card.minutes else ""]
    preset = "CPU preset: worth retraining on a GPU" if card.preset == "cpu" else ""
    parameters, megabytes, work = network(card, size)
    cells = [
        f"<b>{safe(card.title or card.name)}</b><small>{safe(card.name)}</small><p>{safe(sentence(card.task))}</p>",
        f"{parameters}<small>{megabytes} · {card.size} pixels</small><small>{work}</small>"
        f"<small>runs on {safe(place)}</small>",
        f"{safe(card.data) or '–'}<small>{safe(card.licence)}</small>",
        f"{measured or 'Not measured yet'}{more('How this was measured', card.protocol)}",
        f"{' · '.join(filter(None, trained)) or '–'}<small>{safe(card.hardware)}</small><small>{preset}</small>"
        f"{more('Notes', card.notes)}",
    ]
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
