"""Test that another person's limbs are removed by their length, and the person's own are kept."""

import numpy as np
import pytest

from synth.pixels.body.limbs import INNER, OUTER, REACH, is_larger, keep_one_body
from synth.pixels.body.pose import seen
from tests.support.bodies import body, moves


def test_poses_of_one_person_pass_unchanged():
    for pose in [*moves(), body(380, 460, 320)]:
        assert keep_one_body(pose) is pose
    bent = body(380, 460, 320)
    bent[[5, 6], 1] = bent[[11, 12], 1] - 10  # the trunk points at the camera
    assert keep_one_body(bent) is bent


@pytest.mark.parametrize(("joint", "gone"), [(13, {13, 15}), (15, {15}), (8, {8, 10}), (10, {10})])
def test_a_limb_that_reaches_to_somebody_else_is_missing_with_what_hangs_on_it(joint: int, gone: set[int]):
    pose = body(380, 460, 320)
    hanging = {int(outer) for inner, outer in zip(INNER, OUTER, strict=True) if inner == joint}
    pose[[joint, *hanging], 0] += 600
    found = keep_one_body(pose)
    assert set(np.flatnonzero(found[:, 2] == 0)) == gone
    assert np.array_equal(found[:, :2], pose[:, :2])
    assert pose[joint, 2] > 0, "what went in is not changed"


@pytest.mark.parametrize(("joint", "hanging"), [(6, (8, 10)), (5, (7,)), (12, (14, 16)), (11, ())])
def test_a_shoulder_or_hip_of_somebody_else_is_missing_with_what_hangs_there(joint: int, hanging: tuple[int, ...]):
    pose = body(380, 460, 320)
    pose[[joint, *hanging], 0] += 600
    assert set(np.flatnonzero(keep_one_body(pose)[:, 2] == 0)) >= {joint, *hanging}
    own = 11 - joint if joint < 7 else 23 - joint
    assert keep_one_body(pose)[own, 2] > 0
    pose[:5, 2] = 0
    pose[own, 2] = 0.5
    assert keep_one_body(pose)[own, 2] == 0, "without a head, the less sure one"


def test_how_far_is_too_far_is_told_by_the_body_itself():
    pose = np.zeros((17, 3), np.float32)
    pose[[5, 7, 9]] = [[0, 0, 1], [100, 0, 1], [200, 0, 1]]
    pose[[6, 8]] = [[50, 0, 1], [50 + 100 * REACH + 1, 0, 1]]
    assert set(np.flatnonzero(keep_one_body(pose)[:, 2] != pose[:, 2])) == {8}
    pose[8, 0] -= 2
    assert keep_one_body(pose) is pose


def test_who_is_larger_is_told_by_the_limbs_that_are_seen_of_both():
    near, far = body(380, 460, 320), body(300, 460, 120)
    assert is_larger(far, near)
    assert is_larger(far, near, 1.2)
    assert not is_larger(far, near, 1.3)
    assert not is_larger(near, far)
    near[13:, 2] = 0
    assert is_larger(far, near, 1.2), "behind a desk"
    far[9:11, 0] += (-90, 90)
    assert is_larger(far, near), "who stretches the arms is not larger"
    near[:13, 2] = 0
    assert not is_larger(far, near), "nothing to compare"


def test_nothing_seen_is_nothing_lost():
    nobody = np.zeros((17, 3), np.float32)
    assert keep_one_body(nobody) is nobody


def test_joints_in_another_place_are_somebody_elses():
    pose = body(100, 220, 60)
    pose[[0, 2, 4, 5, 7, 9, 11, 13, 15], 0] += 240  # the half of a body, where its double stands
    pose[::2, 2] = 0.9
    found = keep_one_body(pose)
    assert found[seen(found), 0].max() < 120 or found[seen(found), 0].min() > 240
    assert seen(found).sum() >= 5
