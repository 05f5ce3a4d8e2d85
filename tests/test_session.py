"""Graphs: what may be opened, where it runs and what comes back."""

import logging
import sys
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from synth.card import KEY, VERSION, Input
from synth.serve import providers, session
from synth.serve.providers import CPU, CUDA
from synth.serve.replay import AFTER, Replays
from synth.serve.session import open_graph
from synth.serve.shelf import Shelf
from tests import graphs


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def write(folder: Path, model: onnx.ModelProto) -> Path:
    path = folder / "graph.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.mark.parametrize("shape", [(1, 1, 3), (32, 64, 3), (300, 501, 3), (2, 33, 31, 3)])
def test_a_picture_comes_back_in_its_own_size(tmp_path: Path, shape: tuple[int, ...]) -> None:
    image = noise(*shape)
    assert np.array_equal(open_graph(graphs.save(tmp_path), "cpu").run(image), 255 - image)


def test_the_graph_of_the_tests_does_refuse_other_sizes(tmp_path: Path) -> None:
    bare = onnxruntime.InferenceSession(graphs.save(tmp_path), providers=[CPU])
    with pytest.raises(Exception, match="block"):
        bare.run(None, {"image": noise(1, 33, 32, 3)})


@pytest.mark.parametrize("image", [noise(4, 4), noise(4, 4, 4), noise(4, 4, 3) / 255, noise(0, 4, 3)])
def test_other_arrays_are_refused_with_a_sentence(tmp_path: Path, image: np.ndarray) -> None:
    with pytest.raises(ValueError, match="takes uint8 pixels"):
        open_graph(graphs.save(tmp_path), "cpu").run(image)


def test_where_a_graph_runs_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "synth"):
        graph = open_graph(graphs.save(tmp_path), "cpu")
    assert graph.provider == CPU
    assert graph.place == "CPU"
    assert caplog.messages == ["invert: CPUExecutionProvider (CPU)"]


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
        (huge_multiple, "makes no sense"),
    ],
)
def test_what_is_not_ours_is_refused_with_a_sentence(tmp_path: Path, make, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        open_graph(write(tmp_path, make()), "cpu")


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


def test_a_graph_that_runs_too_long_is_stopped(tmp_path: Path) -> None:
    nodes = [helper.make_node("Cast", ["image"], ["x0"], to=TensorProto.FLOAT)]
    nodes += [
        helper.make_node("MaxPool", [f"x{i}"], [f"x{i + 1}"], kernel_shape=[15, 15], pads=[7] * 4) for i in range(60)
    ]
    nodes += [helper.make_node("Cast", ["x60"], ["result"], to=TensorProto.UINT8)]
    graph = open_graph(write(tmp_path, graphs.model(nodes, {}, replace(graphs.CARD, multiple=1))), "cpu")
    start = time.monotonic()
    with pytest.raises(ValueError, match="could not run"):
        graph.run(noise(2048, 2048, 3), seconds=0.2)
    assert time.monotonic() - start < 5


# Providers. No GPU is needed to pin what is asked for: the driver's answer and ONNX Runtime's list are given.


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch):
    def make(gpu: tuple[str, str], available: list[str], system: str = "linux") -> None:
        monkeypatch.setattr(providers, "gpu", lambda: gpu)
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: available)
        monkeypatch.setattr(sys, "platform", system)

    return make


def test_without_a_driver_cuda_is_not_asked_for(machine) -> None:
    machine(("", ""), [CUDA, CPU])
    choice = providers.choose("auto")
    assert [name for name, _ in choice.providers] == [CPU]
    assert choice.warning == ""


def test_a_gpu_with_its_libraries_comes_first(machine) -> None:
    machine(("NVIDIA H200", ""), [CUDA, CPU])
    choice = providers.choose("auto")
    assert choice.providers[0] == (CUDA, {"prefer_nhwc": "1"})
    assert choice.device == "NVIDIA H200"


@pytest.mark.parametrize(("problem", "available"), [("its driver does not start", [CUDA, CPU]), ("", [CPU])])
def test_a_gpu_that_cannot_be_used_is_a_warning_with_the_reason(machine, problem: str, available: list[str]) -> None:
    machine(("NVIDIA H200", problem), available)
    choice = providers.choose("auto")
    assert [name for name, _ in choice.providers] == [CPU]
    assert "NVIDIA H200 is present but not used" in choice.warning
    assert (problem or "onnxruntime-gpu") in choice.warning


def test_coreml_on_a_mac(machine) -> None:
    machine(("", ""), [providers.COREML, CPU], "darwin")
    assert providers.choose("auto").providers[0][0] == providers.COREML


