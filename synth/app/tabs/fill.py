"""The Fill tab: paint over parts of a picture, and they are filled in (inpainting).

The page (``fill.html`` and ``fill.js`` in ``web/tabs/``) keeps the picture; it sends only the part around the mask, and
pastes the answer only where it was painted. The functions below are public endpoints, so they validate everything.
"""

from typing import Any

from synth.app import canvas, controls, titles
from synth.app.live.endpoints import Answer
from synth.app.page import page
from synth.app.tabs.translate import sentence
from synth.runtime import examples, inpainting
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry

SIDE = 768
"""Longer side in pixels of the part that the page sends."""
MOST_LETTERS = 6 * 2**20
SENT = (("png", "picture"), ("mask", "mask"))


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab; the page itself requests its first picture."""
    del shown
    page(
        "fill",
        functions(registry),
        graphs=[_describe(registry, name) for name in controls.recipe_first(registry, "fill")],
        side=SIDE,
    )


def functions(registry: Registry) -> list[Any]:
    """Return the two functions that the page calls; invalid requests come back as a message under ``error``."""

    def fill_holes(data: Any) -> Answer:
        return canvas.answered(lambda: _filled(registry, data))

    def fill_example(data: Any) -> Answer:
        return canvas.answered(lambda: _example(registry, data))

    return [fill_holes, fill_example]


def _filled(registry: Registry, data: Any) -> Answer:
    graph = registry.graph(canvas.graph_name(registry, "fill", data))
    image, mask = (canvas.decode(data.get(key), what, MOST_LETTERS, SIDE * SIDE) for key, what in SENT)
    made, spent = inpainting.inpaint(graph, image, mask.max(2) > 0)
    return {"png": data_address(made), "ms": spent, "place": graph.place, "warning": graph.warning}


def _example(registry: Registry, data: Any) -> Answer:
    found = examples.find(registry, canvas.graph_name(registry, "fill", data))
    return {"png": data_address(examples.pick(found, data.get("index")).read())}


def _describe(registry: Registry, name: str) -> Answer:
    """Return what the page needs to know about a model."""
    card = registry.card(name)
    about = {"name": name, "title": titles.title(registry, name), "task": sentence(card.task), "size": card.size}
    return about | {"examples": controls.thumbs(registry, name)}
