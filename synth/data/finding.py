"""What a check of a data set has found, and how its pictures are called in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from synth.data.survey import Facts, Item


@dataclass(frozen=True)
class Finding:
    """Something to know: a ``problem`` that should be mended before training, or a ``note``."""

    kind: Literal["problem", "note"]
    what: str
    examples: tuple[str, ...]
    advice: str


def name(item: Item) -> str:
    """Return how a picture is called: its split, folder and file."""
    parts = [item.split, "" if item.half >= 0 else item.path.parent.name, item.path.name]
    return "/".join(part for part in parts if part and part != ".")


def names(items: Iterable[Item]) -> tuple[str, ...]:
    """Return the names of pictures, each once."""
    return tuple(dict.fromkeys(name(item) for item in items))


def by(fact: Facts) -> str:
    """Return a size as 640x480."""
    return f"{fact.size[0]}x{fact.size[1]}"
