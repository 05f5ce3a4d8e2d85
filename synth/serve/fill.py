"""The Fill tab: paint over what should go, and it is filled in.

The page (``fill.html``, ``mask.js``, ``fill.js``) keeps the picture; what it sends is the part around what was painted,
and it pastes the answer there alone. The functions below are public end points: everything that arrives is checked.
"""

import base64
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from synth.pixels import picture
from synth.serve import controls, examples, patch
from synth.serve.encode import data_address
from synth.serve.shelf import Shelf
from synth.serve.translate import sentence

HERE = Path(__file__).parent
PREFIX = "data:image/png;base64,"
SIDE = 768
"""Longest side in pixels of the part that the page sends."""
MOST_LETTERS = 6 * 2**20
Answer = dict[str, Any]


def build(shelf: Shelf, shown: list[Any]) -> None:
    """Lay out the tab; the page itself asks for its first picture."""
    del shown
    gr.HTML(
        html_template=(HERE / "fill.html").read_text("utf-8"),
        js_on_load=(HERE / "mask.js").read_text("utf-8") + (HERE / "fill.js").read_text("utf-8"),
        apply_default_css=False,
        elem_id="fill",
        server_functions=functions(shelf),
        graphs=[_describe(shelf, name) for name in controls.recipe_first(shelf, "fill")],
        side=SIDE,
    )


def functions(shelf: Shelf) -> list[Any]:
    """Return the two functions that the page calls; what is wrong comes back as a sentence under ``error``."""

    def fill_holes(data: Any) -> Answer:
        return _answer(lambda: _filled(shelf, data))

    def fill_example(data: Any) -> Answer:
        return _answer(lambda: _example(shelf, data))

    return [fill_holes, fill_example]


def _filled(shelf: Shelf, data: Any) -> Answer:
    graph = shelf.graph(_name(shelf, data))
    image, mask = decode(data.get("png"), "picture"), decode(data.get("mask"), "mask")
    made, spent = patch.fill(graph, image, mask.max(2) > 0)
    return {"png": data_address(made), "ms": spent, "place": graph.place, "warning": graph.warning}


def _example(shelf: Shelf, data: Any) -> Answer:
    found = examples.find(shelf.folder, _name(shelf, data))
    return {"png": data_address(examples.pick(found, data.get("index")).read())}


def _answer(make: Any) -> Answer:
    try:
        return make()
    except ValueError as error:
        return {"error": str(error)}


def _name(shelf: Shelf, data: Any) -> str:
    name = data.get("graph") if isinstance(data, dict) else None
    if not isinstance(name, str) or name not in shelf.names("fill"):
        raise ValueError("There is no such graph any more. Reload the page.")
    return name


def decode(png: Any, what: str) -> np.ndarray:
    """Return what a browser sent as uint8 ``[H, W, 3]``; ``ValueError`` for anything but a PNG of up to ``SIDE``."""
    if not isinstance(png, str) or not png.startswith(PREFIX) or len(png) > MOST_LETTERS:
        raise ValueError(f"The {what} did not arrive whole. Reload the page.")
    try:
        data = base64.b64decode(png[len(PREFIX) :], validate=True)
    except ValueError as error:
        raise ValueError(f"The {what} did not arrive whole. Reload the page.") from error
    return picture.read(data, max_pixels=SIDE * SIDE)


def _describe(shelf: Shelf, name: str) -> Answer:
    """Return what the page must know about a graph."""
    card = shelf.card(name)
    about = {"name": name, "title": shelf.title(name), "task": sentence(card.task), "size": card.size}
    return about | {"examples": controls.thumbs(shelf, name)}
