"""Load test of the app in this checkout: ``python -m synth bench load``."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from synth.benchmarks import dance as live
from synth.benchmarks import load_test
from synth.benchmarks.command import print_lines
from synth.benchmarks.served import Served, app
from synth.pixels.images import read
from synth.runtime import examples
from synth.runtime.registry import Registry


def load(
    *,
    weights: Path = Path("weights"),
    provider: str = "auto",
    pose: str = "auto",
    sessions: int = 8,
    minutes: float = 5.0,
) -> int:
    """Run the app and let several users translate and dance at once: failures, mixed-up answers, memory.

    Args:
        weights: the folder of graphs.
        provider: where the graphs run: auto, cuda, coreml or cpu.
        pose: how people are found, as for app.py: auto, synth, mediapipe or onnx:FILE.
        sessions: users at once.
        minutes: how long they stay.
    """
    registry = Registry(weights, provider, pose)
    check(registry, sessions, minutes)
    return print_lines(report(registry, sessions, minutes))


def check(registry: Registry, sessions: int, minutes: float) -> None:
    """Raise ``ValueError`` if there is a graph missing, or nothing to measure."""
    if sessions < 1 or minutes <= 0:
        raise ValueError("--sessions and --minutes must be positive.")
    for tab in ("dance", "translate"):
        if not registry.names(tab):
            raise ValueError(f"{registry.folder} has no model for the {tab} tab. Choose another folder: --weights DIR")


def report(registry: Registry, sessions: int, minutes: float) -> Iterator[str]:
    """Yield a line for each measurement of the app with these graphs."""
    where = ("--weights", str(registry.folder.resolve()), "--provider", registry.provider, "--pose", registry.pose)
    frames = live.camera(registry, registry.names("dance")[0])
    with app(*where) as served:
        yield f"first page after {served.seconds:.1f} s, {served.memory():,.0f} MiB"
        yield from many(served, registry, frames, sessions, minutes)


def many(served: Served, registry: Registry, frames: list[np.ndarray], sessions: int, minutes: float) -> Iterator[str]:
    """Yield what happens when ``sessions`` users stay for ``minutes``, each with webcam ``frames`` of their own."""
    memory: list[tuple[float, float]] = []
    picture, sent = read(example(registry, registry.names("translate")[0])), [live.sent(frame) for frame in frames]
    with tempfile.TemporaryDirectory() as folder:
        scripts = [load_test.script(registry, number, sent, picture, Path(folder)) for number in range(sessions)]
        tally = load_test.run_scripts(
            served.address, scripts, minutes * 60, lambda t: memory.append((t, served.memory()))
        )
    settled = [value for seconds, value in memory if seconds >= min(load_test.WARM, minutes * 30)]
    first, last = np.mean(settled[:10]), np.mean(settled[-10:])
    yield f"{sessions} users, {minutes:g} minutes: {tally.served:,} requests served, {len(tally.failed)} failed, "
    yield f"{tally.mixed} with another user's answer; memory {first:,.0f} -> {last:,.0f} MiB ({last / first - 1:+.1%})"
    yield from sorted(set(tally.failed))[:5]


def example(registry: Registry, name: str) -> Path:
    """Return an example image of the graph ``name``. Raises ``ValueError`` where there is none beside the graphs."""
    found = examples.find(registry, name)
    if not found:
        raise ValueError(f"{registry.folder}/examples has no image for {name}. Put one there: examples/{name}/input/")
    return found[0].input
