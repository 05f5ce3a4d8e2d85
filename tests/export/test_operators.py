"""Test the description of a graph by ``python -m export check``."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from export.__main__ import main
from export.operators import describe, operators
from export.support import RUNTIMES, Runtime, verdict
from tests.support import graphs
from tests.support.paths import WEIGHTS


def test_a_graph_is_described(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(graphs.save(tmp_path))]) == 0
    said = capsys.readouterr().out
    assert "opset 20" in said
    assert "image: uint8 [N, H, W, 3]" in said
    assert "Cast 2, DepthToSpace 1, SpaceToDepth 1, Sub 1, Transpose 2" in said
    assert "CoreML   all but SpaceToDepth, which run on the processor" in said
    assert "TensorRT all operators" in said
    assert "sizes a multiple of 32" in said


def test_operators_inside_branches_and_of_foreign_domains_are_counted():
    branch = helper.make_graph([helper.make_node("Gelu", ["x"], ["y"], domain="com.microsoft")], "branch", [], [])
    node = helper.make_node("If", ["yes"], ["y"], then_branch=branch, else_branch=branch)
    value = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    assert operators(helper.make_model(helper.make_graph([node], "graph", [], [value]))) == {
        "If": 1,
        "com.microsoft:Gelu": 2,
    }


def test_an_opset_that_is_too_new_is_told():
    old = Runtime("Old", "a test", 13, frozenset({"Add"}))
    assert verdict(old, {"Add"}, 13) == "all operators (a test)"
    assert verdict(old, {"Add", "Mish"}, 13) == "all but Mish, which are refused (a test)"
    assert "no opset above 13" in verdict(old, {"Add"}, 20)


def test_cuda_takes_no_operator_in_a_newer_version_than_it_has():
    cuda = next(runtime for runtime in RUNTIMES if runtime.name == "CUDA")
    assert verdict(cuda, {"Equal", "Pad", "ReduceMax", "Resize"}, 18).startswith("all operators")
    assert verdict(cuda, {"Equal", "Pad", "ReduceMax", "Resize"}, 20).startswith("all but Equal, Pad, ReduceMax, which")
    assert verdict(cuda, {"Gelu"}, 18).startswith("all operators"), "what is in no graph of that opset"


@pytest.mark.parametrize("path", sorted(WEIGHTS.glob("*.onnx")), ids=lambda path: path.stem)
def test_cuda_takes_every_bundled_graph_whole(path: Path):
    """What it has no kernel for runs on the processor, with copies there and back, and nothing can be recorded."""
    assert "  CUDA     all operators" in describe(path)


def test_what_is_no_graph_ends_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "cat.onnx").write_bytes(b"not a graph at all")
    assert main(["check", str(tmp_path / "cat.onnx")]) == 2
    assert main(["check", str(tmp_path / "dog.onnx")]) == 2
    assert capsys.readouterr().err.count("\n") == 2
    with pytest.raises(ValueError, match="not an ONNX graph"):
        describe(tmp_path / "cat.onnx")


def test_the_lists_know_only_operators_that_exist():
    standard = {schema.name for schema in onnx.defs.get_all_schemas() if not schema.domain}
    assert {runtime.name: runtime.operators - standard for runtime in RUNTIMES} == {r.name: set() for r in RUNTIMES}


def test_openvinos_list_holds_only_what_the_bundled_graphs_use():
    used = {name for path in WEIGHTS.glob("*.onnx") for name in operators(onnx.load(path))}
    assert next(runtime for runtime in RUNTIMES if runtime.name == "OpenVINO").operators <= used
