"""What the functions for programs share: names that come from outside, and names that are told to the outside."""

from collections.abc import Callable
from typing import Any, Literal


def one_of(known: Any, value: Any) -> str:
    """Return a word that comes from a program; ``ValueError`` that names the known ones for any other value."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"There is no {str(value)[:40]!r} here. Choose one of: {', '.join(known)}.")
    return value


def named(function: Callable[..., Any], **choices: list[str]) -> Callable[..., Any]:
    """Return a function whose parameters say which names they take."""
    for parameter, names in choices.items():
        function.__annotations__[parameter] = Literal[tuple(names)]
    return function
