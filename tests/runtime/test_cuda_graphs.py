"""Test CUDA graphs: capture, the number kept, and the fallback after a failure."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from synth.runtime import cuda_graphs, providers
from synth.runtime.cuda_graphs import AFTER, CACHE, KEEP, Recorder, RecordingCache, free_dimensions
from synth.runtime.providers import CUDA
from synth.runtime.session import open_graph
from tests.support import graphs
from tests.support.paths import ROOT


def test_recordings_that_fail_fall_back_to_the_plain_session(caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def make(options: dict[str, str], shape: tuple[int, ...]) -> None:
        assert shape == (1, 4, 4, 3)
        tried.append(options["enable_cuda_graph"])
        raise RuntimeError("no device")

    recorder = Recorder(make)
    assert [recorder.get((1, 4, 4, 3)) for _ in range(2 * AFTER)] == [None] * 2 * AFTER
    assert tried == ["1"]
    assert "CUDA graphs are off for this graph at 4x4 pixels" in caplog.text


class Recorded:
    """Stands for a recording where there is no GPU."""

    def __init__(self, session: object, shape: tuple[int, ...]):
        self.shape = shape

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        assert batch.shape == self.shape
        return batch

    def warm(self, shape: tuple[int, ...]) -> None:
        assert shape == self.shape


def test_a_failure_at_one_size_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes: list[tuple[int, ...]] = []

    class Small(Recorded):
        def __init__(self, session: object, shape: tuple[int, ...]):
            shapes.append(shape)
            if shape[1] > 4:
                raise RuntimeError("no memory")
            super().__init__(session, shape)

    monkeypatch.setattr(cuda_graphs, "Recording", Small)
    recorder = Recorder(lambda options, shape: None, RecordingCache())
    for side in (8, 4):
        made = [recorder.get((1, side, side, 3)) for _ in range(2 * AFTER)]
        assert [one is not None for one in made] == [side == 4 and n >= AFTER - 1 for n in range(2 * AFTER)]
    assert shapes == [(1, 8, 8, 3), (1, 4, 4, 3)]


def test_recordings_share_one_limit_and_large_pictures_have_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda_graphs, "Recording", Recorded)
    cache = RecordingCache()
    owners = [Recorder(lambda options, shape: None, cache) for _ in range(KEEP)]
    for side in (4, 8):
        for recorder in owners:
            made = [recorder.get((1, side, side, 3)) for _ in range(AFTER)][-1]
            assert made is recorder.get((1, side, side, 3))
            assert len(cache) <= KEEP
    assert len(cache) == KEEP
    assert owners[0].get((1, 4, 4, 3)) is None
    assert [owners[0].get((1, 1025, 1024, 3)) for _ in range(2 * AFTER)] == [None] * 2 * AFTER


@pytest.mark.parametrize("name", ["pose", "dance-ava", "street"])
def test_with_fixed_sizes_no_shape_is_left_to_compute(name: str, tmp_path: Path) -> None:
    """What computes shapes runs on the processor, and with it in the graph CUDA refuses to record."""
    ort = pytest.importorskip("onnxruntime")
    path = ROOT / "weights" / f"{name}.onnx"
    inputs = ort.InferenceSession(path, providers=["CPUExecutionProvider"]).get_inputs()
    sizes = free_dimensions(inputs, (1, 256, 256, 3))
    assert sizes["n"] == 1
    left = {}
    for how, given in {"free": {}, "fixed": sizes}.items():
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(tmp_path / how)
        for dimension, size in given.items():
            options.add_free_dimension_override_by_name(dimension, size)
        ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        left[how] = sum(node.op_type == "Shape" for node in onnx.load(tmp_path / how).graph.node)
    assert left["free"] > 0
    assert left["fixed"] == 0


@pytest.mark.gpu
def test_cuda_gives_the_same_picture_and_records_what_repeats(tmp_path: Path) -> None:
    if not providers.gpu()[0]:
        pytest.skip("this machine has no NVIDIA GPU")
    graph = open_graph(graphs.save(tmp_path), "cuda")
    assert graph.provider == CUDA
    for _ in range(2 * AFTER):
        for image in (graphs.noise(64, 96, 3), graphs.noise(33, 31, 3)):
            assert np.array_equal(graph.run(image), 255 - image)
    made = [owner for owner, _ in CACHE._made if owner is graph._recorder]
    assert len(made) == 2
