"""Sum up the time that each stage of some work takes."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar, cast

Item = TypeVar("Item")


class Stopwatch:
    """Sums milliseconds by stage."""

    def __init__(self) -> None:
        self._sums: defaultdict[str, float] = defaultdict(float)

    @contextmanager
    def on(self, stage: str) -> Iterator[None]:
        """Measure the time within the ``with`` block."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.add({stage: (time.perf_counter() - start) * 1e3})

    def each(self, stage: str, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items; measure the time that producing them takes."""
        waiting, nothing = iter(items), object()
        while True:
            with self.on(stage):
                item = next(waiting, nothing)
            if item is nothing:
                return
            yield cast(Item, item)

    def add(self, milliseconds: Mapping[str, float]) -> None:
        """Add milliseconds measured elsewhere."""
        for stage, spent in milliseconds.items():
            self._sums[stage] += spent

    def mean(self, count: int) -> dict[str, float]:
        """Return the mean milliseconds of each stage over ``count`` steps."""
        return {stage: spent / max(count, 1) for stage, spent in self._sums.items()}
