"""Bounded thread pool for live frames; rejects work at once when the queue is full.

Server functions of a page do not go through Gradio's queue, so their limit is here. Fixed threads also keep the CUDA
graphs of ``synth.runtime.cuda_graphs``, which belong to the thread that recorded them.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from synth.runtime import providers

T = TypeVar("T")


class Busy(Exception):
    """The queue is full: try again with a newer frame."""


class WorkerPool:
    """Runs work on ``workers`` threads in order of arrival; up to ``waiting`` more calls queue, others are rejected."""

    def __init__(self, workers: int, waiting: int = 8):
        self._most = workers + waiting
        self._held = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="synth-pool")

    async def __call__(self, work: Callable[[], T]) -> T:
        """Run ``work`` on one of the threads; return its result or raise its error; ``Busy`` if the queue is full."""
        with self._lock:
            if self._held >= self._most:
                raise Busy
            self._held += 1
        started = self._pool.submit(work)
        started.add_done_callback(self._done)  # also when the caller was cancelled
        return await asyncio.wrap_future(started)

    def _done(self, future: "Future[T]") -> None:
        del future
        with self._lock:
            self._held -= 1


def workers(provider: str) -> int:
    """Return how many threads to use: one on a GPU, where a frame takes a few milliseconds and each thread records CUDA
    graphs of its own; on a processor one for every two cores, since one run uses several, four at most."""
    on_gpu = providers.choose(provider).providers[0][0] == providers.CUDA
    return 1 if on_gpu else max(1, min(4, providers.cores() // 2))
