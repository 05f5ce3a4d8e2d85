"""The Draw tab: a canvas with the model's label colours as brushes; the result follows the drawing live.

The canvas is our own (``draw.html`` and ``draw.js`` in ``web/tabs/``): brush colours by name, no smoothing between
labels, no files on the server. The functions below are public endpoints, so they validate everything.
"""

from typing import Any

import cv2
import numpy as np

from synth.app import canvas, controls, titles
from synth.app.live.endpoints import Answer
from synth.app.page import page
from synth.app.tabs.translate import sentence
from synth.card import Card
from synth.runtime import examples
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.run import labelled, run


def build(registry: Registry, shown: list[Any]) -> None:
    """Lay out the tab; the page itself requests its first picture."""
    del shown
    page(
        "draw",
        functions(registry),
        graphs=[_describe(registry, name) for name in registry.names("draw")],
    )


def functions(registry: Registry) -> list[Any]:
    """Return the functions that the page calls; invalid requests come back as a message under ``error``."""

    def translate_drawing(data: Any) -> Answer:
        return canvas.answered(lambda: _render(registry, data))

    def open_example(data: Any) -> Answer:
        return canvas.answered(lambda: _example(registry, data))

    def open_label_map(data: Any) -> Answer:
        return canvas.answered(lambda: _opened(registry, data))

    return [translate_drawing, open_example, open_label_map]


def _render(registry: Registry, data: Any) -> Answer:
    name = canvas.graph_name(registry, "draw", data)
    size = registry.card(name).size
    drawing = _decode(data.get("png"), size)
    graph = registry.graph(name)
    outcome = run(graph, drawing)
    return {
        "png": data_address(outcome.result),
        "ms": outcome.milliseconds,
        "place": graph.place,
        "warning": " ".join(filter(None, (outcome.notice, graph.warning))),
    }


def _example(registry: Registry, data: Any) -> Answer:
    name = canvas.graph_name(registry, "draw", data)
    card = registry.card(name)
    found = examples.find(registry, name)
    image = examples.pick(found, data.get("index")).read()
    return {"png": data_address(on_canvas(image, card))}


def _opened(registry: Registry, data: Any) -> Answer:
    """Return a picture of the canvas's size in the label colours of a model, and what was done to it."""
    card = registry.card(canvas.graph_name(registry, "draw", data))
    image, notice = labelled(_decode(data.get("png"), card.size), card)
    return {"png": data_address(image), "notice": notice}


def on_canvas(image: np.ndarray, card: Card) -> np.ndarray:
    """Resize uint8 ``[H, W, 3]`` to ``[card.size, card.size, 3]``, without mixing label colours."""
    if image.shape[:2] == (card.size, card.size):
        return image
    how = cv2.INTER_NEAREST_EXACT if card.inputs[0].kind == "labels" else cv2.INTER_AREA
    return cv2.resize(image, (card.size, card.size), interpolation=how)


def _decode(png: Any, size: int) -> np.ndarray:
    """Decode the drawing to uint8 ``[size, size, 3]``; ``ValueError`` for anything else that a browser may send."""
    image = canvas.decode(png, "drawing", size * size * 6 + 4096, size * size)
    if image.shape != (size, size, 3):
        raise ValueError(
            f"The drawing has {image.shape[1]} x {image.shape[0]} pixels, not {size} x {size}. Reload the page."
        )
    return image


def _describe(registry: Registry, name: str) -> Answer:
    """Return what the page needs to know about a model."""
    card = registry.card(name)
    labels = card.inputs[0].kind == "labels"
    return {
        "name": name,
        "title": titles.title(registry, name),
        "task": sentence(card.task),
        "kind": card.inputs[0].kind,
        "size": card.size,
        "palette": [list(color) for color in card.inputs[0].palette] if labels else [],
        "examples": controls.thumbs(registry, name),
    }
