"""Start-up time, memory and load test of the files that a Space gets: ``python -m synth bench space``.

The files that ``python -m synth deploy`` would upload are written to a folder of their own and started there, by
another interpreter if ``--python`` names one: seconds until the first page, memory after one action in every tab, and a
load test of some minutes.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from gradio_client import Client, handle_file

from synth.benchmarks import dance as live
from synth.benchmarks import load_test
from synth.benchmarks.command import print_lines, run_export
from synth.benchmarks.load import check, example, many, scripted, warmed
from synth.benchmarks.served import Served, app
from synth.pixels.video_writer import VideoWriter
from synth.runtime import examples
from synth.runtime.registry import Registry

FILM = 24  # frames of the film that is sent to the Dance tab


@contextmanager
def started(weights: Path, python: str) -> Iterator[Served]:
    """Write the files that a Space gets to a folder and run the app there until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        run_export("deploy", "--folder", Path(folder).resolve(), "--weights", weights.resolve())
        with app(folder=Path(folder), python=python) as served:
            yield served


def every_tab(served: Served, registry: Registry, frames: list[np.ndarray], folder: Path) -> None:
    """Do one thing in each tab through the API."""
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
        dancer.call("dance_frame", live.sent(frames[0]) | name | token | {"number": 0, "time": 0.0})
        dancer.call("dance_demo", name | {"first": 0})


def report(weights: Path, python: str, sessions: int, minutes: float) -> Iterator[str]:
    """Yield a line for each measurement. Raises ``ValueError`` if there is a graph missing."""
    registry = Registry(weights, "cpu", "synth")
    check(registry, sessions, minutes)
    for tab in ("draw", "compare"):
        if not registry.names(tab):
            raise ValueError(f"{weights} has no model for the {tab} tab. Choose another folder: --weights DIR")
    frames = live.camera(registry, registry.names("dance")[0])
    with (
        scripted(registry, frames, sessions) as scripts,
        started(weights, python) as served,
        tempfile.TemporaryDirectory() as folder,
    ):
        yield f"first page after {served.seconds:.1f} s, {served.memory():,.0f} MiB"
        every_tab(served, registry, frames, Path(folder))
        yield f"after one action in every tab: {served.memory():,.0f} MiB"
        yield from many(served, scripts, minutes, warmed(served, scripts, minutes))


def space(
    *, weights: Path = Path("weights"), python: str = sys.executable, sessions: int = 8, minutes: float = 5.0
) -> int:
    """Run the files that a Space gets, use every tab once, then run a load test with several users.

    Args:
        weights: the folder of graphs.
        python: the interpreter of the environment to start it in.
        sessions: users at once.
        minutes: how long they stay.
    """
    return print_lines(report(weights, python, sessions, minutes))
