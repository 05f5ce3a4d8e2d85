"""The Translate tab: image-to-image translation of a picture or the live webcam, optionally translated back as well."""

import html
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, follower, titles
from synth.app.controls import sentences
from synth.app.sources import result_name
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
            graph = controls.choice(titles.choices(registry, names), first, elem_id="translate-models")
            accepts = gr.HTML(describe(registry.card(first)))
            source = controls.choice(SOURCES, PICTURE, visible=takes_webcam(registry.card(first)))
            picture = controls.picture_input(sources=["upload", "webcam", "clipboard"], height=300)
            strip = controls.strip(controls.thumbs(registry, first))
            size = controls.choice(sizes(registry.card(first)), OWN)
            cycled = controls.switch(
                "Also translate back (cycle consistency)", visible=bool(cycle.partner(registry, first))
            )
        with gr.Column(scale=6, min_width=320, elem_id="translate-result") as zone:
            views = [translate_live.build(registry), *controls.viewer()]

    own = gr.State(False)
    asked = [graph, picture, size, cycled, source]
    private = follower.PRIVATE
    busy: dict[str, Any] = private | {"concurrency_id": "run", "concurrency_limit": 2}
    result = follower.Follower(zone, *views[2:])
    result.compute(page.result, asked, views, **busy | {"show_progress": "full", "show_progress_on": views[:2]})
    result.outdate(picture.input, source.input, strip.click, graph.input)
    result.renew(size.input, cycled.input)
    result.renew_after(
        picture.input(lambda: True, None, own, **private),
        source.input(page.change_source, [graph, source], [picture, strip, size], **private),
        strip.click(page.example, graph, [picture, own], **private),
        graph.input(
            page.switch, [graph, picture, source, own], [strip, accepts, source, size, cycled, picture], **private
        ),
    )
    result.begin_after(gr.on(shown, page.begin, [graph, picture], picture, **private))
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
                return in_slider([None, gr.update(value=None, visible=True), ""])
            forward = self.registry.graph(name)
            file = result_name(image, name)
            if not back:
                return in_slider(present(forward, run(forward, image, size), file))
            trip = cycle.travel(forward, self.registry.graph(back), image, size)
            return present_cycle(forward, trip, titles.title(self.registry, back), file)

    def example(self, name: str, event: gr.EventData) -> list[Any]:
        """Return the file of an example, and ``False``: it is not the user's own picture."""
        with sentences():
            return [controls.example_file(examples.pick(examples.find(self.registry, name), event.index).input), False]

    def switch(self, name: str, image: np.ndarray | None, source: str, own: bool) -> list[Any]:
        """Change the model: return its examples and choices, and the ``own`` picture or its first example."""
        with sentences():
            card, found = self.registry.card(name), examples.find(self.registry, name)
        still = not self._live(name, source)
        kept = {} if own and image is not None else {"value": controls.example_file(found[0].input) if found else None}
        return [
            gr.update(value=controls.thumbs(self.registry, name), visible=still),
            describe(card),
            gr.Radio(visible=takes_webcam(card)),
            gr.Radio(sizes(card), visible=still),
            gr.Checkbox(visible=bool(cycle.partner(self.registry, name))),
            gr.update(visible=still, **kept),
        ]

    def change_source(self, name: str, source: str) -> list[Any]:
        """Change between picture and webcam; controls for pictures are hidden while the webcam is live."""
        return [gr.update(visible=not self._live(name, source)) for _ in range(3)]

    def begin(self, name: str, image: np.ndarray | None) -> Any:
        """Return the first example if there is no picture yet."""
        found = examples.find(self.registry, name)
        return gr.skip() if image is not None or not found else controls.example_file(found[0].input)

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


def present(graph: Graph, outcome: Outcome, file: str) -> list[Any]:
    """Return the values for slider, download button and status line; ``file`` is the name of the download."""
    return [
        (outcome.input, outcome.result),
        *download_and_status(graph, outcome, f"<b>{outcome.milliseconds:.0f} ms</b>", file),
    ]


def present_cycle(graph: Graph, trip: cycle.Cycle, back: str, file: str) -> list[Any]:
    """Return the values for panels, slider, download button and status line; ``back`` is the partner model's title."""
    forward, backward = (f"<b>{outcome.milliseconds:.0f} ms</b>" for outcome in (trip.there, trip.back))
    spent = f"{forward} to translate, {backward} to translate back"
    return in_panels(translate_live.still(trip, back), *download_and_status(graph, trip.there, spent, file))


def in_slider(values: list[Any]) -> list[Any]:
    """Return the values for panels, slider, download button and status line from those of ``present``."""
    shown, fetch, status = values
    slider = gr.ImageSlider(value=shown, visible=True)
    return [gr.update(value={}, visible="hidden"), slider, fetch, status]


def in_panels(value: dict[str, Any], *rest: Any) -> list[Any]:
    """Return the values for panels, slider, download button and status line; the last two are hidden by default."""
    rest = rest or (gr.update(visible=False), "")
    return [gr.update(value=value, visible=True), gr.ImageSlider(value=None, visible=False), *rest]


def download_and_status(graph: Graph, outcome: Outcome, spent: str, file: str) -> list[Any]:
    """Return the values for download button and status line; ``spent`` is the time as HTML."""
    height, width = outcome.result.shape[:2]
    path = controls.save_png(outcome.result, file)
    status = f"{spent} · {html.escape(graph.place)} · {width} × {height} pixels"
    if outcome.notice:
        status += f"<br>{html.escape(outcome.notice)}"
    if graph.warning:
        status += f'<div class="warn" role="alert">{html.escape(graph.warning)}</div>'
    return [gr.update(value=path, visible=True), status]
