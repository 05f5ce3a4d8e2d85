"""Description of a network to build, used as a field of recipes."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from torch import nn

Built = TypeVar("Built", bound=nn.Module, covariant=True)


class Spec(Generic[Built]):
    """Description of a constructor call: ``Spec(UNet, channels=64)`` prints as ``UNet(channels=64)``.

    Calling the spec makes the call: ``spec(inputs=3)`` builds the network. Keyword arguments of that call override
    those of the spec. Two specs are equal if they describe the same call.
    """

    def __init__(self, build: Callable[..., Built], **options: Any):
        self.build, self.options = build, options

    def __call__(self, **options: Any) -> Built:
        return self.build(**{**self.options, **options})

    def changed(self, **options: Any) -> "Spec[Built]":
        """Return a copy with other keyword arguments; those that are not named stay."""
        return Spec(self.build, **{**self.options, **options})

    def __repr__(self) -> str:
        return f"{self.build.__name__}({', '.join(f'{key}={value!r}' for key, value in self.options.items())})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spec) and (self.build, self.options) == (other.build, other.options)

    def __hash__(self) -> int:
        return hash(repr(self))
