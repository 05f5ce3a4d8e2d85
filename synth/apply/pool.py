"""Jobs on this machine: in this process, or in several, each with a session of its own."""

import contextlib
import multiprocessing
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
"""Jobs per process that are handed out before they are needed: a million at once would take memory for nothing."""
EVERY = 0.2
MOST = 8


def workers(wanted: int, provider: str, jobs: int) -> int:
    """Return how many processes to use: as many as wanted, or (0) one for two cores, two on a GPU; no more than jobs.

    On a GPU the second one reads and writes files while the first computes.
    """
    on_cpu = providers.choose(provider).providers[0][0] == providers.CPU
    usual = max(1, min(MOST, providers.cores() // 2)) if on_cpu else 2
    return max(1, min(wanted or usual, jobs))


def run(task: Task, jobs: Sequence[Job], processes: int, tell: Tell) -> Generator[Result, None, None]:
    """Yield the results as they come; ``tell`` hears how far films are. Close it, or interrupt it, to stop cleanly."""
    if processes == 1:
        yield from map(Worker(task, tell=tell), jobs)
        return
    context = multiprocessing.get_context("spawn")  # a session does not survive a fork
    stop, shares = context.Event(), context.Queue()
    pool = ProcessPoolExecutor(processes, context, _begin, (task, stop, shares))
    try:
        yield from _results(pool, jobs, AHEAD * processes, shares, tell)
    except BrokenProcessPool as error:
        raise ValueError(
            "A process ended all of a sudden: perhaps the memory was too small. Use fewer --workers; the same command "
            "goes on where it was."
        ) from error
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _results(pool: ProcessPoolExecutor, jobs: Sequence[Job], most: int, shares: Any, tell: Tell) -> Iterator[Result]:
    rest, waiting = iter(jobs), set[Future[Result]]()
    while True:
        with _no_interrupts():  # processes inherit this: Ctrl-C is for us alone, and they hear it from us
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


def _begin(task: Task, stop: Any, shares: Any) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _worker = Worker(task, stop.is_set, lambda job, share: shares.put((job, share)))


def _do(job: Job) -> Result:
    assert _worker is not None, "every process begins with _begin"
    return _worker(job)
