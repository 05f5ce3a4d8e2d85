"""Side-by-side comparison of the Enlarge tab: one crop, enlarged by every model and by bicubic interpolation."""

from collections.abc import Iterator
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls, titles
from synth.app.controls import sentences
from synth.app.follower import PRIVATE, Follower
from synth.app.tabs import compare
from synth.pixels import bicubic, images
from synth.runtime import examples
from synth.runtime.registry import Registry
from synth.runtime.run import run

SHOWN = 256
"""Side in pixels of an enlarged crop."""


class Comparison:
    """The comparison at the end of the Enlarge tab; ``wire`` connects it to the picture input."""

    def __init__(self, registry: Registry):
        self._registry = registry
        gr.HTML('<h2 class="head">Side by side</h2><p class="note">The part with the most detail. Click in the '
                "picture to see another.</p>")  # fmt: skip
        with gr.Column() as self._zone:
            self._grid = gr.HTML(elem_id="enlarge-grid")

    def wire(self, job: Any, inputs: list[Any], image: gr.Image, changes: list[Any], busy: dict[str, Any]) -> None:
        """Fill the grid after ``job``, and on a click in the image; ``changes`` are the events that outdate it."""
        beside, at = Follower(self._zone), gr.State(None)
        beside.compute(self._pages, [*inputs, at], [self._grid], **busy)
        beside.outdate(*changes, image.select)
        beside.renew_after(job.success(lambda: None, None, at, **PRIVATE), image.select(clicked, None, at, **PRIVATE))

    def _pages(self, name: str, image: np.ndarray | None, index: int, at: Any) -> Iterator[str]:
        if image is None:
            yield ""
            return
        with sentences():
            truth = None
            if index >= 0:
                found = examples.pick(examples.find(self._registry, name), index)
                truth = found.target and images.read(found.target)
            yield from panels(self._registry, name, images.on_white(image), truth, at)


def clicked(event: gr.SelectData) -> Any:
    """Return the place (x, y) of a click in pixels."""
    return event.index


def ordered(registry: Registry) -> list[str]:
    """Return the models of the tab: largest factor first, within each the one named like its recipe, then by name."""
    first = controls.recipe_first(registry, "enlarge")
    return sorted(first, key=lambda name: -registry.card(name).scale)


def panels(registry: Registry, name: str, image: np.ndarray, truth: np.ndarray | None, at: Any) -> Iterator[str]:
    """Yield the grid anew after every model of the same scale, so that it fills up while they run."""
    scale = registry.card(name).scale
    side = SHOWN // scale
    top, left = corner(at, side, image.shape[:2]) if at else busiest(image, side)
    small = image[top : top + side, left : left + side]
    made = [compare.panel("Bicubic", bicubic.scaled(small, scale))]
    if truth is not None and truth.shape[:2] == tuple(scale * length for length in image.shape[:2]):
        cut = truth[scale * top : scale * (top + side), scale * left : scale * (left + side)]
        made.insert(0, compare.panel("Ground truth", cut))
    names = [other for other in ordered(registry) if registry.card(other).scale == scale]
    for number, other in enumerate(names):
        yield compare.page(made, len(names) - number)
        graph = registry.graph(other)
        result = run(graph, np.ascontiguousarray(small)).result
        made.append(compare.panel(titles.title(registry, other), result, [compare.metrics_line(graph.card.metrics)]))
    yield compare.page(made, 0)


def corner(at: Any, side: int, size: tuple[int, ...]) -> tuple[int, int]:
    """Return the top left of the crop around a click (x, y), within the image; ``ValueError`` for an invalid click."""
    middles = controls.position(at)[::-1]
    top, left = (
        max(0, min(int(middle) - side // 2, length - side)) for middle, length in zip(middles, size, strict=True)
    )
    return top, left


def busiest(image: np.ndarray, side: int) -> tuple[int, int]:
    """Return the top left of the crop of uint8 ``[H, W, 3]`` with the largest sum of gradients."""
    gray = image.astype(np.float32).mean(2)
    change = np.zeros_like(gray)
    change[:-1] += np.abs(np.diff(gray, axis=0))
    change[:, :-1] += np.abs(np.diff(gray, axis=1))
    sums = np.pad(change.cumsum(0).cumsum(1), ((1, 0), (1, 0)))
    down, across = (min(side, length) for length in gray.shape)
    total = sums[down:, across:] - sums[:-down, across:] - sums[down:, :-across] + sums[:-down, :-across]
    top, left = np.unravel_index(total.argmax(), total.shape)
    return int(top), int(left)
