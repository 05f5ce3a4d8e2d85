"""What films and the stream show behind characters: the choice on the page, and what is made of it."""

import re
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls

OWN, COLOR, PICTURE = "own", "colour", "picture"
GREEN = "#00ff00"
PARTS = re.compile(r"rgba?\(\s*([\d.]+)\s*,\s*([\d.]+)\s*,\s*([\d.]+)\s*(?:,[^()]*)?\)")


def build(some_cut: bool, name: str = "film", whose: str = "Their") -> list[Any]:
    """Lay out the choice, unless no character can be cut out; return its parts, whose values ``chosen`` takes."""
    choices = [(f"{whose} own background", OWN), ("A colour", COLOR), ("My picture", PICTURE)]
    kind = controls.choice(choices, OWN, visible=some_cut)
    color = gr.ColorPicker(GREEN, label="Colour of the background", visible=False, elem_id=f"{name}-color")
    sources: Any = ["upload", "clipboard"]
    with gr.Column(visible=False) as box:  # shown and hidden in place of the picture, which would lose its way to read
        own = controls.picture_input(sources=sources, height=200, elem_id=f"{name}-backdrop")
    kind.change(
        lambda kind: [gr.ColorPicker(visible=kind == COLOR), gr.Column(visible=kind == PICTURE)],
        kind,
        [color, box],
        api_visibility="private",
        show_progress="hidden",
        queue=False,
    )
    return [kind, color, own]


def chosen(kind: Any, color: Any, own: Any) -> str | np.ndarray:
    """Return what ``Wish.backdrop`` takes for what a browser sent; ``ValueError`` with a sentence for anything else."""
    if kind == PICTURE:
        if not isinstance(own, np.ndarray):
            raise ValueError("Choose a picture for the background first.")
        return own
    if kind == COLOR and isinstance(color, str):
        return hexadecimal(color)
    if kind != OWN:
        raise ValueError("There is no such background any more. Reload the page.")
    return ""


def hexadecimal(color: str) -> str:
    """Return a colour as ``#rrggbb``: colour pickers also say ``rgba(...)``. Any other text comes back as it is."""
    found = PARTS.fullmatch(color.strip())
    return "#" + "".join(f"{min(round(float(part)), 255):02x}" for part in found.groups()) if found else color
