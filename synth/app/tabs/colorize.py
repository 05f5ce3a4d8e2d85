"""The Colorize tab: colours for a black-and-white photograph, refined by hints: colours that the user knows."""

import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, follower, titles
from synth.app.controls import sentences
from synth.app.sources import result_name, source_of
from synth.app.tabs import batch, compare, dial
from synth.pixels import color, images, metadata
from synth.pixels.resize import fit
from synth.runtime import colorization, examples, provenance
from synth.runtime.colorization import Hint
from synth.runtime.registry import Registry
from synth.runtime.run import Outcome
from synth.runtime.session import Graph

SEEN = 2048
"""Longer side in pixels of what the slider shows; the file to download has all pixels."""
GRAY = 4.0
"""Mean chroma, the distance from gray in ab, above which an image counts as coloured already."""
ABOUT = (
    "Takes any photograph or scan, also in sepia: only its brightness is used, and no detail is lost. Colours are "
    "guessed, not known. <b>Click in the picture</b> to give that place the colour chosen below (a hint)."
)
MOST_PIXELS = 24_000_000
PART = r"(\d{1,3}(?:\.\d*)?)"  # of a colour, as pickers write it


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire its events; ``shown`` are the events at which a user opens it."""
    page = Page(registry)
    first = page.names[0]
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            graph = controls.choice(titles.choices(registry, page.names), first, elem_id="colorize-models")
            gr.HTML(f'<p class="note">{ABOUT}</p>')
            image = controls.picture_input(True, sources=["upload", "webcam", "clipboard"], height=300)
            strip = controls.strip(controls.thumbs(registry, first))
            with gr.Row(equal_height=False, elem_classes="pins"):
                paint = gr.ColorPicker("#7a4a2b", label="Hint colour", container=False, min_width=118, scale=0)
                undo = gr.Button("Undo hint", size="md", min_width=112, scale=0, elem_id="colorize-undo")
                clear = gr.Button("Clear hints", size="md", min_width=112, scale=0, elem_id="colorize-clear")
            keep = gr.Checkbox(label="Use the picture's own colours as hints", container=False, elem_id="colorize-keep")
        with gr.Column(scale=6, min_width=320, elem_id="colorize-result") as zone:
            slider, fetch, status = controls.viewer("Before | after")
            slide = gr.Slider(step=0.01, elem_id="colorize-dial", **dial.properties(registry.card(first)))
    gr.HTML('<h2 class="head">Side by side</h2><p class="note">The same photograph, colorized by every model.</p>')
    with gr.Column() as others:
        grid = gr.HTML(elem_id="colorize-grid")
    pinned = gr.State([])
    private = follower.PRIVATE
    busy: dict[str, Any] = private | {"concurrency_id": "run", "concurrency_limit": 2}
    result, beside = follower.Follower(zone, fetch, status), follower.Follower(others)
    made = result.compute(page.result, [graph, image, pinned, slide, keep], [slider, fetch, status], **busy)
    beside.compute(page.side_by_side, [graph, image, pinned, slide, keep], [grid], **busy)
    changes = [image.input, image.select, undo.click, clear.click, strip.click, graph.input]
    direct = [slide.release, keep.input]
    result.outdate(*changes)
    beside.outdate(*changes, *direct)
    jobs = [
        image.input(lambda: [], None, pinned, **private),
        image.select(page.click, [image, pinned, paint], pinned, **private),
        undo.click(lambda pinned: pinned[:-1], pinned, pinned, **private),
        clear.click(lambda pinned: [], pinned, pinned, **private),
        strip.click(page.example, graph, [image, pinned], **private),
        graph.input(page.switch, graph, slide, **private),
    ]
    result.renew(*direct)
    result.renew_after(*jobs)
    beside.renew_after(made)
    result.begin_after(gr.on(shown, page.begin, [graph, image], [image, pinned], **private))
    batch.build(page.many, [graph, slide], "colorize-all")


class Page:
    """Event handlers of the tab. ``pinned`` are the clicked hints; ``keep`` adds the image's own colours as hints."""

    def __init__(self, registry: Registry):
        self.registry, self.names = registry, controls.recipe_first(registry, "colorize")

    def result(self, name: str, image: np.ndarray | None, pinned: Any, value: Any, keep: bool) -> list[Any]:
        """Return the values for slider, download button and status line."""
        if image is None:
            return [None, None, ""]
        with sentences():
            graph, known = self._graph(name), hints(images.on_white(image), pinned, keep)
            outcome = colorization.colorize(graph, within_limit(image), known, dial.setting(graph.card, value))
            return present(graph, outcome, known, result_name(image, name), source_of(image))

    def side_by_side(self, name: str, image: np.ndarray | None, pinned: Any, value: Any, keep: bool) -> Iterator[str]:
        """Yield the grid of the image colorized by all models; the slider is for those with the same input."""
        with sentences():
            if image is not None:
                plain = images.on_white(image)
                small, known = fit(plain, compare.SHOWN), hints(plain, pinned, keep)
                card = self.registry.card(controls.one_of(self.names, name))
                yield from panels(self.registry, self.names, small, known, dial.setting(card, value))

    def click(self, image: np.ndarray | None, pinned: list[Any], paint: str, event: gr.SelectData) -> list[Any]:
        """Return the hints with the colour ``paint`` added at the click; above the limit the oldest is dropped."""
        with sentences():
            if image is None:
                return pinned
            return [*pinned[-colorization.MOST_HINTS + 1 :], [*place(event.index, image), *rgb(paint)]]

    def example(self, name: str, event: gr.EventData) -> list[Any]:
        """Return an example image and no hints."""
        with sentences():
            return [controls.example_file(examples.pick(self._examples(name), event.index).input), []]

    def begin(self, name: str, image: np.ndarray | None) -> list[Any]:
        """Return the first example and no hints, if there is no image yet."""
        found = self._examples(name)
        return [gr.skip() if image is not None or not found else controls.example_file(found[0].input), gr.skip()]

    def switch(self, name: str) -> gr.Slider:
        """Return the slider for the number input of a model, hidden if it has none."""
        with sentences():
            return gr.Slider(**dial.properties(self.registry.card(controls.one_of(self.names, name))))

    def many(self, paths: list[str], progress: Any, name: str, value: Any) -> tuple[str | None, str]:
        """Colorize many files; see ``batch.zipped``."""
        graph = self._graph(name)
        return colorize_many(graph, paths, dial.setting(graph.card, value), progress)

    def _graph(self, name: str) -> Graph:
        return self.registry.graph(controls.one_of(self.names, name))

    def _examples(self, name: str) -> list[examples.Example]:
        return examples.find(self.registry, controls.one_of(self.names, name))


