"""Jobs on a cluster: Ray Data (Liang et al. 2023) runs the same worker on many machines.

Every machine must see the files under the same paths and have synth installed.
"""

import logging
import os
import socket
from collections.abc import Generator, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from synth.apply.plan import Job
from synth.apply.work import Result, Task, Worker
from synth.files import CannotWrite
from synth.runtime import providers

LOCAL = "local"
BATCH = 8
"""Number of jobs that are sent together."""


class Actor:
    """Worker for Ray: takes and returns rows of plain values."""

    def __init__(self, task: Task):
        self._worker = Worker(task)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        job = Job(Path(row["source"]), Path(row["target"]), bool(row["film"]))
        try:
            result = self._worker(job)
        except CannotWrite as error:  # Ray would wrap it in a traceback
            return {**row, "failed": str(error), "notice": "", "skipped": False, "stop": True}
        return {**row, "failed": result.failed, "notice": result.notice, "skipped": result.skipped, "stop": False}


def check() -> None:
    """Raise ``ValueError`` with the install command where Ray is missing."""
    if not find_spec("ray"):
        raise ValueError('Ray is not installed. Install it with: pip install -e ".[ray]", or leave out --ray.')


def reach(address: str) -> None:
    """Raise ``ValueError`` at once if nothing listens at ``host:port``: Ray itself would retry for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise ValueError(
            f"The cluster {address} does not answer ({error}). Give the address of its head node: --ray HOST:6379"
        ) from error


def _import() -> Any:
    """Import Ray with its logs reduced to errors, and return it."""
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    import ray  # type: ignore[import-not-found]
    import ray.data  # type: ignore[import-not-found]

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    return ray


def run(task: Task, jobs: Sequence[Job], actors: int, address: str) -> Generator[Result, None, None]:
    """Yield the results of ``actors`` workers of a cluster as they finish; ``local`` starts one on this machine.

    Raises ``ValueError`` for a cluster that does not answer, ``CannotWrite`` for the first result that cannot be
    written.
    """
    check()
    reach(address)
    ray = _import()
    try:
        ray.init(address=None if address == LOCAL else address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"The cluster {address} does not answer ({error}). Give the address of its head node: --ray HOST:6379"
        ) from error
    try:
        for row in _rows(ray, task, jobs, actors, address == LOCAL):
            if row["stop"]:
                raise CannotWrite(row["failed"])
            job = Job(Path(row["source"]), Path(row["target"]), bool(row["film"]))
            yield Result(job, row["failed"], row["notice"], bool(row["skipped"]))
    finally:
        ray.shutdown()


def _rows(ray: Any, task: Task, jobs: Sequence[Job], actors: int, local: bool) -> Iterator[dict[str, Any]]:
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    # Workers run in another folder, so relative paths are made absolute.
    items = [
        {"source": str(job.source.absolute()), "target": str(job.target.absolute()), "film": job.film} for job in jobs
    ]
    blocks = max(1, min(len(items) // BATCH, 100 * actors), min(actors, len(items)))
    data = ray.data.from_items(items, override_num_blocks=blocks)
    pool = ray.data.ActorPoolStrategy(size=actors)
    on_gpu = task.provider == "cuda" or (local and providers.choose(task.provider).providers[0][0] == providers.CUDA)
    resources = {"num_gpus": 1 / actors if local else 1} if on_gpu else {"num_cpus": 1}
    yield from data.map(Actor, fn_constructor_args=(task,), compute=pool, **resources).iter_rows()
