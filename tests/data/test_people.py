"""Test the reading of people with joint labels: whose face is seen, and what a rendered set says."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from synth.data.sets.people import TURNED, merge_labels, trust_teacher, turned_away, wardrobe
from synth.pixels.body.pose import mirror


def person() -> np.ndarray:
    """Return an upright person ``[17, 3]`` who faces the camera: the left side is on the right of the image."""
    x = [50, 53, 47, 56, 44, 65, 35, 70, 30, 70, 30, 60, 40, 60, 40, 60, 40]
    y = [20, 18, 18, 19, 19, 35, 35, 55, 55, 75, 75, 80, 80, 110, 110, 140, 140]
    return np.stack([x, y, np.ones(17)], 1).astype(np.float32)


def back() -> np.ndarray:
    """Return the same places with the names of the other side, as of somebody who is seen from behind."""
    return mirror(person(), 0) * np.array((-1, 1, 1), np.float32)


def rotated(joints: np.ndarray, degrees: float) -> np.ndarray:
    turn = np.radians(degrees)
    matrix = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    result = joints.copy()
    result[:, :2] = (joints[:, :2] - 80) @ matrix.T + 80
    return result


@pytest.mark.parametrize("degrees", [0, 90, 180, 250])
def test_a_back_is_told_by_shoulders_and_hips_in_any_position(degrees: float):
    assert turned_away(rotated(back(), degrees))
    assert not turned_away(rotated(person(), degrees))


def test_shoulders_in_profile_or_unknown_do_not_say_that_it_is_a_back():
    profile = back()
    profile[5:7, 0] = (49, 51)
    assert not turned_away(profile)
    unknown = back()
    unknown[5, 2] = 0
    assert not turned_away(unknown)


def test_the_face_that_a_teacher_gives_a_back_is_not_used():
    for label in (trust_teacher, lambda joints: merge_labels(joints, joints)):
        assert label(person())[1].tolist() == [1] * 17
        assert label(back())[1].tolist() == [0] * 3 + [1] * 14


def test_rendered_people_keep_their_exact_joints_and_hide_the_face_of_a_back(tmp_path: Path):
    (tmp_path / "train/p0").mkdir(parents=True)
    joints = person() - (0.5, 0.5, 0)
    joints[0:3, 2] = joints[9, 2] = 0
    turned = {"train/p0/00.jpg": 10.0, "train/p0/01.jpg": -170.0}
    pictures = [{"file": file, "yaw": yaw, "joints": joints.tolist()} for file, yaw in turned.items()]
    for file in turned:
        cv2.imwrite(str(tmp_path / file), np.full((192, 192, 3), 90, np.uint8))
        worn = np.zeros((192, 192, 3), np.uint8)
        worn[20:150, 30:70] = (0, 0, 200)
        cv2.imwrite(str((tmp_path / file).with_suffix(".png")), worn)
    (tmp_path / "joints.json").write_text(json.dumps({"people": {"p0": {"split": "train", "pictures": pictures}}}))
    assert wardrobe(tmp_path, "test") == []
    facing, away = wardrobe(tmp_path, "train")
    np.testing.assert_allclose(facing.joints, person())
    np.testing.assert_allclose(away.joints[:, :2], person()[:, :2])
    assert away.joints[:, 2].tolist() == [pytest.approx(TURNED)] * 3 + [1] * 14, "a hidden wrist stays"
    assert away.mask is not None
    assert (away.mask[100, 50], away.mask[10, 10]) == (255, 0)
