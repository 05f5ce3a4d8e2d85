"""Test which files may be opened as graphs, and the errors for others."""

from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from synth.card import KEY, VERSION
from synth.runtime.session import open_graph
from tests.support import graphs


def no_card() -> onnx.ModelProto:
    model = graphs.invert()
    del model.metadata_props[:]
    return model


def newer_card() -> onnx.ModelProto:
    return graphs.invert(replace(graphs.CARD, version=VERSION + 1))


def foreign_operator() -> onnx.ModelProto:
    model = graphs.invert()
    model.graph.node[0].domain = "somewhere.else"
    return model


def foreign_operator_in_a_branch() -> onnx.ModelProto:
    model = graphs.invert()
    branch = helper.make_graph([helper.make_node("Odd", [], ["y"], domain="somewhere.else")], "branch", [], [])
    model.graph.node.append(helper.make_node("If", ["c"], ["z"], then_branch=branch, else_branch=branch))
    return model


def outside_weights() -> onnx.ModelProto:
    model = graphs.invert()
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL
    model.graph.initializer[0].external_data.add(key="location", value="../../etc/passwd")
    return model


def outside_weights_in_a_constant() -> onnx.ModelProto:
    model = graphs.invert()
    tensor = TensorProto(data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="../../etc/passwd")
    model.graph.node.append(helper.make_node("Constant", [], ["unused"], value=tensor))
    return model


def float_input() -> onnx.ModelProto:
    model = graphs.invert()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT
    return model


def huge_multiple() -> onnx.ModelProto:
    model = graphs.invert()
    card = replace(graphs.CARD, multiple=10**9).to_json()
    helper.set_model_props(model, {KEY: card})
    return model


def long_card() -> onnx.ModelProto:
    return graphs.invert(replace(graphs.CARD, notes="x" * 2**19))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (no_card, "has no synth card"),
        (newer_card, "newer than this synth"),
        (foreign_operator, "not standard ONNX"),
        (foreign_operator_in_a_branch, "not standard ONNX"),
        (outside_weights, "another file"),
        (outside_weights_in_a_constant, "another file"),
        (float_input, "exactly one input"),
        (huge_multiple, "outside of the limits"),
        (long_card, "longer than 256 KB"),
    ],
)
def test_what_is_not_ours_is_refused_with_a_sentence(tmp_path: Path, make, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        open_graph(graphs.write(tmp_path, make()), "cpu")


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x08\x0a" * 5000, b"<html>"])
def test_a_file_that_is_no_graph_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "graph.onnx"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="is not an ONNX graph"):
        open_graph(path, "cpu")


def test_a_missing_and_a_large_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="There is no file"):
        open_graph(tmp_path / "none.onnx")
    with pytest.raises(ValueError, match="larger than 0 MB"):
        open_graph(graphs.save(tmp_path), "cpu", max_bytes=10)
    with pytest.raises(ValueError, match=r"larger than 0 MB\. If you trust it, put it into the folder"):
        open_graph(graphs.save(tmp_path), "cpu", max_bytes=10, untrusted=True)


def test_the_initializers_of_the_test_graph_are_inside() -> None:
    assert numpy_helper.to_array(graphs.invert().graph.initializer[0]) == 255
