"""The Translate tab: a picture in, a picture out, side by side under a slider."""

import html
from typing import Any

import gradio as gr
import numpy as np

from synth.card import Card
from synth.pixels.palette import nearest as palette_index
from synth.pixels.palette import paint
from synth.pixels.resize import fit
from synth.serve import batch, controls, examples
from synth.serve.controls import sentences
from synth.serve.run import OWN, TRAINED, Outcome, run
from synth.serve.session import Graph
from synth.serve.shelf import Shelf

FAR = 10
"""Grey levels from a label colour beyond which a pixel is no blurred label any more."""
ACCEPTS = {
    "photo": "Takes a photograph.",
    "labels": "Takes a label map in the graph's own colours; other colours count as the nearest one.",
    "drawing": "Takes a dark line drawing on white.",
}


def build(shelf: Shelf, shown: list[Any]) -> None:
    """Lay out the tab and wire it; ``shown`` are the events at which a visitor first sees it."""
    names = shelf.names("translate")
    first = names[0]
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            graph = controls.choice([(shelf.title(name), name) for name in names], first)
            accepts = gr.HTML(describe(shelf.card(first)))
            picture = controls.picture_input(sources=["upload", "webcam", "clipboard"], height=300)
            strip = controls.strip(controls.thumbs(shelf, first))
            size = controls.choice(sizes(shelf.card(first)), OWN)
        with gr.Column(scale=6, min_width=320):
            views = list(controls.viewer())

    def result(name: str, image: np.ndarray | None, size: str) -> list[Any]:
        if image is None:
            return [None, gr.DownloadButton(value=None, interactive=False), ""]
        with sentences():
            opened = shelf.graph(name)
            return present(opened, run(opened, image, size))

    def example(name: str, size: str, event: gr.EventData) -> list[Any]:
        with sentences():
            image = examples.pick(examples.find(shelf.folder, name), event.index).read()
        return [image, *result(name, image, size), False]

    def switch(name: str, image: np.ndarray | None, size: str, own: bool) -> list[Any]:
        with sentences():
            card, found = shelf.card(name), examples.find(shelf.folder, name)
        if image is None or not own:
            image = found[0].read() if found else None
        head = [controls.thumbs(shelf, name), describe(card), gr.Radio(sizes(card))]
        return [*head, image, *result(name, image, size)]

    def begin(name: str, image: np.ndarray | None, size: str) -> Any:
        """Show the first example to somebody who has not brought a picture yet."""
        found = examples.find(shelf.folder, name)
        if image is not None or not found:
            return [gr.skip()] * 4
        with sentences():
            image = found[0].read()
        return [image, *result(name, image, size)]

    own = gr.State(False)
    busy: dict[str, Any] = {
        "concurrency_id": "run", "concurrency_limit": 2, "api_visibility": "private", "show_progress_on": views[:1],
    }  # fmt: skip
    picture.input(lambda: True, None, own, api_visibility="private", queue=False)
    picture.input(result, [graph, picture, size], views, trigger_mode="always_last", **busy)
    size.input(result, [graph, picture, size], views, **busy)
    strip.click(example, [graph, size], [picture, *views, own], show_progress="minimal", **busy)
    graph.input(switch, [graph, picture, size, own], [strip, accepts, size, picture, *views], **busy)
    gr.on(shown, begin, [graph, picture, size], [picture, *views], show_progress="hidden", **busy)

    def many(paths: list[str], progress: Any, name: str, size: str) -> tuple[str | None, str]:
        return batch.translate_many(shelf.graph(name), paths, size, progress)

    batch.build(many, [graph, size])


def sizes(card: Card) -> list[tuple[str, str]]:
    """Return the two ways to run: nothing is resized unless somebody asks for it."""
    return [("Run at its own size", OWN), (f"Shrink to {card.size} pixels", TRAINED)]


def stray(image: np.ndarray, card: Card) -> bool:
    """Return whether most of uint8 ``[H, W, 3]`` is far from every label colour of a graph that takes a label map."""
    palette = card.inputs[0].palette
    if card.inputs[0].kind != "labels" or not palette:
        return False
    sample = fit(image, 64, labels=True)
    nearest = paint(palette_index(sample, palette), palette)
    distance = np.abs(sample.astype(np.int16) - nearest).max(axis=-1)
    return bool((distance > FAR).mean() > 0.5)


def sentence(text: str) -> str:
    """Return a text with a capital first letter."""
    return text[:1].upper() + text[1:]


def describe(card: Card) -> str:
    """Return what a graph does and takes, as a line of HTML."""
    return f'<p class="note"><b>{html.escape(sentence(card.task))}.</b> {ACCEPTS.get(card.inputs[0].kind, "")}</p>'


def present(graph: Graph, outcome: Outcome) -> list[Any]:
    """Return the values for slider, download button and status line."""
    height, width = outcome.result.shape[:2]
    path = controls.save_png(outcome.result, f"synth-{graph.card.name}.png")
    status = f"<b>{outcome.milliseconds:.0f} ms</b> · {html.escape(graph.place)} · {width} × {height} pixels"
    if stray(outcome.input, graph.card):
        status += "<br>Much of this picture is not in the graph’s label colours. The Draw tab has them by name."
    if graph.warning:
        status += f'<div class="warn" role="alert">{html.escape(graph.warning)}</div>'
    return [(outcome.input, outcome.result), gr.DownloadButton(value=path, interactive=True), status]
