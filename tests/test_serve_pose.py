"""Finding one person in frames and following them: every way there is, on a person made of coloured dots."""

import importlib.util
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import onnx
import pytest

from synth.card import KEY
from synth.pixels.pose import seen
from synth.serve import blazepose
from synth.serve.pose import open_poses, poses, valid
from synth.serve.session import open_graph
from synth.serve.shelf import Shelf
from synth.serve.tracker import WindowTracker, present
from synth.serve.window import Window
from tests import dancers, graphs
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return dancers.fill(tmp_path_factory.mktemp("weights"))


@pytest.fixture
def shelf(folder: Path) -> Shelf:
    return Shelf(folder, "cpu", "synth")


def error(found: np.ndarray | None, joints: np.ndarray) -> float:
    """Return the largest distance in pixels of what was found of the body; the dots of a face melt together."""
    assert found is not None
    assert found.shape == (17, 3)
    assert found.dtype == np.float32
    return float(np.abs(found - joints)[5:, :2].max())


class Counting:
    """An estimator that counts and keeps the sizes of its pictures."""

    def __init__(self, graph):
        self.graph, self.sizes = graph, []

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        self.sizes.append(picture.shape[:2])
        return self.graph.run(picture)


@pytest.fixture
def estimate(folder: Path) -> Counting:
    return Counting(open_graph(folder / "pose.onnx", "cpu"))


# Windows


def test_the_way_back_is_exact_at_every_size_and_over_the_border():
    frame = np.random.default_rng(0).integers(0, 256, (300, 401, 3), np.uint8)
    for window in (Window(0, 0, 401, 300), Window(-50.3, 20.7, 222, 111), Window(350, 250, 99.5, 99.5)):
        picture, (origin, scale) = window.cut(frame, 96, 96)
        left, top = np.maximum((0 - origin[0]) / scale[0], 0), np.maximum((0 - origin[1]) / scale[1], 0)
        assert abs(left - round(float(left))) < 1e-3, "the frame's edge is a pixel's edge in the window"
        assert abs(top - round(float(top))) < 1e-3
        assert origin == pytest.approx((window.x, window.y), abs=1.01 * max(window.width, window.height) / 96 + 1)
        assert picture.shape == (96, 96, 3)


def test_a_window_holds_the_body_with_a_margin_and_has_one_of_the_shapes():
    _, joints = dancers.person()
    window = Window.around(joints, (1.0, 2 / 3, 1.5))
    assert window.holds(joints, 0.1)
    assert window.width / window.height == pytest.approx(2 / 3)
    assert window.size(192) == (192, 128)
    lying = joints[:, [1, 0, 2]]
    assert Window.around(lying, (1.0, 2 / 3, 1.5)).size(192) == (128, 192)
    assert Window.around(lying, (1.0,)).size(200) == (200, 200)


# Following


def test_somebody_is_found_and_followed_to_a_fraction_of_a_pixel(estimate: Counting):
    track = WindowTracker(estimate)
    for step in range(12):
        frame, joints = dancers.person(x=200 + 12 * step)
        assert error(track(frame), joints) < 2.5
    assert estimate.sizes[:2] == [(192, 192), (192, 128)], "the whole frame, then the window that was found"
    assert len(estimate.sizes) == 13, "from then on one look for each frame"


def test_who_is_lost_is_searched_in_the_same_frame(estimate: Counting):
    track = WindowTracker(estimate)
    track(dancers.person(x=120)[0])
    before = len(estimate.sizes)
    frame, joints = dancers.person(x=520)
    assert error(track(frame), joints) < 2.5
    assert len(estimate.sizes) == before + 3


def test_nobody_is_none_at_the_price_of_one_look(estimate: Counting):
    track = WindowTracker(estimate)
    for _ in range(6):
        assert track(np.zeros((480, 640, 3), np.uint8)) is None
        assert track(graphs.noise(480, 640, 3)) is None
    assert len(estimate.sizes) == 12


def test_somebody_small_in_a_wide_frame_is_found_in_a_part_of_it(estimate: Counting):
    track = WindowTracker(estimate)
    frame, joints = dancers.person(360, 1600, tall=250, x=1450)
    found = [track(frame) for _ in range(4)]
    assert found[0] is None, "too small in the whole frame"
    assert any(one is not None for one in found)
    assert error(track(frame), joints) < 2.5


@pytest.mark.parametrize(("height", "width", "tall"), [(1280, 720, 900), (240, 320, 190), (2160, 3840, 1700)])
def test_every_camera_will_do(estimate: Counting, height: int, width: int, tall: float):
    track = WindowTracker(estimate)
    frame, joints = dancers.person(height, width, tall)
    track(frame)
    assert error(track(frame), joints) < tall / 100


def test_the_upper_body_before_a_desk_is_somebody(estimate: Counting):
    track = WindowTracker(estimate)
    frame, joints = dancers.person(tall=900, feet=1000)
    found = track(frame)
    assert found is not None
    assert seen(found)[5:9].all()
    assert not seen(found)[13:].any()
    assert np.abs(found - joints)[5:9, :2].max() < 5


def test_after_a_reset_the_whole_frame_is_searched(estimate: Counting):
    track = WindowTracker(estimate)
    track(dancers.person()[0])
    track.reset()
    estimate.sizes.clear()
    track(dancers.person()[0])
    assert estimate.sizes[0] == (192, 192)


