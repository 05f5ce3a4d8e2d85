"""Test all pose sources on a person made of coloured dots."""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

from synth.card import KEY
from synth.runtime.dance import blazepose
from synth.runtime.dance.pose import open_poses, poses, valid
from synth.runtime.registry import Registry
from synth.runtime.session import open_graph
from tests.support import dancers, graphs
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dancers.fill(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def registry(folder: Path) -> Registry:
    return Registry(folder, "cpu", "synth")


# Where poses come from


def test_our_own_graph_from_the_registry(registry: Registry):
    found = poses(registry)
    assert (found.name, found.place) == ("synth pose", "CPU")
    assert poses(registry) is found
    first, second = found.tracker(), found.tracker()
    assert first is not second
    frame, joints = dancers.person()
    assert dancers.error(first(frame), joints) < 2.5


@pytest.mark.parametrize(("size", "sides"), [(192, (192, 128)), (128, (128, 96)), (16, (96, 64)), (4000, (512, 352))])
def test_windows_are_as_large_as_the_network_was_trained(tmp_path: Path, size: int, sides: tuple[int, int]):
    model = dancers.finder()
    onnx.helper.set_model_props(model, {KEY: replace(dancers.POSE, size=size).to_json()})
    onnx.save(model, tmp_path / "pose.onnx")
    registry = Registry(tmp_path, "cpu", "synth")
    graph = registry.graph("pose")
    estimate = dancers.Counting(graph)
    graph.run = estimate.__call__  # type: ignore[method-assign]
    estimate.graph = open_graph(tmp_path / "pose.onnx", "cpu")
    poses(registry).tracker()(dancers.person()[0])
    assert estimate.sizes[0] == (sides[0], sides[0])
    assert set(estimate.sizes[1:2]) <= {sides}, "who was found, from near"
    assert set(estimate.sizes[2:]) <= {estimate.sizes[0]}, "whether there is somebody else"


@pytest.mark.parametrize("side", [192, 256])
def test_a_file_with_the_signature_of_movenet(registry: Registry, tmp_path: Path, side: int):
    path = tmp_path / "thunder.onnx"
    onnx.save(dancers.finder(side), path)
    found = open_poses(f"onnx:{path}", registry)
    assert (found.name, found.place) == ("MoveNet (thunder.onnx)", "CPU")
    track = found.tracker()
    for step in range(4):
        frame, joints = dancers.person(x=200 + 12 * step)
        assert dancers.error(track(frame), joints) < 3


def test_wishes_that_cannot_be_met_end_in_a_sentence(registry: Registry, tmp_path: Path):
    other, broken, empty = graphs.save(tmp_path), tmp_path / "broken.onnx", tmp_path / "empty"
    broken.write_bytes(b"no graph")
    empty.mkdir()
    for choice, registry_used, sentence in (
        ("onnx:", registry, "Choose auto"),
        ("openpose", registry, "Choose auto"),
        (f"onnx:{tmp_path / 'missing.onnx'}", registry, "There is no pose model"),
        (f"onnx:{other}", registry, "MoveNet's signature"),
        (f"onnx:{broken}", registry, "cannot be opened as an ONNX graph"),
        ("synth", Registry(empty, "cpu"), "install MediaPipe"),
    ):
        with pytest.raises(ValueError, match=sentence):
            open_poses(choice, registry_used)
    assert [valid(choice) for choice in ("auto", "onnx:x")] == ["auto", "onnx:x"]


def test_a_pose_graph_that_gives_pictures_is_refused(tmp_path: Path):
    graphs.save(tmp_path).rename(tmp_path / "pose.onnx")
    with pytest.raises(ValueError, match="gives no keypoints"):
        open_poses("synth", Registry(tmp_path, "cpu"))


# MediaPipe


def test_mediapipe_that_is_missing_or_broken(registry: Registry, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blazepose, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install"):
        open_poses("mediapipe", registry)
    assert open_poses("auto", registry).name == "synth pose"
    monkeypatch.setattr(blazepose, "find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.pose", None)
    with pytest.raises(ValueError, match="does not load"):
        open_poses("mediapipe", registry)
    assert open_poses("auto", registry).name == "synth pose"


def test_mediapipe_is_taken_by_itself_where_there_is_no_graph(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(blazepose, "find_spec", lambda name: object())
    monkeypatch.setattr(blazepose, "check", lambda: None)
    assert open_poses("auto", registry).name == "synth pose", "which is as exact, and many times as fast"
    assert open_poses("auto", Registry(tmp_path, "cpu")).name == "BlazePose (MediaPipe)"


def test_landmarks_become_joints(monkeypatch: pytest.MonkeyPatch):
    marks = [SimpleNamespace(x=i / 40, y=i / 80, visibility=0.9) for i in range(33)]
    marks[16].y = 1.2  # the right wrist, guessed below the frame
    closed = []
    network = SimpleNamespace(
        process=lambda image: SimpleNamespace(pose_landmarks=SimpleNamespace(landmark=marks)),
        close=lambda: closed.append(1),
    )
    monkeypatch.setattr(blazepose, "_open", lambda: network)
    track = blazepose.BlazeTracker()
    found = track(np.zeros((100, 200, 3), np.uint8))
    assert found is not None
    assert found[5] == pytest.approx((11 / 40 * 200, 11 / 80 * 100, 0.9)), "left shoulder: landmark 11"
    assert found[16, 0] == pytest.approx(28 / 40 * 200)
    assert found[10, 2] == 0
    track.reset()
    track.reset()
    assert closed == [1]


@pytest.mark.skipif(not importlib.util.find_spec("mediapipe"), reason="MediaPipe is not installed")
def test_mediapipe_loads_and_finds_nobody_in_the_dark(registry: Registry):
    found = open_poses("mediapipe", registry)
    assert found.name == "BlazePose (MediaPipe)"
    track = found.tracker()
    assert track(np.zeros((120, 160, 3), np.uint8)) is None
    track.reset()
    assert track(np.zeros((240, 320, 3), np.uint8)) is None


def test_the_command_line_refuses_what_cannot_be_meant():
    asked = subprocess.run(
        [sys.executable, "app.py", "--pose", "openpose"], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert asked.returncode == 2
    assert "Choose auto, synth, mediapipe or onnx:FILE" in asked.stderr
