"""Jobs on this machine: in this process, or in several with a session each."""

import contextlib
import multiprocessing
import os
import queue
import signal
import threading
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from synth.apply.plan import Job
from synth.apply.work import Result, Task, Tell, Worker
from synth.runtime import providers

AHEAD = 4
"""Jobs per process that are queued in advance; queueing a million at once would waste memory."""
EVERY = 0.2
GRACE = 5.0
"""Seconds in which a worker without its parent may finish an image, or clear away a video."""
MOST = 8


def workers(wanted: int, provider: str, jobs: int) -> int:
    """Return the number of processes: ``wanted``, or (0) one per two cores, two on a GPU; never more than jobs.

    On a GPU the second process reads and writes files while the first computes.
    """
    on_cpu = providers.choose(provider).providers[0][0] == providers.CPU
    usual = max(1, min(MOST, providers.cores() // 2)) if on_cpu else 2
    return max(1, min(wanted or usual, jobs))


def run(task: Task, jobs: Sequence[Job], processes: int, tell: Tell) -> Generator[Result, None, None]:
    """Yield the results as they finish; ``tell`` gets the progress of films. Closing or Ctrl-C stops it cleanly."""
    if processes == 1:
        yield from map(Worker(task, tell=tell), jobs)
        return
    context = multiprocessing.get_context("spawn")  # a session cannot be used after a fork
    stop, shares = context.Event(), context.Queue()
    pool = ProcessPoolExecutor(processes, context, _begin, (task, stop, shares))
    try:
        yield from _results(pool, jobs, AHEAD * processes, shares, tell)
    except BrokenProcessPool as error:
        raise ValueError(
            "A worker process died, perhaps because it ran out of memory. Use fewer --workers; the same command "
            "resumes where it stopped."
        ) from error
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _results(pool: ProcessPoolExecutor, jobs: Sequence[Job], most: int, shares: Any, tell: Tell) -> Iterator[Result]:
    rest, waiting = iter(jobs), set[Future[Result]]()
    while True:
        with _no_interrupts():  # inherited by the processes: Ctrl-C reaches this one alone, which stops them
            for job in rest:
                waiting.add(pool.submit(_do, job))
                if len(waiting) >= most:
                    break
        if not waiting:
            return
        done, waiting = wait(waiting, EVERY, FIRST_COMPLETED)
        with contextlib.suppress(queue.Empty):
            while True:
                tell(*shares.get_nowait())
        yield from (future.result() for future in done)


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_worker: Worker | None = None


_idle, _orphaned = threading.Event(), threading.Event()


def _begin(task: Task, stop: Any, shares: Any) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _idle.set()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _worker = Worker(task, lambda: _orphaned.is_set() or stop.is_set(), lambda job, share: shares.put((job, share)))


def _end_with_parent() -> None:
    """End this process soon after its parent, also after one that was killed: nobody would collect the results.

    A video is given the time to notice it, and to remove its unfinished file.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None, "this runs in worker processes"
    parent.join()
    _orphaned.set()
    _idle.wait(GRACE)
    os._exit(1)


def _do(job: Job) -> Result:
    assert _worker is not None, "every process begins with _begin"
    _idle.clear()
    try:
        return _worker(job)
    finally:
        _idle.set()
