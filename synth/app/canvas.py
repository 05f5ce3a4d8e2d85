"""What the pages with a canvas of their own share: what they send is checked, what is wrong is a sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np

from synth.app import controls
from synth.app.live.endpoints import Answer
from synth.pixels import images
from synth.runtime.encode import content
from synth.runtime.registry import Registry

PREFIX = "data:image/png;base64,"


def answered(make: Callable[[], Answer]) -> Answer:
    """Return what ``make`` gives, or its ``ValueError`` as a sentence under ``error``."""
    try:
        return make()
    except ValueError as error:
        return {"error": str(error)}


def graph_name(registry: Registry, tab: str, data: Any) -> str:
    """Return the graph of a tab that a page asks for; ``ValueError`` for an unknown one."""
    return controls.one_of(registry.names(tab), data.get("graph") if isinstance(data, dict) else None)


def decode(png: Any, what: str, most_letters: int, max_pixels: int) -> np.ndarray:
    """Return a PNG that a page sent as uint8 ``[H, W, 3]``; ``ValueError`` for anything else, or anything larger."""
    data = content(png, PREFIX, most_letters, f"The {what} did not arrive whole. Reload the page.")
    return images.read(data, max_pixels=max_pixels)
