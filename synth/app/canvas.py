"""Shared server side of the pages with a canvas (Draw, Fill): validate requests, return errors as messages."""

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
    """Return the answer of ``make``, or its ``ValueError`` as a message under ``error``."""
    try:
        return make()
    except ValueError as error:
        return {"error": str(error)}


def graph_name(registry: Registry, tab: str, data: Any) -> str:
    """Return the name of the model that a page requests; ``ValueError`` if the tab has no such model."""
    return controls.one_of(registry.names(tab), data.get("graph") if isinstance(data, dict) else None)


def decode(png: Any, what: str, most_letters: int, max_pixels: int) -> np.ndarray:
    """Decode a PNG that a page sent to uint8 ``[H, W, 3]``; ``ValueError`` for other data or above the limits."""
    data = content(png, PREFIX, most_letters, f"The {what} arrived damaged. Reload the page.")
    return images.read(data, max_pixels=max_pixels)
