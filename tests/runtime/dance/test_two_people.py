"""Test two people in view of a network for one: the larger is tracked, without switching."""

from pathlib import Path

import numpy as np
import pytest

from synth.benchmarks import people
from synth.runtime.dance.perform import Performance
from synth.runtime.dance.tracker import AGAIN, EVERY, PATIENCE, WindowTracker
from synth.runtime.session import open_graph
from tests.support import dancers
from tests.support.bodies import body

SIZE = 480, 640


def shrunk(colors: np.ndarray) -> np.ndarray:
    return colors // 2


class Fond:
    """A finder of joints that gives one person, and of two always the one in bright colours."""

    def __init__(self) -> None:
        self.looks = 0

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        self.looks += 1
        bright, dim = (self._find(picture, colors) for colors in (dancers.COLORS, shrunk(dancers.COLORS)))
        return bright if (bright[:, 2] > 0.4).sum() >= 5 else dim

    def _find(self, picture: np.ndarray, colors: np.ndarray) -> np.ndarray:
        result = np.zeros((17, 3), np.float32)
        for joint, color in enumerate(colors):
            rows, columns = np.nonzero(np.abs(picture.astype(int) - color).sum(-1) < 16)
            if len(rows):
                result[joint] = columns.mean() + 0.5, rows.mean() + 0.5, 1
        return result


def scene(bright: np.ndarray | None, dim: np.ndarray | None) -> np.ndarray:
    """Return a frame with a person in bright dots, and one in dim ones."""
    frame = np.zeros((*SIZE, 3), np.uint8)
    if dim is not None:
        frame = shrunk(dancers.paint(frame, dim, 5))
    return frame if bright is None else dancers.paint(frame, bright, 5)


@pytest.fixture
def finder() -> Fond:
    return Fond()


def test_of_two_people_the_larger_is_followed_whomever_the_network_prefers(finder: Fond):
    small, large = body(280, 470, 480), body(400, 470, 160)
    assert dancers.error(WindowTracker(finder)(scene(small, None)), small) < 3
    track = WindowTracker(finder)
    for step in range(6):
        large[:, 0] += 4 * step
        assert dancers.error(track(scene(small, large)), large) < 4
    assert dancers.error(WindowTracker(finder)(scene(large, small)), large) < 4


def test_who_comes_later_and_is_much_larger_is_followed_after_a_while(finder: Fond):
    small, large, track = body(280, 470, 480), body(400, 470, 160), WindowTracker(finder)
    track(scene(small, None))
    found = [track(scene(small, large)) for _ in range(EVERY + AGAIN)]
    assert all(dancers.error(one, small) < 3 for one in found[:-1]), "not at the first sight"
    assert dancers.error(found[-1], large) < 4
    assert dancers.error(track(scene(small, large)), large) < 4


def test_who_is_followed_stays_so_beside_somebody_hardly_larger(finder: Fond):
    one, other, track = body(360, 470, 480), body(390, 470, 160), WindowTracker(finder)
    track(scene(one, None))
    for _ in range(3 * EVERY):
        assert dancers.error(track(scene(one, other)), one) < 3


def test_looking_for_somebody_else_costs_one_look_now_and_then(finder: Fond):
    one, track = body(360, 470, 320), WindowTracker(finder)
    track(scene(one, None))
    before = finder.looks
    for _ in range(3 * EVERY):
        track(scene(one, None))
    assert finder.looks == before + 3 * EVERY + 3


def test_recalibrating_looks_for_the_largest_anew(finder: Fond, tmp_path: Path):
    graph = open_graph(dancers.fill(tmp_path) / "dance-dots.onnx", "cpu")
    small, large, performance = body(280, 470, 480), body(300, 470, 160), Performance(graph, WindowTracker(finder))
    performance.step(scene(small, None), 0.0)
    assert dancers.error(performance.step(scene(small, large), 0.1).person, small) < 5
    performance.recalibrate()
    assert dancers.error(performance.step(scene(small, large), 0.2).person, large) < 5


def test_a_selected_person_is_followed_even_beside_somebody_much_larger(finder: Fond):
    small, large, track = body(280, 470, 480), body(400, 470, 160), WindowTracker(finder)
    assert dancers.error(track(scene(large, small)), large) < 4
    track.select(480, 330)
    for step in range(3 * EVERY):
        small[:, 0] -= 2 * (step % 2)
        assert dancers.error(track(scene(large, small)), small) < 4
    track.select(160, 300)
    assert dancers.error(track(scene(large, small)), large) < 4


def test_a_selected_person_who_is_hidden_for_a_moment_is_taken_up_again(finder: Fond):
    small, large, track = body(280, 470, 480), body(400, 470, 160), WindowTracker(finder)
    track.select(480, 330)
    track(scene(small, large))
    hidden = [track(scene(None, large)) for _ in range(PATIENCE // 2)]
    assert all(one is None for one in hidden), "nobody, rather than somebody else"
    assert dancers.error(track(scene(small, large)), small) < 4
    gone = [track(scene(None, large)) for _ in range(PATIENCE + 2)]
    assert dancers.error(gone[-1], large) < 4


def test_where_nobody_is_selecting_changes_nothing_and_costs_six_looks_at_most(finder: Fond):
    one, other, track = body(360, 470, 480), body(390, 470, 160), WindowTracker(finder)
    track(scene(one, None))
    before = finder.looks
    track.select(320, 20)
    assert dancers.error(track(scene(one, other)), one) < 3
    assert finder.looks <= before + 7


def test_the_measurement_tells_whose_joints_were_found():
    one, other = body(380, 460, 200), body(250, 460, 480)
    assert people.tracked_person(one * (1, 1, 0.5), one, other) == 0
    assert people.tracked_person(other, one, other) == 1
    mixed = np.where(np.arange(17)[:, None] % 3 == 0, one, np.where(np.arange(17)[:, None] % 3 == 1, other, 0))
    assert people.tracked_person(mixed.astype(np.float32), one, other) is None
    assert people.tracked_person(None, one, other) is None


def test_two_dancers_stand_where_the_measurement_says():
    square, grey = np.zeros((256, 256, 3), np.uint8), np.full((*SIZE, 3), 90, np.uint8)
    joints = body(160, 210, 128)
    painted, cover = dancers.paint(square, joints, 3), np.zeros((256, 256), np.uint8)
    cover[painted.any(-1)] = 255
    who = people.Dancer([painted] * people.FRAMES, [cover] * people.FRAMES, np.stack([joints] * people.FRAMES))
    frame, large, small = next(people.compose(people.SCENES["apart"], grey, who, who))
    for pose, size in ((large, 160 * people.TALL), (small, 160 * people.TALL * 0.6)):
        assert np.ptp(pose[:, 1]) == pytest.approx(np.ptp(joints[:, 1]) * size / 160, rel=1e-3)
        x, y = pose[15, :2].astype(int)
        assert np.abs(frame[y, x].astype(int) - dancers.COLORS[15]).max() < 40, "a dot where its joint is"
    assert large[11:13, 0].mean() == pytest.approx(0.28 * people.WIDTH, abs=1)


def test_without_the_set_the_measurement_ends_in_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match="Give the folder above them"):
        next(people.report(lambda: WindowTracker(Fond()), tmp_path))
