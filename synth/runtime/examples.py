"""Held-out pictures to start from: ``weights/examples/<data set>/{input,target}/N.png`` or ``.jpg``.

The data set is the part of a graph's name before the first dash, so that all graphs of one set share the pictures.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.pixels import images

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class Example:
    """A picture to start from, and the true answer where it is known."""

    input: Path
    target: Path | None = None

    def read(self) -> np.ndarray:
        return images.read(self.input)


def find(folder: Path, graph: str) -> list[Example]:
    """Return the examples for a graph, sorted by name; none where the folder has none."""
    home = folder / "examples" / graph.split("-")[0]
    targets = {path.stem: path for path in _pictures(home / "target")}
    return [Example(path, targets.get(path.stem)) for path in _pictures(home / "input") or _pictures(home)]


def pick(found: list[Example], index: object) -> Example:
    """Return one example by its number, which comes from a browser; ``ValueError`` for any other value."""
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(found):
        raise ValueError("There is no such example any more. Reload the page.")
    return found[index]


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
