"""The Translate tab: a picture in, a picture out, under a slider; there and back again; or before the camera."""

import html
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls
from synth.app.controls import sentences
from synth.app.tabs import batch, translate_live
from synth.app.tabs.translate_live import takes_camera
from synth.card import Card
from synth.pixels.palette import nearest as palette_index
from synth.pixels.palette import paint
from synth.pixels.resize import fit
from synth.runtime import cycle, examples
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, TRAINED, Outcome, run
from synth.runtime.session import Graph

FAR = 10
"""Grey levels from a label colour beyond which a pixel is no blurred label any more."""
PICTURE, LIVE = "picture", "live"
SOURCES = [("A picture", PICTURE), ("Live camera", LIVE)]
ACCEPTS = {
    "photo": "Takes a photograph.",
    "labels": "Takes a label map in the graph's own colours; other colours count as the nearest one.",
    "drawing": "Takes a dark line drawing on white.",
}


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire it; ``shown`` are the events at which a visitor first sees it."""
    names, page = registry.names("translate"), Page(registry)
    first = names[0]
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            graph = controls.choice([(registry.title(name), name) for name in names], first)
            accepts = gr.HTML(describe(registry.card(first)))
            source = controls.choice(SOURCES, PICTURE, visible=takes_camera(registry.card(first)))
            picture = controls.picture_input(sources=["upload", "webcam", "clipboard"], height=300)
            strip = controls.strip(controls.thumbs(registry, first))
            size = controls.choice(sizes(registry.card(first)), OWN)
            again = controls.switch("Cycle view: there and back again", visible=bool(cycle.partner(registry, first)))
        with gr.Column(scale=6, min_width=320):
            views = [translate_live.build(registry), *controls.viewer()]

    own = gr.State(False)
    asked = [graph, picture, size, again, source]
    busy: dict[str, Any] = {
        "concurrency_id": "run", "concurrency_limit": 2, "api_visibility": "private", "show_progress_on": views[:2],
    }  # fmt: skip
    picture.input(lambda: True, None, own, api_visibility="private", queue=False)
    picture.input(page.result, asked, views, trigger_mode="always_last", **busy)
    size.input(page.result, asked, views, **busy)
    again.input(page.result, asked, views, trigger_mode="always_last", **busy)
    source.input(page.turn, asked, [picture, strip, size, *views], trigger_mode="always_last", **busy)
    strip.click(page.example, [graph, size, again, source], [picture, *views, own], show_progress="minimal", **busy)
    graph.input(page.switch, [*asked, own], [strip, accepts, source, size, again, picture, *views], **busy)
    gr.on(shown, page.begin, asked, [picture, *views], show_progress="hidden", **busy)
    batch.build(page.many, [graph, size])


class Page:
    """What happens on the tab. ``again`` is whether the way back is shown, ``source`` is ``PICTURE`` or ``LIVE``."""

    def __init__(self, registry: Registry):
        self.registry = registry

    def result(self, name: str, image: np.ndarray | None, size: str, again: bool, source: str) -> list[Any]:
        """Return the values for panels, slider, download button and status line."""
        with sentences():
            back = cycle.partner(self.registry, name) if again is True else ""
            if self._live(name, source):
                return in_panels(translate_live.camera(self.registry, name, back))
            if image is None:
                return under_slider([None, gr.DownloadButton(value=None, interactive=False, visible=True), ""])
            there = self.registry.graph(name)
            if not back:
                return under_slider(present(there, run(there, image, size)))
            trip = cycle.travel(there, self.registry.graph(back), image, size)
            return present_cycle(there, trip, self.registry.title(back))

    def example(self, name: str, size: str, again: bool, source: str, event: gr.EventData) -> list[Any]:
        """Show an example: the picture, what ``result`` gives, and that it is not the visitor's own."""
        with sentences():
            image = examples.pick(examples.find(self.registry, name), event.index).read()
        return [image, *self.result(name, image, size, again, source), False]

    def switch(self, name: str, image: np.ndarray | None, size: str, again: bool, source: str, own: bool) -> list[Any]:
        """Go on to another graph: its examples, its choices, and the visitor's ``own`` picture or its first example."""
        with sentences():
            card, found = self.registry.card(name), examples.find(self.registry, name)
        if image is None or not own:
            image = found[0].read() if found else None
        still = not self._live(name, source)
        return [
            gr.update(value=controls.thumbs(self.registry, name), visible=still),
            describe(card),
            gr.Radio(visible=takes_camera(card)),
            gr.Radio(sizes(card), visible=still),
            gr.Checkbox(visible=bool(cycle.partner(self.registry, name))),
            gr.update(value=image, visible=still),
            *self.result(name, image, size, again, source),
        ]

    def turn(self, name: str, image: np.ndarray | None, size: str, again: bool, source: str) -> list[Any]:
        """Go from pictures to the camera, or back: what has to do with pictures alone is hidden meanwhile."""
        hidden = [gr.update(visible=not self._live(name, source)) for _ in range(3)]
        return [*hidden, *self.result(name, image, size, again, source)]

    def begin(self, name: str, image: np.ndarray | None, *chosen: Any) -> list[Any]:
        """Show the first example to somebody who has not brought a picture yet."""
        found = examples.find(self.registry, name)
        if image is not None or not found:
            return [gr.skip()] * 5
        with sentences():
            image = found[0].read()
        return [image, *self.result(name, image, *chosen)]

    def many(self, paths: list[str], progress: Any, name: str, size: str) -> tuple[str | None, str]:
        """Translate many files; see ``batch``."""
        return batch.translate_many(self.registry.graph(name), paths, size, progress)

    def _live(self, name: str, source: str) -> bool:
        return source == LIVE and takes_camera(self.registry.card(name))


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
    return [(outcome.input, outcome.result), *told(graph, outcome, f"<b>{outcome.milliseconds:.0f} ms</b>")]


def present_cycle(graph: Graph, trip: cycle.Cycle, back: str) -> list[Any]:
    """Return the values for panels, slider, download button and status line; ``back`` is the title of the way back."""
    spent = f"<b>{trip.there.milliseconds:.0f} ms</b> there, <b>{trip.back.milliseconds:.0f} ms</b> back"
    return in_panels(translate_live.still(trip, back), *told(graph, trip.there, spent))


def under_slider(values: list[Any]) -> list[Any]:
    """Return the values for panels, slider, download button and status line from those of ``present``."""
    shown, fetch, status = values
    slider = gr.ImageSlider(value=shown, visible=True)
    return [gr.update(value={}, visible="hidden"), slider, fetch, status]


def in_panels(value: dict[str, Any], *rest: Any) -> list[Any]:
    """Return the values for panels, slider, download button and status line; without the last two there are none."""
    rest = rest or (gr.DownloadButton(visible=False), "")
    return [gr.update(value=value, visible=True), gr.ImageSlider(value=None, visible=False), *rest]


def told(graph: Graph, outcome: Outcome, spent: str) -> list[Any]:
    """Return the values for download button and status line; ``spent`` says how long it took."""
    height, width = outcome.result.shape[:2]
    path = controls.save_png(outcome.result, f"synth-{graph.card.name}.png")
    status = f"{spent} · {html.escape(graph.place)} · {width} × {height} pixels"
    if stray(outcome.input, graph.card):
        status += "<br>Much of this picture is not in the graph’s label colours. The Draw tab has them by name."
    if graph.warning:
        status += f'<div class="warn" role="alert">{html.escape(graph.warning)}</div>'
    return [gr.DownloadButton(value=path, interactive=True, visible=True), status]
