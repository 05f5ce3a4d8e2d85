"""Test the Triton model repository: its configuration fits the graphs and Triton's schema."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from export import triton
from export.__main__ import main
from synth.runtime import graph_file
from tests.support import dancers, graphs
from tests.support.paths import ROOT

QUOTED = 'Licence "A"\nand \\ more: größer'


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    graphs.save(folder, replace(graphs.CARD, licence=QUOTED))
    return dancers.fill(folder)


def parsed(path: Path):
    """Return a configuration as Triton reads it."""
    if not find_spec("tritonclient"):
        pytest.skip('tritonclient is not installed: it holds protobuf below 7, pip install -e ".[triton]"')
    from google.protobuf import text_format
    from tritonclient.grpc import model_config_pb2  # type: ignore[import-not-found]

    return text_format.Parse(path.read_text(), model_config_pb2.ModelConfig()), model_config_pb2.DataType.Value


def test_a_repository_has_a_folder_for_each_graph(weights: Path, tmp_path: Path, capsys) -> None:
    assert main(["triton", str(tmp_path / "out"), "--weights", str(weights)]) == 0
    out = tmp_path / "out"
    assert sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()) == [
        f"{name}/{file}" for name in ("dance-dots", "invert", "pose") for file in ("1/model.onnx", "config.pbtxt")
    ]
    assert (out / "pose/1/model.onnx").read_bytes() == (weights / "pose.onnx").read_bytes()
    assert "tritonserver --model-repository" in capsys.readouterr().out


def test_dims_leave_the_batch_out_and_sizes_that_vary_are_minus_one(weights: Path, tmp_path: Path) -> None:
    main(["triton", str(tmp_path / "out"), "invert", "dance-dots", "pose", "--weights", str(weights), "--batch", "16"])
    text = {name: (tmp_path / "out" / name / "config.pbtxt").read_text() for name in ("invert", "dance-dots", "pose")}
    assert 'input { name: "image" data_type: TYPE_UINT8 dims: [ -1, -1, 3 ] }' in text["invert"]
    assert text["dance-dots"].count("dims: [ 64, 64, 3 ]") == 3
    assert 'output { name: "result" data_type: TYPE_FP32 dims: [ 17, 3 ] }' in text["pose"]
    assert all("max_batch_size: 16" in one and "dynamic_batching" in one for one in text.values())


def test_what_is_the_same_for_every_picture_is_no_output_of_a_batch(tmp_path: Path) -> None:
    (tmp_path / "weights").mkdir()
    weights = dancers.fill(tmp_path / "weights", "dance-layers")
    main(["triton", str(tmp_path / "out"), "dance-layers", "--weights", str(weights)])
    text = (tmp_path / "out" / "dance-layers" / "config.pbtxt").read_text()
    assert 'output { name: "cover" data_type: TYPE_UINT8 dims: [ 64, 64, 1 ] }' in text
    assert "plate" not in text
    assert "max_batch_size: 8" in text


def test_the_configuration_follows_tritons_schema(weights: Path, tmp_path: Path) -> None:
    main(["triton", str(tmp_path / "out"), "--weights", str(weights)])
    config, kind = parsed(tmp_path / "out" / "invert" / "config.pbtxt")
    assert (config.name, config.platform, config.max_batch_size) == ("invert", "onnxruntime_onnx", 8)
    assert [(one.name, one.data_type, list(one.dims)) for one in (*config.input, *config.output)] == [
        (name, kind("TYPE_UINT8"), [-1, -1, 3]) for name in ("image", "result")
    ]
    assert config.HasField("dynamic_batching")
    assert config.parameters["multiple"].string_value == "32"
    assert config.parameters["licence"].string_value == QUOTED


@pytest.mark.parametrize("path", sorted((ROOT / "weights").glob("*.onnx")), ids=lambda path: path.stem)
def test_bundled_graphs_are_configured_as_they_are(path: Path, tmp_path: Path) -> None:
    card, data = graph_file.read(path)
    (tmp_path / "config.pbtxt").write_text(triton.config(path.stem, onnx.load_model_from_string(data), card))
    config, _ = parsed(tmp_path / "config.pbtxt")
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    ends = [*session.get_inputs(), *session.get_outputs()]
    assert [(one.name, len(one.dims) + 1) for one in (*config.input, *config.output)] == [
        (end.name, len(end.shape)) for end in ends
    ]


def fixed() -> onnx.ModelProto:
    """A graph of one picture at a time."""
    model = graphs.invert()
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    return model


def test_a_graph_of_one_picture_keeps_its_batch_in_dims() -> None:
    text = triton.config("fixed", fixed(), graphs.CARD)
    assert "max_batch_size: 0" in text
    assert text.count("dims: [ 1, -1, -1, 3 ]") == 2
    assert "dynamic_batching" not in text
    triton.check_batch(fixed().SerializeToString(), graphs.CARD, "fixed")


def test_a_graph_that_mixes_pictures_is_refused(tmp_path: Path, capsys) -> None:
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["real", "first"], ["mean"], keepdims=1),
        helper.make_node("Sub", ["real", "mean"], ["centred"]),
        helper.make_node("Abs", ["centred"], ["positive"]),
        helper.make_node("Cast", ["positive"], ["result"], to=TensorProto.UINT8),
    ]
    graphs.write(tmp_path, graphs.model(nodes, {"first": np.array([0])}, replace(graphs.CARD, multiple=1)))
    assert main(["triton", str(tmp_path / "out"), "--weights", str(tmp_path)]) == 2
    assert "graph mixes the images of a batch" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("arguments", [["none"], ["invert", "--batch", "0"]])
def test_what_cannot_be_meant_ends_in_a_sentence(weights: Path, tmp_path: Path, capsys, arguments: list[str]) -> None:
    assert main(["triton", str(tmp_path / "out"), *arguments, "--weights", str(weights)]) == 2
    assert capsys.readouterr().err.strip().endswith((".", "pose"))


def test_a_folder_of_something_else_is_left_alone(weights: Path, capsys) -> None:
    before = sorted(weights.rglob("*"))
    assert main(["triton", str(weights), "--weights", str(weights)]) == 2
    assert "Choose a new folder" in capsys.readouterr().err
    assert sorted(weights.rglob("*")) == before


def test_a_graph_that_takes_a_number_is_written_and_not_batched(tmp_path: Path) -> None:
    assert main(["triton", str(tmp_path / "out"), "colorize", "--weights", str(ROOT / "weights")]) == 0
    text = (tmp_path / "out" / "colorize" / "config.pbtxt").read_text()
    assert 'input { name: "vividness" data_type: TYPE_FP32 dims: [ 1 ] }' in text
    assert "max_batch_size: 0" in text
