"""A few threads of their own for work that must be fresh or not at all: who would wait too long hears so at once.

Server functions of a page do not go through Gradio's queue, so their limit is here. Fixed threads also keep the CUDA
recordings of ``synth.runtime.cuda_graphs``, which belong to the thread that made them.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from synth.runtime import providers

T = TypeVar("T")


class Busy(Exception):
    """Too much waits already; ask again with newer work."""


class WorkerPool:
    """Runs work on ``workers`` threads in the order in which it came; ``waiting`` more may wait, others may not."""

    def __init__(self, workers: int, waiting: int = 8):
        self._most = workers + waiting
        self._held = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="synth-turn")

    async def __call__(self, work: Callable[[], T]) -> T:
        """Return ``work()``, run on one of the threads, or raise its error; ``Busy`` at once where too much waits."""
        with self._lock:
            if self._held >= self._most:
                raise Busy
            self._held += 1
        started = self._pool.submit(work)
        started.add_done_callback(self._done)  # also when nobody waits for it any more
        return await asyncio.wrap_future(started)

    def _done(self, future: "Future[T]") -> None:
        del future
        with self._lock:
            self._held -= 1


def workers(provider: str) -> int:
    """Return how many frames to compute at a time: one on a GPU, where a frame takes a few milliseconds and recordings
    are kept for few threads, else one for every two cores, since a graph runs on several at once."""
    on_gpu = providers.choose(provider).providers[0][0] == providers.CUDA
    return 1 if on_gpu else max(1, min(4, providers.cores() // 2))
