"""A network that is not built yet: what recipes are made of."""

from collections.abc import Callable
from typing import Any

from torch import nn


class Spec:
    """``Spec(UNet, channels=64)`` is a value that reads like the call it stands for; ``spec(inputs=3)`` makes the call.

    Keyword arguments given at the call win over those of the value. Two specs of the same call are equal.
    """

    def __init__(self, build: Callable[..., nn.Module], **options: Any):
        self.build, self.options = build, options

    def __call__(self, **options: Any) -> nn.Module:
        return self.build(**{**self.options, **options})

    def __repr__(self) -> str:
        return f"{self.build.__name__}({', '.join(f'{key}={value!r}' for key, value in self.options.items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spec) and (self.build, self.options) == (other.build, other.options)

    def __hash__(self) -> int:
        return hash(repr(self))
