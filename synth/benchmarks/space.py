"""What a Space of synth needs and bears: ``python -m synth.benchmarks.space``.

The files that ``python -m synth deploy`` would upload are laid out by themselves and started, by another interpreter if
``--python`` names one: how long until the first page, how much memory after one action in every tab, and what happens
when several visitors stay for some minutes.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from gradio_client import Client, handle_file

from export import deploy
from synth.benchmarks import load_test, loop
from synth.benchmarks.command import told
from synth.benchmarks.served import Served, app
from synth.pixels.images import read
from synth.pixels.video_writer import VideoWriter
from synth.runtime import examples
from synth.runtime.registry import Registry

WARM = 60.0
"""Seconds after which memory should have settled: growth is counted from there."""
FILM = 24  # frames of the film that is sent to the Dance tab


@contextmanager
def space(weights: Path, python: str) -> Iterator[Served]:
    """Lay out what a Space gets and run it there."""
    with tempfile.TemporaryDirectory() as folder:
        deploy.lay_out(deploy.app(weights), Path(folder))
        with app(folder=Path(folder), python=python) as served:
            yield served


def every_tab(served: Served, registry: Registry, frames: list[np.ndarray], folder: Path) -> None:
    """Do one thing in each tab, as a program does it."""
    client = Client(served.address, verbose=False, analytics_enabled=False)
    for tab in ("translate", "draw", "compare", "enlarge", "colorize", "see"):
        for name in [name for name in registry.names(tab) if examples.find(registry, name)][:1]:
            of = registry.card(name).group if tab == "compare" else name
            client.predict(handle_file(example(registry, name)), of, api_name=f"/{tab}")
    client.predict(api_name="/models")
    clip = folder / "person.mp4"
    with VideoWriter(clip, *frames[0].shape[:2], fps=20) as film:
        for number, frame in enumerate(frames[:FILM]):
            film.add(number / 20, frame)
    client.predict(handle_file(clip), registry.names("dance")[:2], api_name="/dance")
    with load_test.Dancer(served.address) as dancer:
        name = {"character": registry.names("dance")[0]}
        token = {"token": dancer.call("dance_begin", name)["token"]}
        dancer.call("dance_frame", messages(frames[:1])[0] | name | token | {"number": 0, "time": 0.0})
        dancer.call("dance_demo", name | {"first": 0})


def example(registry: Registry, name: str) -> Path:
    """Return a picture that the graph takes, from the examples beside the graphs."""
    return examples.find(registry, name)[0].input


def messages(frames: list[np.ndarray]) -> list[dict[str, Any]]:
    """Return camera pictures as the page sends them."""
    return [loop.sent(frame) for frame in frames]


def report(weights: Path, python: str, sessions: int, minutes: float) -> Iterator[str]:
    """Yield a line for each figure."""
    registry = Registry(weights, "cpu", "synth")
    missing = [tab for tab in ("dance", "draw", "translate", "compare") if not registry.names(tab)]
    if missing:
        raise ValueError(f"{weights} has no graph for the tab {missing[0].capitalize()}. Name another: --weights DIR")
    frames = loop.camera(registry, registry.names("dance")[0])
    with space(weights, python) as served, tempfile.TemporaryDirectory() as folder:
        yield f"first page after {served.seconds:.1f} s, {served.memory():,.0f} MiB"
        every_tab(served, registry, frames, Path(folder))
        yield f"after one action in every tab: {served.memory():,.0f} MiB"
        picture, sent = read(example(registry, registry.names("translate")[0])), messages(frames)
        errands = [load_test.errand(registry, number, sent, picture, Path(folder)) for number in range(sessions)]
        memory: list[tuple[float, float]] = []
        tally = load_test.crowd(served.address, errands, minutes * 60, lambda t: memory.append((t, served.memory())))
    settled = [value for seconds, value in memory if seconds >= min(WARM, minutes * 30)]
    first, last = np.mean(settled[:10]), np.mean(settled[-10:])
    yield f"{sessions} visitors, {minutes:g} minutes: {tally.served:,} requests served, {len(tally.failed)} failed, "
    yield f"{tally.leaked} with another's answer; memory {first:,.0f} -> {last:,.0f} MiB ({last / first - 1:+.1%})"
    yield from sorted(set(tally.failed))[:5]


def main() -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m synth.benchmarks.space", description="Time and load a Space.")
    parser.add_argument("--weights", type=Path, default=Path("weights"), metavar="DIR", help="folder with the graphs")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the environment to start it in")
    parser.add_argument("--sessions", type=int, default=8, help="visitors at once")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long they stay")
    given = parser.parse_args()
    return told(report(given.weights, given.python, given.sessions, given.minutes))


if __name__ == "__main__":
    raise SystemExit(main())
