"""The Translate tab: a picture in, a picture out, side by side under a slider."""

import html
from typing import Any

import gradio as gr
import numpy as np

from synth.card import Card
from synth.serve import batch, controls, examples
from synth.serve.controls import Picture, Strip, sentences
from synth.serve.run import OWN, TRAINED, Outcome, run
from synth.serve.session import Graph
from synth.serve.shelf import Shelf

ACCEPTS = {
    "photo": "Takes a photograph.",
    "labels": "Takes a label map in the graph's own colours; other colours count as the nearest one.",
    "drawing": "Takes a dark line drawing on white.",
}


def build(shelf: Shelf) -> None:
    """Lay out the tab and wire it."""
    names = shelf.names("translate")
    first = names[0]
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            graph = gr.Radio([(shelf.card(n).title or n, n) for n in names], value=first, label="Graph")
            accepts = gr.HTML(describe(shelf.card(first)))
            picture = Picture(label="Picture", sources=["upload", "webcam", "clipboard"], height=300)
            strip = Strip(controls.thumbs(shelf, first))
            size = gr.Radio(sizes(shelf.card(first)), value=OWN, label="Run at", elem_classes="plain")
        with gr.Column(scale=6, min_width=320):
            slider = gr.ImageSlider(
                label="Before and after", interactive=False, format="png", max_height=560, buttons=["fullscreen"]
            )
            with gr.Row(elem_classes="under"):
                status = gr.HTML(elem_classes="note")
                fetch = gr.DownloadButton("Download result", interactive=False, size="md", scale=0, min_width=170)
    shown = [slider, fetch, status]

    def translate(name: str, image: np.ndarray | None, size: str) -> list[Any]:
        if image is None:
            return [None, gr.DownloadButton(value=None, interactive=False), ""]
        with sentences():
            opened = shelf.graph(name)
            return present(opened, run(opened, image, size))

    def example(name: str, size: str, event: gr.EventData) -> list[Any]:
        with sentences():
            image = examples.pick(examples.find(shelf.folder, name), event.index).read()
        return [image, *translate(name, image, size), False]

    def switch(name: str, image: np.ndarray | None, size: str, own: bool) -> list[Any]:
        with sentences():
            card, found = shelf.card(name), examples.find(shelf.folder, name)
        if not own:
            image = found[0].read() if found else None
        head = [controls.thumbs(shelf, name), describe(card), gr.Radio(sizes(card), value=size)]
        return [*head, image, *translate(name, image, size)]

    own = gr.State(False)
    busy = {"concurrency_id": "run", "concurrency_limit": 2, "api_visibility": "private"}
    picture.input(lambda: True, None, own, api_visibility="private", queue=False)
    picture.input(
        translate, [graph, picture, size], shown, api_name="translate", concurrency_id="run",
        trigger_mode="always_last",
    )  # fmt: skip
    size.input(translate, [graph, picture, size], shown, **busy)
    strip.click(example, [graph, size], [picture, *shown, own], show_progress="minimal", **busy)
    graph.input(switch, [graph, picture, size, own], [strip, accepts, size, picture, *shown], **busy)
    page = gr.context.Context.root_block
    assert isinstance(page, gr.Blocks)
    page.load(
        lambda: switch(first, None, OWN, False), None, [strip, accepts, size, picture, *shown],
        show_progress="hidden", **busy,
    )  # fmt: skip
    batch.build(shelf, graph, size)


def sizes(card: Card) -> list[tuple[str, str]]:
    """Return the two ways to run: nothing is resized unless somebody asks for it."""
    return [("Its own size", OWN), (f"Shrink to {card.size} pixels", TRAINED)]


def describe(card: Card) -> str:
    """Return what a graph does and takes, as a line of HTML."""
    return f'<p class="note"><b>{html.escape(card.task)}.</b> {ACCEPTS.get(card.inputs[0].kind, "")}</p>'


def present(graph: Graph, outcome: Outcome) -> list[Any]:
    """Return the values for slider, download button and status line."""
    height, width = outcome.result.shape[:2]
    path = controls.save_png(outcome.result, f"synth-{graph.card.name}.png")
    status = f"<b>{outcome.milliseconds:.0f} ms</b> · {graph.place} · {width} × {height} pixels"
    return [(outcome.input, outcome.result), gr.DownloadButton(value=path, interactive=True), status]
