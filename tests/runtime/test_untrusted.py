"""Test untrusted graphs: limits on operators, memory and time."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from synth.runtime import run, untrusted
from synth.runtime.registry import Registry
from synth.runtime.session import open_graph
from tests.support import graphs
from tests.support.paths import ROOT

CARD = replace(graphs.CARD, multiple=1)
GB = 2**30


def brightest(nodes: list[onnx.NodeProto], **constants: np.ndarray) -> onnx.ModelProto:
    """Return a graph that makes ``big`` without its picture, and gives the larger of the two."""
    nodes = [
        *nodes,
        helper.make_node("ReduceMax", ["big"], ["top"], keepdims=0),
        helper.make_node("Cast", ["top"], ["grey"], to=TensorProto.UINT8),
        helper.make_node("Max", ["image", "grey"], ["result"]),
    ]
    return graphs.model(nodes, constants, CARD)


def expanded(size: int) -> onnx.ModelProto:
    """The kilobyte that asks for ``4 * size`` bytes, and gets them when it is optimised."""
    return brightest(
        [helper.make_node("Expand", ["one", "size"], ["big"])], one=np.ones(1, "f4"), size=np.array([size])
    )


def doubled(times: int) -> onnx.ModelProto:
    """Plain operators only: one number put beside itself again and again."""
    nodes = [helper.make_node("Concat", [f"x{i}"] * 2, [f"x{i + 1}"], axis=0) for i in range(times)]
    nodes.append(helper.make_node("Identity", [f"x{times}"], ["big"]))
    return brightest(nodes, x0=np.ones(1, "f4"))


def grown() -> onnx.ModelProto:
    """As large as an input image says."""
    return brightest(
        [helper.make_node("Shape", ["image"], ["size"]), helper.make_node("Expand", ["one", "size"], ["big"])],
        one=np.ones(1, "f4"),
    )


def looped() -> onnx.ModelProto:
    branch = helper.make_graph([helper.make_node("Identity", ["x0"], ["y"])], "branch", [], [])
    return brightest([helper.make_node("If", ["c"], ["big"], then_branch=branch, else_branch=branch)])


def random() -> onnx.ModelProto:
    return brightest([helper.make_node("RandomNormal", [], ["big"], shape=[2**20])])


def claimed() -> onnx.ModelProto:
    model = doubled(1)
    model.graph.initializer.append(TensorProto(name="none", data_type=TensorProto.FLOAT, dims=[2**20, 2**20]))
    return model


def sparse() -> onnx.ModelProto:
    model = doubled(1)
    made = model.graph.sparse_initializer.add(dims=[2**40])
    made.values.CopyFrom(TensorProto(name="s", data_type=TensorProto.FLOAT, dims=[0]))
    made.indices.CopyFrom(TensorProto(name="i", data_type=TensorProto.INT64, dims=[0]))
    return model


def endless() -> onnx.ModelProto:
    return doubled(untrusted.MAX_NODES)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: expanded(2**27), "Expand without a small constant size"),
        (lambda: expanded(-(2**62)), "Expand without a small constant size"),
        (grown, "Expand without a small constant size"),
        (looped, "uses If, which is not allowed"),
        (random, "uses RandomNormal, which is not allowed"),
        (claimed, "more weights than it contains"),
        (sparse, "more weights than it contains"),
        (endless, "nodes \\(at most 10000\\)"),
    ],
)
def test_what_an_untrusted_graph_may_not_run_is_refused_with_a_sentence(tmp_path: Path, make, sentence: str) -> None:
    path = graphs.write(tmp_path, make())
    with pytest.raises(ValueError, match=sentence):
        open_graph(path, "cpu", untrusted=True).run(graphs.noise(4, 4, 3), seconds=5)


def test_small_constants_may_grow(tmp_path: Path) -> None:
    graph = open_graph(graphs.write(tmp_path, expanded(1000)), "cpu", untrusted=True)
    assert graph.run(np.zeros((4, 4, 3), np.uint8)).max() == 1


def test_what_the_folder_of_graphs_holds_is_trusted(tmp_path: Path) -> None:
    assert open_graph(graphs.write(tmp_path, grown()), "cpu").run(np.zeros((4, 4, 3), np.uint8)).max() == 1


def test_an_untrusted_graph_gives_the_same_picture(tmp_path: Path) -> None:
    registry = Registry(graphs.registry(tmp_path), "cpu")
    image = graphs.noise(50, 70, 3)
    for name, entry in registry.entries.items():
        if len(entry.card.required) == 1 and entry.card.scale == 1:
            result = run.run(registry.third_party(entry.path), image, seconds=9).result
            assert np.array_equal(result, registry.graph(name).run(image)), name


@pytest.mark.parametrize("path", sorted((ROOT / "weights").glob("*.onnx")), ids=lambda path: path.stem)
def test_bundled_graphs_would_pass_as_untrusted(path: Path) -> None:
    untrusted.check(onnx.load(path), path.name)


@pytest.mark.skipif(sys.platform == "win32", reason="the memory a process used is asked of Unix")
def test_memory_of_untrusted_graphs_is_bounded_when_opened_and_when_run(tmp_path: Path) -> None:
    """Sixteen GB out of one number, by plain operators: opened at no cost, and stopped by the bound of their arena."""
    code = (
        "import resource, sys, numpy; from synth.runtime.session import open_graph;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == 'darwin' else 1024);"
        "before = peak(); graph = open_graph(sys.argv[1], 'cpu', untrusted=True); opened = peak() - before\n"
        "try: graph.run(numpy.zeros((4, 4, 3), 'uint8'), seconds=60)\n"
        "except ValueError as error: print(error)\n"
        "print(opened, peak() - before)"
    )
    path = graphs.write(tmp_path, doubled(32))
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, capture_output=True, text=True, timeout=600)
    sentence, figures = done.stdout.splitlines()
    opened, ran = map(int, figures.split())
    assert "could not run" in sentence
    assert opened < 0.2 * GB
    assert ran < untrusted.MEMORY + 0.5 * GB


def test_the_kilobyte_of_the_tests_is_one() -> None:
    assert expanded(2**27).ByteSize() < 2000
