"""The slider of a colorizing model: its vividness or its temperature, whichever its card declares."""

from typing import Any

from synth.card import Card
from synth.runtime import colorization

DIALS = {
    "vividness": ("Cautious ↔ vivid", "How much rare colours are favoured (rebalancing, Zhang et al. 2016, eq. 4)"),
    "temperature": ("Vivid ↔ cautious", "Softmax temperature T (annealed mean, Zhang et al. 2016, eq. 5)"),
}
"""Label and explanation of the slider for each number input."""


def setting(card: Card, value: Any) -> dict[str, float]:
    """Return what the slider sets, as values by name for ``colorization.colorize``; nothing if the model has no dial.

    Raises ``ValueError`` for anything but a number within the limits of the card.
    """
    entry = colorization.dial(card)
    return {} if entry is None else {entry.name: checked_number(entry.name, value, entry.low, entry.high)}


def checked_number(name: str, value: Any, low: float, high: float) -> float:
    """Return a number from a browser or a program; ``ValueError`` for anything but one from ``low`` to ``high``."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
        raise ValueError(f"The {name} must be a number from {low:g} to {high:g}, not {str(value)[:40]}.")
    return float(value)


def properties(card: Card) -> dict[str, Any]:
    """Return the properties of the slider for a model's number input; invisible if it has none."""
    entry = colorization.dial(card)
    if entry is None:
        return {"visible": False}
    label, info = DIALS.get(entry.name, (entry.name, ""))
    limits = {"minimum": entry.low, "maximum": entry.high, "value": entry.value}
    return {"visible": True, "label": label, "info": info, **limits}
