"""Test retargeting between bodies: measured, moved, completed; exact where possible."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.pixels.body.body import KINDS, Body, with_middles
from synth.pixels.body.measure import measure
from synth.pixels.body.pose import (
    from_points,
    seen,
)
from synth.pixels.body.retarget import retarget
from tests.support.bodies import body, moves


def test_a_measured_body_is_what_it_was():
    poses = np.stack([body(160, 220, x) for x in np.linspace(100, 150, 51)])
    found = measure(poses, (256, 256))
    assert found.ground == pytest.approx((220, 220, 220))
    assert found.stature == pytest.approx((found.at(0)[1],) * 2)
    assert found.across == pytest.approx((101, 125, 149))
    joints = with_middles(poses[0])
    thigh = np.linalg.norm(joints[13, :2] - joints[11, :2])
    assert found.limbs[KINDS.index("thigh")] * found.stature[1] == pytest.approx(thigh, rel=1e-5)
    assert found.rest[0][2] == 1


def test_jumps_are_not_walks():
    """A jumping body keeps its size; a body that walks away shrinks."""
    jumps = np.stack([body(160, 220 - 40 * (i % 8 == 0)) for i in range(80)])
    assert measure(jumps, (256, 256)).ground == pytest.approx((220, 220, 220), abs=0.1)
    walks = np.stack([body(160 - 40 * (i % 8 == 0), 220 - 40 * (i % 8 == 0)) for i in range(80)])
    found = measure(walks, (256, 256))
    assert found.ground == pytest.approx((180, 220, 220), abs=0.1)
    assert found.stature[0] / found.stature[1] == pytest.approx(120 / 160, rel=1e-3)


@pytest.mark.parametrize("shape", [{}, {"legs": 0.5, "head": 2.0}])
def test_the_targets_own_poses_go_through_unchanged(shape: dict[str, Any]):
    poses = moves(**shape)
    target = measure(poses, (256, 256))
    for pose in poses:
        assert retarget(pose, target, target) == pytest.approx(pose, abs=1e-3)


@pytest.mark.parametrize("shape", [{}, {"legs": 0.5, "head": 2.0}])
def test_twice_as_tall_off_centre_and_nearer_lands_on_the_targets_feet_line(shape: dict[str, Any]):
    poses = moves(**shape)
    source = (poses * (2, 2, 1) + (700, 310, 0)).astype(np.float32)
    target = measure(poses, (256, 256))
    person = measure(source, (1080, 1920))
    for near, own in zip(source, poses, strict=True):
        assert retarget(near, person, target) == pytest.approx(own, abs=2e-3)


def test_directions_are_the_sources_and_lengths_the_targets():
    source, target = moves(), moves(legs=0.5, head=2.0)
    person, character = measure(source, (256, 256)), measure(target, (256, 256))
    pose = source[7]
    moved = retarget(pose, person, character)
    a, b = with_middles(pose.astype(float)), with_middles(moved.astype(float))
    for child, parent in ((13, 11), (16, 14), (7, 5), (10, 8), (17, 18)):
        ours, theirs = a[child, :2] - a[parent, :2], b[child, :2] - b[parent, :2]
        cosine = ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)
        assert cosine == pytest.approx(1, abs=1e-6)
    tall = character.at(character.depth(float(moved[15:, 1].max())))[1] / person.at(person.depth(pose[15, 1]))[1]
    ratio = tall * character.limbs[KINDS.index("thigh")] / person.limbs[KINDS.index("thigh")]
    length = np.linalg.norm(b[13, :2] - b[11, :2]) / np.linalg.norm(a[13, :2] - a[11, :2])
    assert length == pytest.approx(ratio, rel=0.02)


def test_a_usual_face_becomes_the_targets_usual_face():
    """Only a head's turns and nods are scaled, not that the person's ears are lower than the character's."""
    low_ears = moves(hop=0)
    low_ears[:, 3:5, 1] += 6
    person, character = measure(low_ears, (256, 256)), measure(moves(legs=0.5, head=3.0), (256, 256))
    moved, own = retarget(low_ears[0], person, character), body(legs=0.5, head=3.0)
    assert moved[1:5, :2] - moved[0, :2] == pytest.approx(own[1:5, :2] - own[0, :2], rel=0.12, abs=0.3)


def test_both_feet_stand_on_the_targets_line_and_a_jump_leaves_it():
    source = np.stack([body(300, 700, 640) for _ in range(20)])
    target = np.stack([body(160, 220, legs=0.5, head=2.0) for _ in range(20)])
    person, character = measure(source, (720, 1280)), measure(target, (256, 256))
    standing = retarget(source[0], person, character)
    assert standing[15:, 1] == pytest.approx(220, abs=1e-3)
    assert standing[:, 0].mean() == pytest.approx(128, abs=1e-3)
    jump = source[0] - np.array([0, 60, 0], np.float32)
    scale = character.stature[1] / person.stature[1]
    assert retarget(jump, person, character)[15:, 1] == pytest.approx(220 - 60 * scale, abs=1e-3)


