"""Name the nearest known word for one that is not known, for error messages. Standard library only."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``" Did you mean 'train'?"`` for the known word that is nearest to ``word``; empty where none is near."""
    near = get_close_matches(word, list(known), 1)
    return f" Did you mean {near[0]!r}?" if near else ""
