"""Test sessions: where graphs run, what they return, and how fast."""

import logging
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from synth.card import Input
from synth.runtime import session
from synth.runtime.providers import CPU
from synth.runtime.session import open_graph
from tests.support import graphs


@pytest.mark.parametrize("shape", [(1, 1, 3), (32, 64, 3), (300, 501, 3), (2, 33, 31, 3)])
def test_a_picture_comes_back_in_its_own_size(tmp_path: Path, shape: tuple[int, ...]) -> None:
    image = graphs.noise(*shape)
    assert np.array_equal(open_graph(graphs.save(tmp_path), "cpu").run(image), 255 - image)


def test_the_graph_of_the_tests_does_refuse_other_sizes(tmp_path: Path) -> None:
    bare = onnxruntime.InferenceSession(graphs.save(tmp_path), providers=[CPU])
    with pytest.raises(Exception, match="block"):
        bare.run(None, {"image": graphs.noise(1, 33, 32, 3)})


@pytest.mark.parametrize(
    "image", [graphs.noise(4, 4), graphs.noise(4, 4, 4), graphs.noise(4, 4, 3) / 255, graphs.noise(0, 4, 3)]
)
def test_other_arrays_are_refused_with_a_sentence(tmp_path: Path, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="takes uint8 pixels"):
        open_graph(graphs.save(tmp_path), "cpu").run(image)


def test_where_a_graph_runs_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "synth"):
        graph = open_graph(graphs.save(tmp_path), "cpu")
    assert graph.provider == CPU
    assert graph.place == "CPU"
    assert caplog.messages == ["invert: CPUExecutionProvider (CPU)"]


def test_a_graph_that_runs_too_long_is_stopped(tmp_path: Path) -> None:
    nodes = [helper.make_node("Cast", ["image"], ["x0"], to=TensorProto.FLOAT)]
    nodes += [
        helper.make_node("MaxPool", [f"x{i}"], [f"x{i + 1}"], kernel_shape=[15, 15], pads=[7] * 4) for i in range(60)
    ]
    nodes += [helper.make_node("Cast", ["x60"], ["result"], to=TensorProto.UINT8)]
    graph = open_graph(graphs.write(tmp_path, graphs.model(nodes, {}, replace(graphs.CARD, multiple=1))), "cpu")
    start = time.monotonic()
    with pytest.raises(ValueError, match="stopped at the time limit"):
        graph.run(graphs.noise(2048, 2048, 3), seconds=0.2)
    assert time.monotonic() - start < 5


# Speed


def heavy() -> onnx.ModelProto:
    """A graph of a few milliseconds at 256x256: convolutions at half resolution."""
    rng = np.random.default_rng(0)
    half: dict[str, Any] = {"strides": [2, 2], "kernel_shape": [4, 4], "pads": [1] * 4}
    first, second = rng.normal(size=(32, 3, 4, 4)), rng.normal(size=(32, 3, 4, 4))
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["real"], ["x"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["x", "w0"], ["h0"], **half),
        *[helper.make_node("Conv", [f"h{i}", "w"], [f"h{i + 1}"], pads=[1] * 4) for i in range(4)],
        helper.make_node("ConvTranspose", ["h4", "w1"], ["y"], **half),
        helper.make_node("Transpose", ["y"], ["planes"], perm=[0, 2, 3, 1]),
        helper.make_node("Cast", ["planes"], ["result"], to=TensorProto.UINT8),
    ]
    weights = {"w0": first / 99, "w": rng.normal(size=(32, 32, 3, 3)) / 99, "w1": second / 99}
    constants = {name: value.astype(np.float32) for name, value in weights.items()}
    return graphs.model(nodes, constants, replace(graphs.CARD, multiple=2, inputs=(Input(),)))


def overhead(path: Path, runs: int = 60) -> float:
    """Return how much longer, as a share, a run of a session takes than a bare ONNX Runtime call, at 256x256."""
    graph, image, bare = open_graph(path, "cpu"), graphs.noise(256, 256, 3), []
    ours: list[float] = []
    plain = onnxruntime.InferenceSession(path, session._options(), providers=[CPU])
    for _ in range(runs):
        for times, call in ((bare, lambda: plain.run(None, {"image": image[None]})), (ours, lambda: graph.run(image))):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
    return median(ours[5:]) / median(bare[5:]) - 1


@pytest.mark.slow
def test_a_session_costs_at_most_five_percent(tmp_path: Path) -> None:
    """The best of a few rounds: other work on the machine only ever adds."""
    path = graphs.write(tmp_path, heavy())
    assert min(overhead(path) for _ in range(4)) <= 0.05
