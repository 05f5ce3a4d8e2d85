"""Interfaces between the training loop and a data set."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, Self

import torch
from torch import Tensor

ALL = slice(None)


class Batches(Protocol):
    """Training examples that batches are drawn from; a batch is a pure function of the seed and the step.

    ``length`` is the number of examples, ``batch`` the number per step, ``facts`` further properties of the set: plain
    values and tensors that are stored in the checkpoint and passed to ``Method.prepare`` and ``describe``.
    """

    length: int
    batch: int
    facts: dict[str, Any]

    def batches(self, start: int, part: slice = ALL) -> Iterator[dict[str, Tensor]]:
        """Yield ``part`` of the batches from step ``start`` on, endlessly, on the device; images in [-1, 1]."""
        ...


class Data(Protocol):
    """The ``data`` value of a recipe: ``name`` is the folder's name, ``crop`` the training size in pixels."""

    @property
    def name(self) -> str: ...
    @property
    def crop(self) -> int: ...

    def sized(self, size: int) -> Self:
        """Return the same for images of ``size`` x ``size``."""
        ...

    def open(self, folder: Path, batch: int, device: torch.device, seed: int) -> Batches:
        """Read the training split. Raises ``ValueError`` if the folder does not hold such a set."""
        ...

    def sample(self, folder: Path) -> dict[str, Tensor]:
        """Return a few held-out examples, in the form of a batch, for the log's images."""
        ...

    def describe(self, folder: Path) -> str:
        """Return a short description of input and target, by which a user notices a wrong direction."""
        ...
