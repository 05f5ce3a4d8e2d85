"""The Translate tab: image-to-image translation of a picture or the live webcam, optionally translated back as well."""

import html
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, titles
from synth.app.controls import sentences
from synth.app.tabs import batch, translate_live
from synth.app.tabs.translate_live import takes_webcam
from synth.card import Card
from synth.runtime import cycle, examples
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, TRAINED, Outcome, run
from synth.runtime.session import Graph

PICTURE, LIVE = "picture", "live"
SOURCES = [("Picture", PICTURE), ("Live webcam", LIVE)]
ACCEPTS = {
    "photo": "Takes a photograph.",
    "labels": "Takes a label map in the model's own colours; other colours count as the nearest one.",
    "drawing": "Takes a line drawing, dark on white.",
}


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire its events; ``shown`` are the events at which a user opens it."""
    names, page = registry.names("translate"), Page(registry)
    first = names[0]
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            graph = controls.choice(titles.choices(registry, names), first)
            accepts = gr.HTML(describe(registry.card(first)))
            source = controls.choice(SOURCES, PICTURE, visible=takes_webcam(registry.card(first)))
            picture = controls.picture_input(sources=["upload", "webcam", "clipboard"], height=300)
            strip = controls.strip(controls.thumbs(registry, first))
            size = controls.choice(sizes(registry.card(first)), OWN)
            cycled = controls.switch(
                "Also translate back (cycle consistency)", visible=bool(cycle.partner(registry, first))
            )
        with gr.Column(scale=6, min_width=320):
            views = [translate_live.build(registry), *controls.viewer()]

    own = gr.State(False)
    asked = [graph, picture, size, cycled, source]
    busy: dict[str, Any] = {
        "concurrency_id": "run", "concurrency_limit": 2, "api_visibility": "private", "show_progress_on": views[:2],
    }  # fmt: skip
    picture.input(lambda: True, None, own, api_visibility="private", queue=False)
    picture.input(page.result, asked, views, trigger_mode="always_last", **busy)
    size.input(page.result, asked, views, **busy)
    cycled.input(page.result, asked, views, trigger_mode="always_last", **busy)
    source.input(page.change_source, asked, [picture, strip, size, *views], trigger_mode="always_last", **busy)
    strip.click(page.example, [graph, size, cycled, source], [picture, *views, own], show_progress="minimal", **busy)
    graph.input(page.switch, [*asked, own], [strip, accepts, source, size, cycled, picture, *views], **busy)
    gr.on(shown, page.begin, asked, [picture, *views], show_progress="hidden", **busy)
    batch.build(page.many, [graph, size])


class Page:
    """Event handlers of the tab. ``cycled``: also show the reconstruction. ``source``: ``PICTURE`` or ``LIVE``."""

    def __init__(self, registry: Registry):
        self.registry = registry

    def result(self, name: str, image: np.ndarray | None, size: str, cycled: bool, source: str) -> list[Any]:
        """Return the values for panels, slider, download button and status line."""
        with sentences():
            back = cycle.partner(self.registry, name) if cycled is True else ""
            if self._live(name, source):
                return in_panels(translate_live.webcam(self.registry, name, back))
            if image is None:
                return in_slider([None, gr.DownloadButton(value=None, interactive=False, visible=True), ""])
            forward = self.registry.graph(name)
            if not back:
                return in_slider(present(forward, run(forward, image, size)))
            trip = cycle.travel(forward, self.registry.graph(back), image, size)
            return present_cycle(forward, trip, titles.title(self.registry, back))

    def example(self, name: str, size: str, cycled: bool, source: str, event: gr.EventData) -> list[Any]:
        """Return an example image, the values of ``result`` for it, and ``False``: it is not the user's own."""
        with sentences():
            image = examples.pick(examples.find(self.registry, name), event.index).read()
        return [image, *self.result(name, image, size, cycled, source), False]

    def switch(self, name: str, image: np.ndarray | None, size: str, cycled: bool, source: str, own: bool) -> list[Any]:
        """Change the model: return its examples, choices, and results for the ``own`` picture or its first example."""
        with sentences():
            card, found = self.registry.card(name), examples.find(self.registry, name)
        if image is None or not own:
            image = found[0].read() if found else None
        still = not self._live(name, source)
        return [
            gr.update(value=controls.thumbs(self.registry, name), visible=still),
            describe(card),
            gr.Radio(visible=takes_webcam(card)),
            gr.Radio(sizes(card), visible=still),
            gr.Checkbox(visible=bool(cycle.partner(self.registry, name))),
            gr.update(value=image, visible=still),
            *self.result(name, image, size, cycled, source),
        ]

    def change_source(self, name: str, image: np.ndarray | None, size: str, cycled: bool, source: str) -> list[Any]:
        """Change between picture and webcam; controls for pictures are hidden while the webcam is live."""
        hidden = [gr.update(visible=not self._live(name, source)) for _ in range(3)]
        return [*hidden, *self.result(name, image, size, cycled, source)]

    def begin(self, name: str, image: np.ndarray | None, *chosen: Any) -> list[Any]:
        """Show the first example if there is no picture yet."""
        found = examples.find(self.registry, name)
        if image is not None or not found:
            return [gr.skip()] * 5
        with sentences():
            image = found[0].read()
        return [image, *self.result(name, image, *chosen)]

    def many(self, paths: list[str], progress: Any, name: str, size: str) -> tuple[str | None, str]:
        """Translate many files; see ``batch.zipped``."""
        return batch.translate_many(self.registry.graph(name), paths, size, progress)

    def _live(self, name: str, source: str) -> bool:
        return source == LIVE and takes_webcam(self.registry.card(name))


