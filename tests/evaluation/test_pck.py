"""Test the percentage of correct keypoints, on poses with known distances."""

import json
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from synth.evaluation.metrics.pck import fitted, measure_pose, pck, reliability, sides
from synth.pixels.body.pose import mirror

NAMES = ("nose", "eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle")
TORSO = 50.0  # left shoulder to right hip: 30 across, 40 down


def person() -> np.ndarray:
    joints = np.stack([np.arange(17) * 5.0, np.arange(17) * 6.0, np.ones(17)], 1).astype(np.float32)
    joints[5, :2], joints[12, :2] = (70, 40), (40, 80)
    return joints


def test_a_joint_counts_within_a_fifth_of_the_torso():
    truth, found = person()[None], person()[None]
    found[0, 9, 0] += 0.19 * TORSO
    assert pck(found, truth) == 1
    found[0, 10, 0] += 0.21 * TORSO
    assert pck(found, truth) == pytest.approx(16 / 17)
    assert pck(found, truth, 0.1) == pytest.approx(15 / 17)


def test_unknown_joints_and_people_without_a_torso_do_not_count():
    truth, found = np.stack([person(), person()]), np.stack([person(), person() + 100])
    truth[1, 12, 2] = 0
    assert pck(found, truth) == 1
    truth[0, 3, 2], found[0, 3] = 0.1, 500
    assert pck(found, truth) == 1


def test_a_low_score_does_not_hide_a_wrong_place():
    truth, found = person()[None], person()[None]
    found[0, 9] = (300, 300, 0)
    assert pck(found, truth) == pytest.approx(16 / 17)


def test_pictures_are_shrunk_and_joints_come_back_in_their_own_pixels(tmp_path: Path):
    home = tmp_path / "exercise"
    (home / "test").mkdir(parents=True)
    image = np.zeros((100, 200, 3), np.uint8)
    image[30:50, 100:140] = 255
    cv2.imwrite(str(home / "test" / "0.png"), image)
    truth = np.tile(np.array([120, 40, 1], np.float32), (17, 1))
    truth[5, :2], truth[12, :2] = (120, 30), (120, 50)
    (home / "teacher.json").write_text(json.dumps({"train": {}, "test": {"0.png": truth.tolist()}}))

    def middle(small: np.ndarray) -> np.ndarray:
        assert small.shape == (48, 96, 3)
        rows, columns = np.nonzero(small[..., 0] > 128)
        return np.tile(np.array([columns.mean() + 0.5, rows.mean() + 0.5, 0.9], np.float32), (17, 1))

    graph = SimpleNamespace(run=middle, place="CPU", card=SimpleNamespace(size=96))
    figures, protocol, parts = measure_pose(graph, tmp_path)
    # Shoulder and hip lie 10 pixels off, half of the torso of 20; the others are right.
    assert figures == {"PCK exercise": round(100 * 15 / 17, 1), "seen": 100.0}
    assert "96 pixels" in protocol
    assert parts == {"PCK exercise": {"": {**dict.fromkeys(NAMES, 100.0), "shoulder": 50.0, "hip": 50.0}}}
    with pytest.raises(ValueError, match="none of the sets"):
        measure_pose(graph, tmp_path / "nothing")


def test_fitted_says_what_was_multiplied():
    small, scale = fitted(np.zeros((224, 101, 3), np.uint8), 192)
    assert small.shape == (192, 87, 3)
    assert scale == pytest.approx((87 / 101, 192 / 224))


def test_reliability_counts_the_right_joints_of_each_tenth_of_the_score():
    truth, found = person()[None], person()[None]
    found[0, :10, 2], found[0, 10:, 2] = 0.85, 0.25
    found[0, :2, 0] += TORSO
    found[0, 16, 2] = 0.1
    assert reliability(found, truth) == [
        (pytest.approx(0.25), pytest.approx(1), 6),
        (pytest.approx(0.85), pytest.approx(0.8), 10),
    ]


def test_sides_are_wrong_where_left_and_right_are_exchanged():
    truth = np.stack([person(), person()])
    found = truth.copy()
    assert sides(found, truth) == 1
    found[1] = mirror(found[1], 0) * (-1, 1, 1)
    assert sides(found, truth) == 0.5