def test_a_handstand_stands_on_its_hands():
    person = measure(moves(), (256, 256))
    upside = moves()[0].copy()
    upside[9:11, 1] = -70 + upside[5:7, 1]
    upside[:, 1] = 220 - (upside[:, 1] - upside[:, 1].min())
    character = measure(moves(legs=0.5, head=2.0), (256, 256))
    moved = retarget(upside, person, character)
    assert moved[:, 1].argmax() in (9, 10)
    assert moved[:, 1].max() == pytest.approx(220, abs=10)


def test_only_the_upper_body_seen_the_legs_rest():
    character = measure(moves(legs=0.5, head=2.0), (256, 256))
    near = body(500, 560, 320)[:, :]
    near[11:, 2] = 0  # a face, shoulders and arms before a desk
    person = measure(near[None], (480, 640))
    assert person.ground == ()
    moved = retarget(near, person, character)
    assert moved[11:] == pytest.approx(character.pose[11:], abs=1e-3)
    assert moved[:, 2].min() == 1
    assert moved[5:7, 1] == pytest.approx(character.pose[5:7, 1], abs=3)
    raised = near.copy()
    raised[9, :2] = raised[7, :2] - (0, 80)
    assert retarget(raised, person, character)[9, 1] < moved[9, 1] - 20
    lean = near + np.array([30, 0, 0], np.float32)
    assert retarget(lean, person, character)[0, 0] > moved[0, 0] + 3
    assert retarget(lean, person, character)[15:, 0] == pytest.approx(moved[15:, 0], abs=10)


def test_a_head_below_its_shoulders_rests_where_the_torso_is_not_seen():
    character = measure(moves(legs=0.5, head=2.0), (256, 256))
    near = body(500, 560, 320)
    person = measure(near[None], (480, 640))
    bowed = near.copy()
    bowed[:5, 1] = 2 * near[5, 1] - near[:5, 1]
    assert retarget(bowed, person, character)[0, 1] > character.pose[5, 1], "the hips are seen: so is the bow"
    bowed[11:, 2] = 0
    moved = retarget(bowed, person, character)
    neck = character.pose[5:7, :2].mean(0)
    assert moved[:5, 2].tolist() == [1] * 5
    assert moved[:5, :2] - moved[5:7, :2].mean(0) == pytest.approx(character.pose[:5, :2] - neck, abs=1e-3)


def test_missing_arms_hang_and_a_missing_elbow_is_bridged():
    poses = moves()
    person = measure(poses, (256, 256))
    pose = poses[0].copy()
    pose[[7, 9, 8], 2] = 0
    moved = retarget(pose, person, person)
    assert moved[:, 2].min() == 1
    hang = person.pose[9, :2] - person.pose[5, :2]
    assert moved[9, :2] - moved[5, :2] == pytest.approx(hang, abs=1e-3)
    assert moved[10] == pytest.approx(poses[0, 10], abs=1e-3), "the wrist without an elbow stays where it is seen"
    pose[3, 2] = 0
    assert retarget(pose, person, person)[3, 2] == 0, "a turned head shows one ear"


def test_whatever_is_missing_the_pose_is_finite_and_near():
    rng = np.random.default_rng(0)
    poses = moves()
    person, character = measure(poses, (256, 256)), measure(moves(legs=0.5, head=2.0), (256, 256))
    for _ in range(300):
        pose = poses[rng.integers(60)].copy()
        pose[rng.random(17) < rng.random()] = np.nan
        out = retarget(pose, person, character)
        assert np.isfinite(out).all() or not seen(out)[~np.isfinite(out).all(-1)].any()
        assert seen(out)[5:].all()
        assert np.abs(out[seen(out), :2] - 128).max() < 200


def test_a_body_travels_as_json_and_scales():
    found = measure(moves(), (256, 256))
    assert Body.from_json(found.to_json()) == found
    double = found.scaled(2)
    pose = moves()[5]
    assert retarget(pose, found, double)[:, :2] == pytest.approx(pose[:, :2] * 2, abs=1e-2)
    for text in ("", "{}", "[]", found.to_json().replace('"rest": [', '"rest": [[0, 0, 0], ')):
        with pytest.raises(ValueError, match="Export it again"):
            Body.from_json(text)
    with pytest.raises(ValueError, match="No person can be measured"):
        measure(np.zeros((3, 17, 3)), (256, 256))


def test_the_dancers_own_poses_go_through_unchanged():
    folder = Path(os.environ.get("SYNTH_DATA", "")) / "dancers"
    if not os.environ.get("SYNTH_DATA") or not folder.is_dir():
        pytest.skip("set SYNTH_DATA to try this on the dancers")
    for name in ("ava", "rogue"):
        found = np.load(folder / name / "keypoints.npz")
        poses = from_points(found["train_xy"], found["train_vis"], found["names"].tolist())[::10]
        target = measure(poses, (256, 256))
        for pose in poses:
            assert retarget(pose, target, target)[:, :2] == pytest.approx(pose[:, :2], abs=1e-3)
