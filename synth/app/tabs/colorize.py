"""The Colorize tab: colours for a black-and-white photograph, refined by colours that a person knows."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls
from synth.app.controls import sentences
from synth.app.tabs import batch, compare
from synth.pixels import color, images
from synth.pixels.resize import fit
from synth.runtime import colorization, examples, provenance
from synth.runtime.colorization import Pin
from synth.runtime.registry import Registry
from synth.runtime.run import Outcome
from synth.runtime.session import Graph

SEEN = 2048
"""Longer side in pixels of what the slider shows; the file has all pixels."""
GRAY = 4.0
"""Mean distance from gray, in ab, above which a picture has colours already."""
ABOUT = (
    "Scans, sepia, anything: only its luminance is used, and every detail of that stays. Colours are guessed, not "
    "known. <b>Click in the picture</b> to pin the colour chosen below to that place."
)
MOST_PIXELS = 24_000_000


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab and wire it; ``shown`` are the events at which a visitor first sees it."""
    page = Page(registry)
    first = page.names[0]
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=300):
            graph = controls.choice([(registry.title(name), name) for name in page.names], first)
            gr.HTML(f'<p class="note">{ABOUT}</p>')
            image = controls.picture_input(sources=["upload", "webcam", "clipboard"], height=300)
            strip = controls.strip(controls.thumbs(registry, first))
            with gr.Row(equal_height=False, elem_classes="pins"):
                paint = gr.ColorPicker("#7a4a2b", show_label=False, container=False, min_width=80, scale=0)
                undo = gr.Button("Undo", size="md", min_width=80, scale=0, elem_id="colorize-undo")
                clear = gr.Button("Clear", size="md", min_width=80, scale=0, elem_id="colorize-clear")
            keep = gr.Checkbox(
                label="The picture has colours: take them as hints", container=False, elem_id="colorize-keep"
            )
        with gr.Column(scale=6, min_width=320):
            slider, fetch, status = controls.viewer("Before | after")
            warmth = gr.Slider(
                0.05, 1, tint_default(registry, first), step=0.01, label="Temperature: from vivid to cautious",
                visible=colorization.has_temperature(registry.card(first)), elem_id="colorize-temperature",
            )  # fmt: skip
    gr.HTML('<h2 class="head">Side by side</h2><p class="note">What each loss makes of the same photograph.</p>')
    grid = gr.HTML(elem_id="tints")
    pinned = gr.State([])
    wishes, views = [graph, image, pinned, warmth, keep], [slider, fetch, status]
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    busy: dict[str, Any] = private | {"concurrency_id": "run", "concurrency_limit": 2, "trigger_mode": "always_last"}
    jobs = [
        image.input(lambda: [], None, pinned, **private),
        image.select(page.click, [image, pinned, paint], pinned, **private),
        undo.click(lambda pinned: pinned[:-1], pinned, pinned, **private),
        clear.click(lambda pinned: [], pinned, pinned, **private),
        strip.click(page.example, graph, [image, pinned], **private),
        graph.input(page.switch, graph, warmth, **private),
        gr.on(shown, page.begin, [graph, image], [image, pinned], **private),
    ]
    compared = ([image, pinned, warmth, keep], grid)
    for job in jobs:
        job.success(page.result, wishes, views, **busy).success(page.side_by_side, *compared, **busy)
    for control in (warmth.release, keep.input):
        control(page.result, wishes, views, **busy).success(page.side_by_side, *compared, **busy)
    batch.build(page.many, [graph, warmth], "colorize-all")


class Page:
    """What happens on the tab. ``pinned`` are the hints that were clicked, ``keep`` is whether the picture has more."""

    def __init__(self, registry: Registry):
        self.registry, self.names = registry, controls.recipe_first(registry, "colorize")

    def result(self, name: str, image: np.ndarray | None, pinned: Any, warmth: Any, keep: bool) -> list[Any]:
        """Return the values for slider, download button and status line."""
        if image is None:
            return [None, gr.DownloadButton(value=None, interactive=False), ""]
        with sentences():
            graph, pins = self._graph(name), hints(image, pinned, keep)
            return present(graph, colorization.colorize(graph, within(image), pins, temperature(warmth)), pins)

    def side_by_side(self, image: np.ndarray | None, pinned: Any, warmth: Any, keep: bool) -> Iterator[str]:
        """Yield the grid of what all graphs make of the picture."""
        with sentences():
            if image is not None:
                small, pins = fit(image, compare.SHOWN), hints(image, pinned, keep)
                yield from panels(self.registry, self.names, small, pins, warmth)

    def click(self, image: np.ndarray | None, pinned: list[Any], paint: str, event: gr.SelectData) -> list[Any]:
        """Return the hints with the colour ``paint`` where somebody clicked; of too many the oldest goes."""
        with sentences():
            if image is None:
                return pinned
            return [*pinned[-colorization.MOST_HINTS + 1 :], [*place(event.index, image), *rgb(paint)]]

    def example(self, name: str, event: gr.EventData) -> list[Any]:
        """Show an example, without hints."""
        with sentences():
            return [examples.pick(self._examples(name), event.index).read(), []]

    def begin(self, name: str, image: np.ndarray | None) -> list[Any]:
        """Give the first example to somebody who has not brought a picture yet."""
        found = self._examples(name)
        return [gr.skip() if image is not None or not found else found[0].read(), gr.skip()]

    def switch(self, name: str) -> gr.Slider:
        """Go on to another graph: only some have a temperature."""
        with sentences():
            return gr.Slider(
                visible=colorization.has_temperature(self.registry.card(controls.one_of(self.names, name)))
            )

    def many(self, paths: list[str], progress: Any, name: str, warmth: Any) -> tuple[str | None, str]:
        """Give many files colours; see ``batch``."""
        return tint_many(self._graph(name), paths, temperature(warmth), progress)

    def _graph(self, name: str) -> Graph:
        return self.registry.graph(controls.one_of(self.names, name))

    def _examples(self, name: str) -> list[examples.Example]:
        return examples.find(self.registry, controls.one_of(self.names, name))


