"""Test that an idle graph gives its memory back, and what a time limit says."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.app.server.memory import trimmer
from synth.runtime.arena import SHRINK, Arena
from synth.runtime.registry import Registry
from synth.runtime.session import Graph, open_graph
from tests.support import graphs

LARGE = 2048


def memory() -> float:
    """Return the resident memory of this process in MiB."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1024


@pytest.fixture
def graph(tmp_path: Path) -> Graph:
    graphs.save(tmp_path)
    return open_graph(next(tmp_path.glob("*.onnx")), "cpu")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_an_idle_graph_gives_back_what_a_large_image_took(graph: Graph) -> None:
    graph.run(np.zeros((64, 64, 3), np.uint8))
    before = memory()
    graph.run(np.zeros((LARGE, LARGE, 3), np.uint8))
    grown = memory() - before
    assert grown > 20, "the arena keeps what the run needed"
    assert graph.release(0)
    trimmer()()  # as the app does: what others in this process gave back may hold it in the heap
    assert memory() - before < grown / 4
    assert graph.run(np.zeros((9, 9, 3), np.uint8)).all()


def test_only_a_graph_that_ran_and_is_idle_does_it(graph: Graph) -> None:
    assert not graph.release(0), "it never ran"
    graph.run(np.zeros((64, 64, 3), np.uint8))
    assert not graph.release(1000), "it is in use"
    assert graph.release(0)
    assert not graph.release(0), "it was done"


def test_the_smallest_input_is_used_and_numbers_are_kept() -> None:
    ran: list[Any] = []

    class Session:
        def get_providers(self) -> list[str]:
            return ["CPUExecutionProvider"]

        def get_inputs(self) -> list[Any]:
            return [type("Input", (), {"name": name}) for name in ("x", "t")]

        def run(self, outputs: Any, feeds: dict[str, np.ndarray], options: Any) -> None:
            ran.append((feeds["x"].shape, float(feeds["t"][0]), options.get_run_config_entry(SHRINK[0])))

    arena = Arena(Session())
    for side in (64, 32, 128):
        arena.note([np.ones((1, side, side, 3), np.uint8), np.array([0.5], np.float32)])
    assert arena.release(0)
    assert ran == [((1, 32, 32, 3), 0.5, "cpu:0")]


def test_a_registry_releases_all_its_open_models(tmp_path: Path) -> None:
    registry = Registry(graphs.registry(tmp_path), "cpu")
    assert not registry.release(0)
    registry.graph("invert").run(np.zeros((64, 64, 3), np.uint8))
    assert registry.release(0)
    assert not registry.release(0)


def test_a_time_limit_is_told_as_one(graph: Graph) -> None:
    with pytest.raises(ValueError, match="stopped at the time limit of 1e-05 seconds, at 4096x4096 pixels") as error:
        graph.run(np.zeros((4096, 4096, 3), np.uint8), seconds=1e-5)
    assert "smaller" not in str(error.value)
