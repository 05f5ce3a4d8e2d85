"""A number and its noun, in the singular or the plural. Standard library only."""


def counted(number: float, one: str, many: str = "") -> str:
    """Return ``1 step`` or ``1,250 steps``; ``many`` is the plural, by default the singular with an s."""
    return f"{number:,.0f} {one if round(number) == 1 else many or f'{one}s'}"