def test_furniture_is_nobody():
    joints = dancers.person()[1]
    assert present(joints, 0.4)
    for wrong in (joints * (1, 1, 0.3), joints * (0.01, 0.01, 1), np.where(np.arange(17)[:, None] < 5, joints, 0)):
        assert not present(wrong.astype(np.float32), 0.4)
    assert not present(np.full((17, 3), np.nan, np.float32), 0.4)


# Where poses come from


def test_our_own_graph_from_the_shelf(shelf: Shelf):
    found = poses(shelf)
    assert (found.name, found.place) == ("synth pose", "CPU")
    assert poses(shelf) is found
    first, second = found.tracker(), found.tracker()
    assert first is not second
    frame, joints = dancers.person()
    assert error(first(frame), joints) < 2.5


@pytest.mark.parametrize(("size", "sides"), [(192, (192, 128)), (128, (128, 96)), (16, (96, 64)), (4000, (512, 352))])
def test_windows_are_as_large_as_the_network_was_trained(tmp_path: Path, size: int, sides: tuple[int, int]):
    model = dancers.finder()
    onnx.helper.set_model_props(model, {KEY: replace(dancers.POSE, size=size).to_json()})
    onnx.save(model, tmp_path / "pose.onnx")
    shelf = Shelf(tmp_path, "cpu")
    graph = shelf.graph("pose")
    estimate = Counting(graph)
    graph.run = estimate.__call__  # type: ignore[method-assign]
    estimate.graph = open_graph(tmp_path / "pose.onnx", "cpu")
    poses(shelf).tracker()(dancers.person()[0])
    assert estimate.sizes[0] == (sides[0], sides[0])
    assert set(estimate.sizes[1:]) <= {sides}


@pytest.mark.parametrize("side", [192, 256])
def test_a_file_with_the_signature_of_movenet(shelf: Shelf, tmp_path: Path, side: int):
    path = tmp_path / "thunder.onnx"
    onnx.save(dancers.finder(side), path)
    found = open_poses(f"onnx:{path}", shelf)
    assert (found.name, found.place) == ("MoveNet (thunder.onnx)", "CPU")
    track = found.tracker()
    for step in range(4):
        frame, joints = dancers.person(x=200 + 12 * step)
        assert error(track(frame), joints) < 3


def test_wishes_that_cannot_be_met_end_in_a_sentence(shelf: Shelf, tmp_path: Path):
    other, broken, empty = graphs.save(tmp_path), tmp_path / "broken.onnx", tmp_path / "empty"
    broken.write_bytes(b"no graph")
    empty.mkdir()
    for choice, shelf_used, sentence in (
        ("onnx:", shelf, "Choose auto"),
        ("openpose", shelf, "Choose auto"),
        (f"onnx:{tmp_path / 'missing.onnx'}", shelf, "There is no file"),
        (f"onnx:{other}", shelf, "MoveNet's signature"),
        (f"onnx:{broken}", shelf, "damaged"),
        ("synth", Shelf(empty, "cpu"), "install MediaPipe"),
    ):
        with pytest.raises(ValueError, match=sentence):
            open_poses(choice, shelf_used)
    assert [valid(choice) for choice in ("auto", "onnx:x")] == ["auto", "onnx:x"]


def test_a_pose_graph_that_gives_pictures_is_refused(tmp_path: Path):
    graphs.save(tmp_path).rename(tmp_path / "pose.onnx")
    with pytest.raises(ValueError, match="gives no keypoints"):
        open_poses("synth", Shelf(tmp_path, "cpu"))


# MediaPipe


def test_mediapipe_that_is_missing_or_broken(shelf: Shelf, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(blazepose, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install"):
        open_poses("mediapipe", shelf)
    assert open_poses("auto", shelf).name == "synth pose"
    monkeypatch.setattr(blazepose, "find_spec", lambda name: object())
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.pose", None)
    with pytest.raises(ValueError, match="does not load"):
        open_poses("mediapipe", shelf)
    assert open_poses("auto", shelf).name == "synth pose"


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
def test_mediapipe_loads_and_finds_nobody_in_the_dark(shelf: Shelf):
    found = open_poses("mediapipe", shelf)
    assert found.name == "BlazePose (MediaPipe)"
    track = found.tracker()
    assert track(np.zeros((120, 160, 3), np.uint8)) is None
    track.reset()
    assert track(np.zeros((240, 320, 3), np.uint8)) is None


def test_the_command_line_refuses_what_cannot_be_meant():
    asked = subprocess.run(
        [sys.executable, "app.py", "--pose", "openpose"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert asked.returncode == 2
    assert "Choose auto, synth, mediapipe or onnx:FILE" in asked.stderr


@pytest.mark.slow
def test_following_costs_little_beside_the_network():
    """Cutting, shrinking and mapping back, without the network, on a camera's frame."""
    frame = dancers.person()[0]
    answer = np.concatenate([np.random.default_rng(0).uniform(40, 150, (17, 2)), np.ones((17, 1))], 1)
    track, times = WindowTracker(lambda picture: answer), []
    for _ in range(30):
        start = time.perf_counter()
        track(frame)
        times.append(time.perf_counter() - start)
    assert sorted(times)[5] < 0.01
