"""Where a picture came from, and the names of the files that are made from it."""

import re
import time
from pathlib import Path
from typing import Any

import numpy as np

NAMELESS = {"image": "picture", "sample": "picture", "clipboard": "clipboard", "webcam": "webcam"}
"""Names that Gradio gives to files without a name of their own, and what their results are called."""


class Picture(np.ndarray):
    """Pixels of an image, uint8 ``[H, W, 3 or 4]``, that know the file they were read from."""

    source: Path | None = None

    def __array_finalize__(self, other: Any) -> None:
        self.source = getattr(other, "source", None)

    @classmethod
    def of(cls, pixels: np.ndarray, source: Path) -> "Picture":
        """Return pixels that were read from a file, without copying them."""
        made = pixels.view(cls)
        made.source = source
        return made


def source_of(pixels: Any) -> Path | None:
    """Return the file that an array was read from, if it is a ``Picture``."""
    return getattr(pixels, "source", None)


def result_name(source: Any, *models: str, ending: str = ".png") -> str:
    """Return the name of a file that models made: ``beach-colorize.png`` of ``beach.jpg``.

    ``source`` is a path, or an array that may be a ``Picture``. Files without a name of their own get the time.
    """
    path = source if isinstance(source, Path) else source_of(source)
    stem = path.stem if path else "image"
    names = [re.sub(r"^dance-", "", model) for model in models]
    if stem in NAMELESS:
        stem, names = NAMELESS[stem], [*names, time.strftime("%Y%m%d-%H%M%S")]
    return "-".join([stem, *names]) + ending
