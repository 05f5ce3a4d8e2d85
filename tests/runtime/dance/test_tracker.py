"""Test tracking one person from frame to frame, with a network that detects coloured dots."""

import time
from pathlib import Path

import numpy as np
import pytest

from synth.pixels.body.pose import seen
from synth.runtime.dance.tracker import WindowTracker, present
from synth.runtime.dance.window import Window
from synth.runtime.session import open_graph
from tests.support import dancers, graphs


@pytest.fixture
def estimate(tmp_path: Path) -> dancers.Counting:
    return dancers.Counting(open_graph(dancers.fill(tmp_path) / "pose.onnx", "cpu"))


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


def test_somebody_is_found_and_followed_to_a_fraction_of_a_pixel(estimate: dancers.Counting):
    track = WindowTracker(estimate)
    for step in range(12):
        frame, joints = dancers.person(x=200 + 12 * step)
        assert dancers.error(track(frame), joints) < 2.5
    assert estimate.sizes[:2] == [(192, 192), (192, 128)], "the whole frame, then the window that was found"
    assert len(estimate.sizes) == 14, "one look for somebody else, from then on one for each frame"


def test_who_is_lost_is_searched_in_the_same_frame(estimate: dancers.Counting):
    track = WindowTracker(estimate)
    track(dancers.person(x=120)[0])
    before = len(estimate.sizes)
    frame, joints = dancers.person(x=520)
    assert dancers.error(track(frame), joints) < 2.5
    assert len(estimate.sizes) == before + 4


def test_nobody_is_none_at_the_price_of_one_look(estimate: dancers.Counting):
    track = WindowTracker(estimate)
    for _ in range(6):
        assert track(np.zeros((480, 640, 3), np.uint8)) is None
        assert track(graphs.noise(480, 640, 3)) is None
    assert len(estimate.sizes) == 12


def test_somebody_small_in_a_wide_frame_is_found_in_a_part_of_it(estimate: dancers.Counting):
    track = WindowTracker(estimate)
    frame, joints = dancers.person(360, 1600, tall=250, x=1450)
    found = [track(frame) for _ in range(4)]
    assert found[0] is None, "too small in the whole frame"
    assert any(one is not None for one in found)
    assert dancers.error(track(frame), joints) < 2.5


@pytest.mark.parametrize(("height", "width", "tall"), [(1280, 720, 900), (240, 320, 190), (2160, 3840, 1700)])
def test_every_camera_will_do(estimate: dancers.Counting, height: int, width: int, tall: float):
    track = WindowTracker(estimate)
    frame, joints = dancers.person(height, width, tall)
    track(frame)
    assert dancers.error(track(frame), joints) < tall / 100


def test_the_upper_body_before_a_desk_is_somebody(estimate: dancers.Counting):
    track = WindowTracker(estimate)
    frame, joints = dancers.person(tall=900, feet=1000)
    found = track(frame)
    assert found is not None
    assert seen(found)[5:9].all()
    assert not seen(found)[13:].any()
    assert np.abs(found - joints)[5:9, :2].max() < 5


def test_legs_that_were_hidden_are_found_again(estimate: dancers.Counting):
    track = WindowTracker(estimate)
    frame, joints = dancers.person()
    hidden = frame.copy()
    hidden[int(joints[11, 1]) - 20 :] = 0
    for _ in range(6):
        found = track(hidden)
        assert found is not None
        assert not seen(found)[11:].any()
    looked = len(estimate.sizes)
    assert dancers.error(track(frame), joints) < 3
    assert len(estimate.sizes) == looked + 1, "without a search"


def test_after_a_reset_the_whole_frame_is_searched(estimate: dancers.Counting):
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