def present(graph: Graph, outcome: Outcome, pins: list[Pin]) -> list[Any]:
    """Return the values for slider, download button and status line."""
    height, width = outcome.result.shape[:2]
    path = controls.save_png(outcome.result, f"synth-{graph.card.name}.png")
    before = fit(gray(outcome.input), SEEN)
    for pin in pins:
        rows, columns = (
            colorization.around(at, side) for at, side in zip((pin.y, pin.x), before.shape[:2], strict=True)
        )
        before[rows, columns] = (pin.red, pin.green, pin.blue)
    told = f" · {len(pins)} hint{'s' * (len(pins) > 1)}" if pins else ""
    status = f"<b>{outcome.milliseconds:.0f} ms</b> · {html.escape(graph.place)} · {width} × {height} pixels{told}"
    if not pins and color.chroma(fit(outcome.input, 128)) > GRAY:
        status += "<br>This picture has colours already. Only its luminance was used."
    if graph.warning:
        status += f'<div class="warn" role="alert">{html.escape(graph.warning)}</div>'
    return [(before, fit(outcome.result, SEEN)), gr.DownloadButton(value=path, interactive=True), status]


def panels(registry: Registry, names: list[str], image: np.ndarray, pins: list[Pin], warmth: Any) -> Iterator[str]:
    """Yield the grid again after every graph, so that it fills while they run."""
    made = [compare.figure("Black and white", gray(image))]
    for number, name in enumerate(names):
        yield compare.page(made, len(names) - number)
        graph = registry.graph(name)
        outcome = colorization.colorize(graph, image, pins, temperature(warmth))
        made.append(compare.figure(registry.title(name), outcome.result, [compare.metrics_line(graph.card.metrics)]))
    yield compare.page(made, 0)


def tint_many(graph: Graph, paths: list[str], warmth: float, progress: Any) -> tuple[str | None, str]:
    """Give every file colours; see ``batch.zipped``."""

    def made(path: Path) -> bytes:
        image = within(images.read(path, max_pixels=controls.MAX_READ))
        return provenance.save(colorization.colorize(graph, image, [], warmth).result)

    return batch.zipped(graph.card.name, paths, made, progress)


def gray(image: np.ndarray) -> np.ndarray:
    """Return uint8 ``[H, W, 3]`` of the same luminance without colours."""
    return color.with_chroma(image, np.full((1, 1, 3), 128, np.uint8))


def hints(image: np.ndarray, pinned: Any, keep: Any) -> list[Pin]:
    """Return what is known of a picture's colours: its own, if they are to be kept, and what was pinned over them."""
    return (colorization.own_colors(image) if keep is True else []) + colorization.pins(pinned)


def within(image: np.ndarray) -> np.ndarray:
    """Return the picture; ``ValueError`` with a way out for one that is too large."""
    height, width = image.shape[:2]
    if height * width > MOST_PIXELS:
        raise ValueError(
            f"This picture has {height * width / 1e6:.0f} megapixels ({width} x {height}); up to "
            f"{MOST_PIXELS / 1e6:.0f} get colours here. `python -m synth apply` takes larger ones."
        )
    return image


def place(index: Any, image: np.ndarray) -> tuple[float, float]:
    """Return a click (x, y) in the picture's pixels as shares 0..1; ``ValueError`` for no place."""
    if not isinstance(index, (list, tuple)) or len(index) != 2 or not all(isinstance(v, (int, float)) for v in index):
        raise ValueError("This is no place in the picture. Click in it again.")
    x, y = ((at + 0.5) / side for at, side in zip(index, image.shape[1::-1], strict=True))
    return min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)


def rgb(text: Any) -> tuple[int, int, int]:
    """Return a colour of the picker, ``#rrggbb`` or ``rgb(a)(r, g, b, ...)``; ``ValueError`` for anything else."""
    if isinstance(text, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
    found = re.fullmatch(r"rgba?\(([\d.]+), *([\d.]+), *([\d.]+).*\)", text) if isinstance(text, str) else None
    if not found:
        raise ValueError("Choose a colour first.")
    red, green, blue = (min(255, round(float(part))) for part in found.groups())
    return red, green, blue


def temperature(value: Any) -> float:
    """Return a temperature that comes from a browser; ``ValueError`` for anything else."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0.05 <= value <= 1:
        raise ValueError("The temperature is a number from 0.05 to 1.")
    return float(value)


def tint_default(registry: Registry, name: str) -> float:
    """Return the temperature that a graph is used at where nobody chooses."""
    return next((entry.value for entry in registry.card(name).inputs if entry.name == "temperature"), 0.38)
