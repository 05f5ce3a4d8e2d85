"""Test keypoints: conversion of conventions, OpenPose files, and peaks of belief maps."""

import json

import numpy as np
import pytest

from synth.pixels.body import openpose, peaks
from synth.pixels.body.pose import (
    BODY_18,
    BODY_25,
    BODY_67,
    COCO,
    from_points,
    largest,
    mirror,
    seen,
    to_body_25,
    to_coco,
)
from tests.support.bodies import body


def numbered(count: int) -> np.ndarray:
    return np.stack([np.arange(count), np.arange(count) + 100, np.full(count, 0.5)], 1).astype(np.float32)


def test_body_25_keeps_what_coco_knows():
    coco = numbered(17)
    both = to_body_25(coco)
    assert both.shape == (25, 3)
    assert np.array_equal(to_coco(both), coco)
    assert both[BODY_25.index("neck")].tolist() == [5.5, 105.5, 0.5]
    assert both[BODY_25.index("mid_hip")].tolist() == [11.5, 111.5, 0.5]
    assert both[19:, 2].max() == 0, "feet are not invented"
    assert to_body_25(coco[None, None]).shape == (1, 1, 25, 3)


def test_a_middle_is_as_sure_as_its_less_sure_end():
    coco = numbered(17)
    coco[5, 2] = 0
    assert to_body_25(coco)[1, 2] == 0


def test_the_older_openpose_model_and_unknown_shapes():
    assert BODY_18[8:11] == ("right_hip", "right_knee", "right_ankle")
    assert to_coco(numbered(18))[COCO.index("left_ankle"), 0] == BODY_18.index("left_ankle")
    with pytest.raises(ValueError, match=r"\[17, 3\]"):
        to_coco(np.zeros((16, 3)))


@pytest.mark.parametrize("names", [COCO, BODY_18, BODY_25, BODY_67])
def test_a_mirror_swaps_sides_and_undoes_itself(names: tuple[str, ...]):
    points = numbered(len(names))
    there = mirror(points, 256)
    assert np.array_equal(mirror(there, 256), points)
    left, right = names.index("left_ankle"), names.index("right_ankle")
    assert there[left].tolist() == [256 - points[right, 0], points[right, 1], 0.5]
    assert there[names.index("nose"), 0] == 256 - points[0, 0]


def test_rendered_points_become_keypoints_by_name():
    names = [*COCO, "neck", "left_toe", "right_toe", "left_heel", "right_heel", "head_top", "pelvis"]
    xy = np.arange(2 * len(names), dtype=np.float32).reshape(1, -1, 2)
    visible = np.full((1, len(names)), 2)
    visible[0, :3] = (0, 1, 2)
    found = from_points(xy, visible, names)
    assert found.shape == (1, 17, 3)
    assert found[0, :3].tolist() == [[0.25, 1.25, 0], [2.25, 3.25, 0.5], [4.25, 5.25, 1]]
    feet = from_points(xy, visible, names, BODY_25)
    assert feet[0, BODY_25.index("left_big_toe"), 0] == 2 * names.index("left_toe") + 0.25
    assert feet[0, BODY_25.index("left_small_toe"), 2] == 0


def test_the_largest_person_counts():
    near, far = body(200, 230), body(90, 150, 40)
    people = np.stack([far, near, np.zeros((17, 3), np.float32)])
    assert largest(people) is not None
    assert np.array_equal(largest(people), near)  # type: ignore[arg-type]
    assert largest(people[2:]) is None
    assert largest(people[:0]) is None


def test_openpose_json_there_and_back():
    people = to_body_25(np.stack([body(), body(100, 180, 60)]))
    assert openpose.read(openpose.write(people)) == pytest.approx(people, abs=1e-3)
    hands = np.concatenate([people[0], numbered(42)])[None]
    assert openpose.read(openpose.write(hands)) == pytest.approx(hands, abs=1e-3)
    assert openpose.read('{"people": []}').shape == (0, 25, 3)


@pytest.mark.parametrize(("middle", "side"), [("neck", "left_shoulder"), ("mid_hip", "right_hip")])
def test_a_neck_beside_a_missing_shoulder_is_kept(middle: str, side: str):
    person = to_body_25(body())
    person[BODY_25.index(middle)] = (70, 40, 0.8)
    person[BODY_25.index(side)] = 0
    row = {"pose_keypoints_2d": person.ravel().tolist()}
    (read,) = openpose.read(json.dumps({"people": [row]}))
    assert read[BODY_25.index(middle)] == pytest.approx([70, 40, 0.8])
    assert openpose.read(openpose.write(read[None]))[0] == pytest.approx(read, abs=1e-3)
    assert not seen(read)[BODY_25.index(side)]


def test_openpose_json_as_openpose_writes_it():
    person = {"pose_keypoints_2d": [*(1.5, 2.5, 0.9), *([0] * 72)], "hand_left_keypoints_2d": [], "person_id": [-1]}
    read = openpose.read(json.dumps({"version": 1.3, "people": [person]}))
    assert read[0, 0] == pytest.approx([1.5, 2.5, 0.9])
    assert not seen(read[0])[1:].any()
    older = {"pose_keypoints_2d": numbered(18).ravel().tolist()}
    assert openpose.read(json.dumps({"people": [older]}))[0, BODY_25.index("right_hip"), 0] == 8


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"people": 3}', '{"people": [{"pose_keypoints_2d": [1, 2, 3]}]}'])
def test_other_json_ends_in_a_sentence(text: str):
    with pytest.raises(ValueError, match="not a pose file that OpenPose wrote"):
        openpose.read(text)


def test_peaks_are_found_between_the_cells():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(8, 184, (17, 2)), np.ones((17, 1))], 1)
    found = peaks.find_peaks(peaks.gaussian_maps(points, 48, 48, stride=4), stride=4)
    assert found[:, :2] == pytest.approx(points[:, :2], abs=1e-3)
    assert found[:, 2].min() > 0.89, "at worst half a cell aside in both directions"


def test_peaks_at_the_border_and_nowhere():
    belief = np.zeros((3, 5, 7), np.float32)
    belief[0, 0, 6] = 0.7
    belief[1] = 0.3
    assert peaks.find_peaks(belief, 8).tolist() == [
        [52, 4, pytest.approx(0.7)],
        [4, 4, pytest.approx(0.3)],
        [4, 4, 0],
    ]