def present(graph: Graph, outcome: Outcome, known: list[Hint], name: str, source: Path | None = None) -> list[Any]:
    """Return the values for slider, download button and status line.

    ``name`` is that of the file to download, ``source`` the file that the picture was read from.
    """
    height, width = outcome.result.shape[:2]
    path = controls.save_png(outcome.result, name, source=source)
    plain = images.on_white(outcome.input)
    before = fit(gray(plain), SEEN)
    for hint in known:
        rows, columns = (
            colorization.hint_span(at, side) for at, side in zip((hint.y, hint.x), before.shape[:2], strict=True)
        )
        before[rows, columns] = (hint.red, hint.green, hint.blue)
    count = f" · {len(known)} hint{'s' * (len(known) > 1)}" if known else ""
    status = f"<b>{outcome.milliseconds:.0f} ms</b> · {html.escape(graph.place)} · {width} × {height} pixels{count}"
    if not known and color.chroma(fit(plain, 128)) > GRAY:
        status += "<br>This picture has colours already. Only its brightness was used."
    if graph.warning:
        status += f'<div class="warn" role="alert">{html.escape(graph.warning)}</div>'
    return [(before, fit(images.on_white(outcome.result), SEEN)), path, status]


def panels(
    registry: Registry, names: list[str], image: np.ndarray, known: list[Hint], settings: Mapping[str, float]
) -> Iterator[str]:
    """Yield the grid again after every model, so that it fills while they run."""
    made = [compare.panel("Black and white", gray(image))]
    for number, name in enumerate(names):
        yield compare.page(made, len(names) - number)
        graph = registry.graph(name)
        outcome = colorization.colorize(graph, image, known, settings)
        made.append(
            compare.panel(titles.title(registry, name), outcome.result, [compare.metrics_line(graph.card.metrics)])
        )
    yield compare.page(made, 0)


def colorize_many(
    graph: Graph, paths: list[str], settings: Mapping[str, float], progress: Any
) -> tuple[str | None, str]:
    """Colorize every file; see ``batch.zipped``."""

    def made(path: Path) -> bytes:
        image = within_limit(images.read_with_alpha(path, max_pixels=controls.MAX_READ))
        made = colorization.colorize(graph, image, [], settings).result
        return provenance.encode(made, kept=metadata.read(path))

    return batch.zipped(graph.card.name, paths, made, progress)


def gray(image: np.ndarray) -> np.ndarray:
    """Return uint8 ``[H, W, 3]`` in gray, of the same luminance."""
    return color.with_chroma(image, np.full((1, 1, 3), 128, np.uint8))


def hints(image: np.ndarray, pinned: Any, keep: Any) -> list[Hint]:
    """Return all hints for an image: its own colours if ``keep`` is true, then those that were clicked."""
    return (colorization.existing_colors(image) if keep is True else []) + colorization.read_hints(pinned)


def within_limit(image: np.ndarray) -> np.ndarray:
    """Return the image; raise ``ValueError`` if it is above ``MOST_PIXELS``, which says what to do."""
    height, width = image.shape[:2]
    if height * width > MOST_PIXELS:
        raise ValueError(
            f"This picture has {height * width / 1e6:.0f} megapixels ({width} x {height}); the limit is "
            f"{MOST_PIXELS / 1e6:.0f}. Make it smaller, or use “python -m synth apply”, which takes larger ones."
        )
    return image


def place(index: Any, image: np.ndarray) -> tuple[float, float]:
    """Return a click (x, y) in pixels as fractions 0..1 of the image's sides; ``ValueError`` for anything else."""
    x, y = ((at + 0.5) / side for at, side in zip(controls.position(index), image.shape[1::-1], strict=True))
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def rgb(text: Any) -> tuple[int, int, int]:
    """Read a colour of the picker, ``#rrggbb`` or ``rgb(a)(r, g, b, ...)``; ``ValueError`` for anything else."""
    if isinstance(text, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
    found = re.fullmatch(rf"rgba?\({PART}, *{PART}, *{PART}.*\)", text) if isinstance(text, str) else None
    if not found:
        raise ValueError("Choose a colour first.")
    red, green, blue = (min(255, round(float(part))) for part in found.groups())
    return red, green, blue