@pytest.mark.parametrize("wanted", ["cuda", "coreml", "tpu"])
def test_a_provider_asked_for_by_name_that_cannot_be_had_is_an_error(machine, wanted: str) -> None:
    machine(("", ""), [CPU])
    with pytest.raises(ValueError, match=r"choose one|Use --provider|macOS"):
        providers.choose(wanted)


@pytest.mark.filterwarnings("ignore:Specified provider")
def test_a_gpu_that_a_graph_does_not_get_is_a_warning(machine, tmp_path: Path, monkeypatch, caplog) -> None:
    machine(("NVIDIA H200", ""), [CUDA, CPU])
    monkeypatch.setattr(onnxruntime, "preload_dlls", lambda: None)
    with caplog.at_level(logging.WARNING, "synth"):
        graph = open_graph(graphs.save(tmp_path), "auto")
    if CUDA in onnxruntime.InferenceSession(graphs.save(tmp_path)).get_providers():
        pytest.skip("this machine has CUDA")
    assert graph.provider == CPU
    assert "NVIDIA H200 is present" in graph.warning
    assert graph.warning in caplog.messages
    with pytest.raises(ValueError, match="NVIDIA H200 is present"):
        open_graph(graphs.save(tmp_path), "cuda")


def test_few_cores_do_not_spin(monkeypatch: pytest.MonkeyPatch) -> None:
    key = "session.intra_op.allow_spinning"
    monkeypatch.setattr(providers, "cores", lambda: 4)
    assert session._options().get_session_config_entry(key) == "0"
    monkeypatch.setattr(providers, "cores", lambda: 16)
    with pytest.raises(RuntimeError):
        session._options().get_session_config_entry(key)


def test_recordings_that_fail_fall_back_to_the_plain_session(caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def make(options: dict[str, str]) -> None:
        tried.append(options["enable_cuda_graph"])
        raise RuntimeError("no device")

    replays = Replays(make)
    assert [replays.get((1, 4, 4, 3)) for _ in range(2 * AFTER)] == [None] * 2 * AFTER
    assert tried == ["1"]
    assert "CUDA graphs are off" in caplog.text


@pytest.mark.gpu
def test_cuda_gives_the_same_picture_and_records_what_repeats(tmp_path: Path) -> None:
    if not providers.gpu()[0]:
        pytest.skip("this machine has no NVIDIA GPU")
    graph = open_graph(graphs.save(tmp_path), "cuda")
    assert graph.provider == CUDA
    for _ in range(2 * AFTER):
        for image in (noise(64, 96, 3), noise(33, 31, 3)):
            assert np.array_equal(graph.run(image), 255 - image)
    assert graph._replays is not None
    assert len(graph._replays._made) == 2


# The shelf


def test_a_shelf_opens_lazily_and_names_bad_files(tmp_path: Path) -> None:
    graphs.shelf(tmp_path)
    (tmp_path / "broken.onnx").write_bytes(b"nothing")
    shelf = Shelf(tmp_path, "cpu")
    assert shelf.problems == ["broken.onnx is not an ONNX graph, or it is damaged."]
    assert "broken" not in shelf.entries
    assert shelf.place("invert") == ""
    assert shelf.graph("invert") is shelf.graph("invert")
    assert shelf.place("invert") == "CPU"
    assert shelf.groups() == {"facades": ["facades-cgan", "facades-l1"]}
    with pytest.raises(ValueError, match="Reload"):
        shelf.graph("../invert")


def test_variants_follow_their_graph_and_are_told_apart(tmp_path: Path) -> None:
    for name in ("street-l1", "street", "emoji"):
        graphs.save(tmp_path, replace(graphs.CARD, name=name, title=name.split("-")[0].capitalize()))
    shelf = Shelf(tmp_path, "cpu")
    assert shelf.names("translate") == ["emoji", "street", "street-l1"]
    assert [shelf.title(name) for name in shelf.entries] == ["Emoji", "street", "street-l1"]
    for group in ("one", "two"):
        card = replace(graphs.CARD, name=f"{group}-l1", title="L1", tabs=("compare",), group=group)
        graphs.save(tmp_path, card)
    shelf = Shelf(tmp_path, "cpu")
    assert [shelf.title(f"{group}-l1") for group in ("one", "two")] == ["L1", "L1"]


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
    graph, image, bare = open_graph(path, "cpu"), noise(256, 256, 3), []
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
    path = write(tmp_path, heavy())
    assert min(overhead(path) for _ in range(4)) <= 0.05


def test_the_initializers_of_the_test_graph_are_inside() -> None:
    assert numpy_helper.to_array(graphs.invert().graph.initializer[0]) == 255
