"""Find held-out pictures to try a model on: ``weights/examples/FOLDER/{input,target}/N.png`` or ``.jpg``.

The folder is the one that the card names as its ``examples``, else the one with exactly the model's name. Cards from
before that field name none: their models share the pictures of their recipe (those of ``street`` for ``street-l1``).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synth.pixels import images
from synth.runtime.registry import Registry

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class Example:
    """An example input, and its ground truth where it is known."""

    input: Path
    target: Path | None = None

    def read(self) -> np.ndarray:
        """Return the picture, uint8 RGB ``[H, W, 3]``."""
        return images.read(self.input)


def find(registry: Registry, name: str) -> list[Example]:
    """Return the examples for a model, sorted by name; an empty list if it has none."""
    home = _folder(registry, name)
    if home is None:
        return []
    targets = {path.stem: path for path in _pictures(home / "target")}
    return [Example(path, targets.get(path.stem)) for path in _pictures(home / "input") or _pictures(home)]


def pick(found: list[Example], index: object) -> Example:
    """Return one example by its number, which comes from a browser; ``ValueError`` for any other value."""
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(found):
        raise ValueError(f"There is no example {str(index)[:40]} for this model any more. Reload the page.")
    return found[index]


def _folder(registry: Registry, name: str) -> Path | None:
    """Return the first of a model's folders that exists; a card cannot name a path outside of ``examples``."""
    card = registry.card(name)
    folders = {path.name: path for path in (registry.folder / "examples").glob("*") if path.is_dir()}
    wanted = (card.examples, name) if card.examples else (name, card.family)
    return next((folders[folder] for folder in wanted if folder in folders), None)


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.suffix.lower() in SUFFIXES)