def sizes(card: Card) -> list[tuple[str, str]]:
    """Return the two size choices: nothing is resized unless that is chosen."""
    return [("Keep the picture's size", OWN), (f"Shrink to {card.size} pixels", TRAINED)]


def sentence(text: str) -> str:
    """Return a text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def describe(card: Card) -> str:
    """Return what a model does and takes, as a line of HTML."""
    task = html.escape(sentence(titles.task(card)))
    return f'<p class="note"><b>{task}.</b> {ACCEPTS.get(card.inputs[0].kind, "")}</p>'


def present(graph: Graph, outcome: Outcome) -> list[Any]:
    """Return the values for slider, download button and status line."""
    return [
        (outcome.input, outcome.result),
        *download_and_status(graph, outcome, f"<b>{outcome.milliseconds:.0f} ms</b>"),
    ]


def present_cycle(graph: Graph, trip: cycle.Cycle, back: str) -> list[Any]:
    """Return the values for panels, slider, download button and status line; ``back`` is the partner model's title."""
    forward, backward = (f"<b>{outcome.milliseconds:.0f} ms</b>" for outcome in (trip.there, trip.back))
    spent = f"{forward} to translate, {backward} to translate back"
    return in_panels(translate_live.still(trip, back), *download_and_status(graph, trip.there, spent))


def in_slider(values: list[Any]) -> list[Any]:
    """Return the values for panels, slider, download button and status line from those of ``present``."""
    shown, fetch, status = values
    slider = gr.ImageSlider(value=shown, visible=True)
    return [gr.update(value={}, visible="hidden"), slider, fetch, status]


def in_panels(value: dict[str, Any], *rest: Any) -> list[Any]:
    """Return the values for panels, slider, download button and status line; the last two are hidden by default."""
    rest = rest or (gr.DownloadButton(visible=False), "")
    return [gr.update(value=value, visible=True), gr.ImageSlider(value=None, visible=False), *rest]


def download_and_status(graph: Graph, outcome: Outcome, spent: str) -> list[Any]:
    """Return the values for download button and status line; ``spent`` is the time as HTML."""
    height, width = outcome.result.shape[:2]
    path = controls.save_png(outcome.result, f"synth-{graph.card.name}.png")
    status = f"{spent} · {html.escape(graph.place)} · {width} × {height} pixels"
    if outcome.notice:
        status += f"<br>{html.escape(outcome.notice)}"
    if graph.warning:
        status += f'<div class="warn" role="alert">{html.escape(graph.warning)}</div>'
    return [gr.DownloadButton(value=path, interactive=True, visible=True), status]
