"""Test the cut-out augmentation: image and joints move alike, and the shadow stays behind."""

import cv2
import numpy as np
import pytest

from synth.data.sets import cut_out_augmentation
from synth.data.sets.cut_out_augmentation import Transform
from tests.support.bodies import body

SIDE = 256
STILL = np.array([(1.0, 0, 0), (0, 1, 0)])
PLATE = np.full((SIDE, SIDE, 3), 180, np.uint8)
QUARTER = np.array([(0, -1.0, SIDE), (1, 0, 0)])  # (x, y) to (side - y, x)


def spread() -> np.ndarray:
    """Return a body whose arms are held out, clear of its legs."""
    pose = body(150, 220, 128)
    pose[7:11, 1] = pose[5, 1]
    pose[[7, 9], 0] += (12, 30)
    pose[[8, 10], 0] -= (12, 30)
    return pose


def figure(pose: np.ndarray) -> np.ndarray:
    """Return a picture of a thick black body with a dot of its own red at every joint."""
    picture = PLATE.copy()
    for a, b in ((0, 5), (0, 6), (5, 6), (5, 7), (7, 9), (6, 8), (8, 10), (5, 11), (6, 12), (11, 12), (5, 12), (6, 11),
                 (11, 13), (13, 15), (12, 14), (14, 16)):  # fmt: skip
        ends = [tuple(int(v) for v in pose[i, :2]) for i in (a, b)]
        cv2.line(picture, *ends, (0, 0, 0), 15)  # type: ignore[call-overload]
    for joint in (9, 10, 15, 16):
        cv2.circle(picture, tuple(int(v) for v in pose[joint, :2]), 4, (255, 0, 0), -1)
    return picture


def red(picture: np.ndarray) -> list[np.ndarray]:
    """Return the middles ``x, y`` of the red dots, in no order."""
    dots = ((picture[..., 0] > 150) & (picture[..., 1] < 80)).astype(np.uint8)
    count, _, stats, middles = cv2.connectedComponentsWithStats(dots)
    return [middles[i] + 0.5 for i in range(1, count) if stats[i, cv2.CC_STAT_AREA] > 12]


@pytest.mark.parametrize(
    "move", [Transform(STILL, 0.0), Transform(QUARTER, 0.0), Transform(STILL, 0.9), Transform(QUARTER, -0.6)]
)
def test_picture_and_joints_go_the_same_way(move: Transform):
    pose = spread()
    moved, joints = (
        cut_out_augmentation.move_character(figure(pose), PLATE, pose, move),
        cut_out_augmentation.move_pose(pose, move),
    )
    found = red(moved)
    assert len(found) == 4
    for joint in (9, 10, 15, 16):
        assert min(np.linalg.norm(dot - joints[joint, :2]) for dot in found) < 2.5
    assert np.array_equal(joints[:, 2], pose[:, 2])


def test_bending_turns_what_is_above_the_hips_about_them_and_nothing_else():
    pose = spread()
    bent = cut_out_augmentation.bend_upper_body(pose, np.pi / 2)
    assert np.array_equal(bent[11:], pose[11:])
    hips = pose[11:13, :2].mean(0)
    away = pose[:11, :2] - hips
    assert bent[:11, :2] - hips == pytest.approx(np.stack([-away[:, 1], away[:, 0]], 1), abs=1e-3)


def test_a_shadow_on_the_ground_is_left_behind():
    pose = spread()
    picture = figure(pose)
    cv2.ellipse(picture, (190, 226), (45, 8), 0, 0, 360, (126, 126, 126), -1)
    cover = cut_out_augmentation.character_mask(picture, PLATE, pose)
    assert cover[226, 190] == 0
    assert cover[int(pose[13, 1]), int(pose[13, 0])] == 255
    moved = cut_out_augmentation.move_character(picture, PLATE, pose, Transform(STILL, 0.0))
    assert np.array_equal(moved[226, 190], PLATE[0, 0])


def test_a_transformed_body_is_in_the_picture_and_one_that_is_not_seen_is_left_alone():
    pose, turned, bends = spread(), [], []
    for seed in range(60):
        move = cut_out_augmentation.random_transform(pose, SIDE, np.random.default_rng(seed))
        assert move
        joints = cut_out_augmentation.move_pose(pose, move)[:, :2]
        assert (joints >= 0).all()
        assert (joints <= SIDE).all()
        turned.append(abs(np.degrees(np.arctan2(move.matrix[1, 0], move.matrix[0, 0]))))
        bends.append(move.bend)
    assert max(turned) > 150
    assert min(turned) < 10
    assert 0.2 < np.mean(np.array(bends) != 0) < 0.6
    hidden = pose.copy()
    hidden[11, 2] = 0
    assert cut_out_augmentation.random_transform(hidden, SIDE, np.random.default_rng(0)) is None


def test_arms_over_the_legs_do_not_bend():
    hanging = body(150, 220, 128)
    moves = [cut_out_augmentation.random_transform(hanging, SIDE, np.random.default_rng(seed)) for seed in range(30)]
    assert all(move and move.bend == 0 for move in moves)


def test_who_cannot_be_told_from_the_background_is_not_cut_out():
    poses = np.stack([spread() + np.array((4 * i, 0, 0)) for i in range(-4, 5)]).astype(np.float32)
    frames = np.stack([figure(pose) for pose in poses])
    assert cut_out_augmentation.is_separable(frames, PLATE, poses)
    darker = (frames * 0.8).astype(np.uint8)
    assert not cut_out_augmentation.is_separable(darker, PLATE, poses), "the light has changed"
    assert not cut_out_augmentation.is_separable(frames, PLATE, poses * (1, 1, 0)), "no person is visible"
