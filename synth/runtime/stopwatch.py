"""How long the stages of a work take, added up."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar, cast

Item = TypeVar("Item")


class Stopwatch:
    """Adds up milliseconds by stage."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Count the time within the ``with``."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add({stage: (time.perf_counter() - start) * 1e3})

    def each(self, stage: str, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items; count the time that getting them takes."""
        waiting, nothing = iter(items), object()
        while True:
            with self.on(stage):
                item = next(waiting, nothing)
            if item is nothing:
                return
            yield cast(Item, item)

    def add(self, milliseconds: Mapping[str, float]) -> None:
        """Add what somebody else measured."""
        for stage, spent in milliseconds.items():
            self._sums[stage] += spent

    def mean(self, count: int) -> dict[str, float]:
        """Return the milliseconds of each stage per one of ``count`` steps."""
        return {stage: spent / max(count, 1) for stage, spent in self._sums.items()}
