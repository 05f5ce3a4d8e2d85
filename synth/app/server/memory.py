"""Give memory back after a rush: of graphs that are idle, and what the C library keeps of freed memory."""

import contextlib
import ctypes
import gc
import sys
from collections.abc import Callable, Iterator

from synth.app.server.periodic import every
from synth.runtime.registry import Registry

EVERY = 10.0
IDLE = 20.0
"""Seconds without a run after which a graph gives its memory back."""


@contextlib.contextmanager
def returned(registry: Registry) -> Iterator[None]:
    """Return memory of idle graphs to the system every ``EVERY`` seconds until the block ends."""
    trim = trimmer()

    def work() -> None:
        if registry.release(IDLE):
            gc.collect()
            trim()

    with every(EVERY, work, "synth-memory"):
        yield


def trimmer() -> Callable[[], object]:
    """Return a function that returns freed memory to the system: ``malloc_trim`` of glibc, elsewhere nothing."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            trim = ctypes.CDLL(None).malloc_trim
            return lambda: trim(0)
    return lambda: None
