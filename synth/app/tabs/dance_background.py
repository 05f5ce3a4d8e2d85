"""Background controls of the Dance tab's video and stream sections, and how their values are read."""

import re
from collections.abc import Callable
from typing import Any

import gradio as gr
import numpy as np

from synth.app import controls

OWN, COLOR, PICTURE = "own", "colour", "picture"
GREEN = "#00ff00"
PART = r"\s*(\d{1,3}(?:\.\d*)?)\s*"
PARTS = re.compile(rf"rgba?\({PART},{PART},{PART}(?:,[^()]*)?\)")


def build(
    some_cut: bool, name: str = "film", whose: str = "Their", image: Callable[..., Any] = controls.picture_input
) -> list[Any]:
    """Lay out the controls (hidden if no character can be cut out); return them: ``chosen`` takes their values.

    ``image`` makes the input of a background picture.
    """
    choices = [(f"{whose} own background", OWN), ("A colour", COLOR), ("My picture", PICTURE)]
    kind = controls.choice(choices, OWN, visible=some_cut)
    color = gr.ColorPicker(GREEN, label="Colour of the background", visible=False, elem_id=f"{name}-color")
    sources: Any = ["upload", "clipboard"]
    with gr.Column(visible=False) as box:
        own = image(sources=sources, height=200, elem_id=f"{name}-backdrop")
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
    """Return ``FilmOptions.background`` for the values of the controls; ``ValueError`` for invalid ones."""
    if kind == PICTURE:
        if not isinstance(own, np.ndarray):
            raise ValueError("Choose a picture for the background first.")
        return own
    if kind == COLOR and isinstance(color, str):
        return hexadecimal(color)
    if kind != OWN:
        raise ValueError(f"There is no background {str(kind)[:40]!r}. Reload the page.")
    return ""


def hexadecimal(color: str) -> str:
    """Return a colour as ``#rrggbb``; colour pickers also send ``rgba(...)``. Any other text is returned unchanged."""
    found = PARTS.fullmatch(color.strip())
    return "#" + "".join(f"{min(round(float(part)), 255):02x}" for part in found.groups()) if found else color
