"""What the training loop asks of a data set, whatever is in it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, Self

import torch
from torch import Tensor

ALL = slice(None)


class Batches(Protocol):
    """The training examples, ready to be drawn from: a batch is a pure function of the seed and the step.

    ``length`` is how many examples there are, ``batch`` how many a step takes, ``facts`` what else is known of the
    set: plain values and tensors that are kept in the checkpoint and given to ``Method.prepare`` and ``describe``.
    """

    length: int
    batch: int
    facts: dict[str, Any]

    def batches(self, start: int, part: slice = ALL) -> Iterator[dict[str, Tensor]]:
        """Yield ``part`` of the batches from step ``start`` on, for ever, on the device; pictures in [-1, 1]."""
        ...


class Data(Protocol):
    """The ``data`` of a recipe, a value: ``name`` is its folder's, ``crop`` the side in pixels it is trained at."""

    @property
    def name(self) -> str: ...
    @property
    def crop(self) -> int: ...

    def sized(self, size: int) -> Self:
        """Return the same for pictures of ``size`` x ``size``."""
        ...

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> Batches:
        """Read the training split. Raises ``ValueError`` with a sentence if the folder does not hold such a set."""
        ...

    def sample(self, folder: Path) -> dict[str, Tensor]:
        """Return a few held-out examples, as in a batch, for the log's pictures."""
        ...

    def describe(self, folder: Path) -> str:
        """Return in a few words what is learned from what, so that a wrong direction is seen at once."""
        ...
