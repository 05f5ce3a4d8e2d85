"""Load test of the app in this checkout: ``python -m synth bench load``."""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from synth.benchmarks import dance as live
from synth.benchmarks import load_test
from synth.benchmarks.command import print_lines
from synth.benchmarks.flood import flooded
from synth.benchmarks.served import Served, app
from synth.pixels.images import read
from synth.runtime import examples
from synth.runtime.providers import cores
from synth.runtime.registry import Registry

SETTLE = 60.0
"""Seconds after the last request until memory is read."""


def load(
    *,
    weights: Path = Path("weights"),
    provider: str = "auto",
    pose: str = "auto",
    sessions: tuple[int, ...] = (8, 16, 32),
    minutes: float = 3.0,
    floods: int = 2,
) -> int:
    """Run the app and let several users translate and dance at once: failures, mixed-up answers, memory, fairness.

    Args:
        weights: the folder of graphs.
        provider: where the graphs run: auto, cuda, coreml or cpu.
        pose: how people are found, as for app.py: auto, synth, mediapipe or onnx:FILE.
        sessions: users at once; several numbers are measured one after another.
        minutes: how long they stay.
        floods: most users at once who post calls and never listen, beside whom one visitor is served; 0 for none.
    """
    registry = Registry(weights, provider, pose)
    for count in sessions:
        check(registry, count, minutes)
    return print_lines(report(registry, sessions, minutes, floods))


def check(registry: Registry, sessions: int, minutes: float) -> None:
    """Raise ``ValueError`` if there is a graph missing, or nothing to measure."""
    if sessions < 1 or minutes <= 0:
        raise ValueError("--sessions and --minutes must be positive.")
    for tab in ("dance", "translate"):
        if not registry.names(tab):
            raise ValueError(f"{registry.folder} has no model for the {tab} tab. Choose another folder: --weights DIR")


def report(registry: Registry, sessions: Sequence[int], minutes: float, floods: int = 0) -> Iterator[str]:
    """Yield a line for each measurement of the app with these graphs."""
    where = ("--weights", str(registry.folder.resolve()), "--provider", registry.provider, "--pose", registry.pose)
    frames = live.camera(registry, registry.names("dance")[0])
    with scripted(registry, frames, max(*sessions, floods + 1)) as scripts, app(*where) as served:
        yield f"first page after {served.seconds:.1f} s, {served.memory():,.0f} MiB; {busy()}"
        first = warmed(served, scripts, minutes)
        for count in sessions:
            yield from many(served, scripts[:count], minutes, first)
        if floods:
            yield from flooded(served.address, scripts, floods, minutes * 20)
            yield f"after that {grown(first, settled(served, minutes))}; {busy()}"


def many(served: Served, scripts: Sequence[load_test.Script], minutes: float, first: float) -> Iterator[str]:
    """Yield what happens when a user for each script stays for ``minutes``; ``first`` is the memory before, in MiB."""
    most = [served.memory()]
    tally = load_test.run_scripts(served.address, scripts, minutes * 60, lambda seconds: most.append(served.memory()))
    last = settled(served, minutes)
    yield f"{len(scripts)} users, {minutes:g} minutes: {tally.served:,} requests served, {len(tally.failed)} failed, "
    yield f"{tally.mixed} with another user's answer; {grown(first, last)}, {max(most):,.0f} at most; {busy()}"
    yield from sorted(set(tally.failed))[:5]


def warmed(served: Served, scripts: Sequence[load_test.Script], minutes: float) -> float:
    """Return the memory in MiB of the idle app after two users did everything once."""
    load_test.run_scripts(served.address, scripts[:2], 0, lambda seconds: None)
    return settled(served, minutes)


def grown(first: float, last: float) -> str:
    """Return memory before and after in MiB, and the growth."""
    return f"memory {first:,.0f} -> {last:,.0f} MiB ({last / first - 1:+.1%})"


@contextmanager
def scripted(registry: Registry, frames: list[np.ndarray], users: int) -> Iterator[list[load_test.Script]]:
    """Prepare what each of several users sends; their files last as long as the block."""
    picture, sent = read(example(registry, registry.names("translate")[0])), [live.sent(frame) for frame in frames]
    with tempfile.TemporaryDirectory() as folder:
        yield [load_test.script(registry, number, sent, picture, Path(folder)) for number in range(users)]


def settled(served: Served, minutes: float) -> float:
    """Return the memory in MiB of an app that nobody used for ``SETTLE`` seconds, fewer in a short test."""
    time.sleep(min(SETTLE, minutes * 20))
    return served.memory()


def busy() -> str:
    """Return how busy the machine is: the number of processes that want to run, and of cores."""
    load_average = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return f"load average {load_average} on {cores()} cores"


def example(registry: Registry, name: str) -> Path:
    """Return an example image of the graph ``name``. Raises ``ValueError`` where there is none beside the graphs."""
    found = examples.find(registry, name)
    if not found:
        raise ValueError(f"{registry.folder}/examples has no image for {name}. Put one there: examples/{name}/input/")
    return found[0].input
