"""Joints: conventions, figures, peaks, one body's pose on another's, steadiness; exact where that can be."""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.pixels import openpose, peaks, skeleton
from synth.pixels.body import KINDS, ROOT, Body, with_middles
from synth.pixels.follow import Follower
from synth.pixels.measure import measure
from synth.pixels.pose import (
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
from synth.pixels.retarget import retarget
from synth.pixels.smooth import Smoother

# Standing upright, arms down, feet together, facing us: hips' middle at 0, 0 and 100 units from nose to ankles.
# fmt: off
STANDING = np.array(
    [(0, -50), (3, -53), (-3, -53), (7, -51), (-7, -51), (12, -36), (-12, -36), (15, -18), (-15, -18), (16, -2),
     (-16, -2), (7, 0), (-7, 0), (7, 26), (-7, 26), (7, 50), (-7, 50)],
    float,
)
# fmt: on


def body(height: float = 160, feet: float = 220, x: float = 128, legs: float = 1.0, head: float = 1.0) -> np.ndarray:
    """Return a standing body ``[17, 3]``: nose to ankles ``height`` pixels (with long legs), ankles at ``feet``."""
    points = STANDING.copy()
    points[13:, 1] *= legs
    points[:5] = points[5:7].mean(0) + (points[:5] - points[5:7].mean(0)) * head
    points *= height / 100
    points[:, 0] += x
    points[:, 1] += feet - points[15:, 1].max()
    return np.concatenate([points, np.ones((17, 1))], 1).astype(np.float32)


def moves(count: int = 60, hop: float = 15, **shape: float) -> np.ndarray:
    """Return ``[T, 17, 3]``: a body that walks sideways and to the camera, waves, crouches and jumps."""
    rng = np.random.default_rng(0)
    poses = []
    for i in range(count):
        phase = 2 * np.pi * i / count
        near = 1 + 0.06 * np.sin(phase)
        pose = body(160 * near, 220 + 8 * np.sin(phase), 128 + 20 * np.cos(phase), **shape)
        if i:  # the first stands as it is
            pose[7:11, :2] += rng.normal(0, 6, (4, 2))
            pose[:11, 1] += 10 * (1 + np.sin(5 * phase))
            pose[:, 1] -= hop * (i % 10 == 0)
            pose[:5, :2] += rng.normal(0, 1, 2)
        poses.append(pose)
    return np.stack(poses).astype(np.float32)


def numbered(count: int) -> np.ndarray:
    return np.stack([np.arange(count), np.arange(count) + 100, np.full(count, 0.5)], 1).astype(np.float32)


# Conventions


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


# OpenPose files


def test_openpose_json_there_and_back():
    people = to_body_25(np.stack([body(), body(100, 180, 60)]))
    assert openpose.read(openpose.write(people)) == pytest.approx(people, abs=1e-3)
    hands = np.concatenate([people[0], numbered(42)])[None]
    assert openpose.read(openpose.write(hands)) == pytest.approx(hands, abs=1e-3)
    assert openpose.read('{"people": []}').shape == (0, 25, 3)


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


# The figure


def test_a_drawn_joint_is_found_where_it_is():
    """Alone in the picture, an upper arm's pixels have their middle half way between its ends."""
    points = np.zeros((17, 3), np.float32)
    points[5], points[7] = (100.3, 50.6, 1), (140.9, 90.2, 1)
    picture = skeleton.draw(points, 256, 256)
    rows, columns = np.nonzero(picture.any(-1))
    weight = picture[rows, columns].sum(-1).astype(float)
    assert np.average(columns + 0.5, weights=weight) == pytest.approx(120.6, abs=0.1)
    assert np.average(rows + 0.5, weights=weight) == pytest.approx(70.4, abs=0.1)


def test_every_limb_has_its_own_colour_and_sides_differ():
    colors = [color for a, b, color in skeleton.LIMBS if "toe" not in b and "heel" not in b]
    assert len(set(colors)) == len(colors)
    pose = body()
    assert not np.array_equal(skeleton.draw(pose, 256, 256), skeleton.draw(mirror(mirror(pose, 256), 0), 256, 256))
    drawn = {tuple(color) for color in skeleton.draw(pose, 256, 256).reshape(-1, 3).tolist()}
    assert {c for a, b, c in skeleton.LIMBS if "toe" not in b and "heel" not in b and "hip" not in a} <= drawn


def test_missing_joints_are_left_out():
    pose = body()
    pose[9, 2] = 0.1
    pose[3] = np.nan
    pose[10, :2] = 1e9
    picture = skeleton.draw(pose, 256, 256)
    gone = {color for a, b, color in skeleton.LIMBS if b in ("left_wrist", "right_wrist", "left_ear")}
    assert not gone & {tuple(color) for color in picture.reshape(-1, 3).tolist()}
    assert not skeleton.draw(np.zeros((17, 3)), 64, 48).any()


def test_feet_and_hands_are_drawn_where_known():
    plain = to_body_25(body())
    feet = plain.copy()
    feet[19:] = [(150, 225, 1), (152, 226, 1), (138, 222, 1), (110, 225, 1), (108, 226, 1), (118, 222, 1)]
    hands = np.concatenate([plain, np.full((42, 3), 0.0)])
    hands[25:46] = np.stack([np.linspace(200, 240, 21), np.linspace(40, 80, 21), np.ones(21)], 1)
    empty = skeleton.draw(plain, 256, 256)
    assert np.array_equal(empty, skeleton.draw(to_coco(plain), 256, 256)), "one figure for both conventions"
    assert (skeleton.draw(feet, 256, 256) != empty).any(-1)[221:].sum() > 20
    assert (skeleton.draw(hands, 256, 256) != empty).any(-1)[40:80, 200:240].sum() > 50


@pytest.mark.parametrize(("height", "width", "thick"), [(64, 64, 1), (256, 256, 4), (512, 288, 8)])
def test_thickness_is_a_share_of_the_height(height: int, width: int, thick: int):
    points = np.zeros((17, 3), np.float32)
    points[5], points[7] = (width / 4, height / 2, 1), (width * 0.75, height / 2, 1)
    column = skeleton.draw(points, height, width)[:, width // 2].max(-1)
    assert column.astype(float).sum() / 255 == pytest.approx(thick, rel=0.6, abs=0.8)


def test_drawing_takes_less_than_two_milliseconds():
    """Measured 0.4 ms on a busy two-core machine."""
    pose, took = body(), []
    for _ in range(30):
        start = time.perf_counter()
        skeleton.draw(pose, 256, 256)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.002


# Peaks


def test_peaks_are_found_between_the_cells():
    rng = np.random.default_rng(0)
    points = np.concatenate([rng.uniform(8, 184, (17, 2)), np.ones((17, 1))], 1)
    found = peaks.find(peaks.spread(points, 48, 48, stride=4), stride=4)
    assert found[:, :2] == pytest.approx(points[:, :2], abs=1e-3)
    assert found[:, 2].min() > 0.89, "at worst half a cell aside in both directions"


def test_peaks_at_the_border_and_nowhere():
    belief = np.zeros((3, 5, 7), np.float32)
    belief[0, 0, 6] = 0.7
    belief[1] = 0.3
    assert peaks.find(belief, 8).tolist() == [
        [52, 4, pytest.approx(0.7)],
        [4, 4, pytest.approx(0.3)],
        [4, 4, 0],
    ]


# One body on another


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
    """Who jumps stays as large; who walks away shrinks."""
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


# Following


def test_a_follower_settles_on_the_targets_own_motion():
    poses = moves(120, hop=0)
    follow = Follower(measure(poses, (256, 256)), mirrored=False)
    wide = (poses * (3, 3, 1) + (50, 40, 0)).astype(np.float32)
    out: list[np.ndarray] = []
    for lap in range(4):
        out = [follow(pose, lap * 12 + i / 10, (850, 900)) for i, pose in enumerate(wide)]
    error = np.abs(np.stack(out) - poses)[..., :2]
    body_error = np.delete(error, (7, 8, 9, 10), axis=1)  # the arms here change their lengths
    assert follow.mode == "whole"
    assert np.median(body_error) < 0.5
    assert body_error.max() < 4


def test_mirrored_is_the_default_and_can_be_turned_while_running():
    character = measure(moves(), (256, 256))
    raised = body(160, 220)
    raised[10, :2] = raised[8, :2] - (10, 40)  # the person's right hand, on the left of the camera's picture
    follow = Follower(character)
    out = follow(raised, 0.0, (256, 256))
    assert out[9, 1] < out[7, 1] - 10, "the character's left hand, on the right of the screen"
    assert out[9, 0] > out[ROOT - 7, 0]
    follow.mirrored = False
    out = follow(raised, 0.1, (256, 256))
    assert out[10, 1] < out[8, 1] - 10


def test_nobody_means_rest_and_changes_do_not_jump():
    character = measure(moves(), (256, 256))
    follow = Follower(character)
    assert follow(None, 0.0, (256, 256)) == pytest.approx(character.pose)
    pose = body(240, 240, 180)
    pose[7:11, 1] -= 60
    last = follow(np.zeros((17, 3), np.float32), 0.03, (256, 256))
    biggest = 0.0
    for i in range(60):
        seen_now = None if 20 <= i < 40 else pose
        now = follow(seen_now, 0.06 + i / 30, (256, 256))
        biggest = max(biggest, float(np.abs(now - last)[:, :2].max()))
        last = now
    assert follow.mode == "whole"
    assert biggest < 25, "a passage of 60 pixels and more, in small steps"


def test_ankles_that_flicker_do_not_shake_the_legs():
    follow = Follower(measure(moves(), (256, 256)))
    upper = body(300, 300)
    upper[11:, 2] = 0
    follow(upper, 0.0, (256, 256))
    modes = []
    for i in range(1, 40):
        pose = body(300, 300) if i % 3 == 0 else upper
        follow(pose, i / 30, (256, 256))
        modes.append(follow.mode)
    assert set(modes) == {"upper"}


def test_recalibration_forgets_the_person():
    character = measure(moves(), (256, 256))
    follow = Follower(character, mirrored=False)
    for i in range(30):
        follow(body(400, 500, 200), i / 10, (600, 600))
    follow.recalibrate()
    assert follow.body is None
    out = follow(body(150, 300, 500), 3.1, (600, 600))
    assert follow.body is not None
    for i in range(30):
        out = follow(body(150, 300, 500), 3.2 + i / 10, (600, 600))
    assert out[15:, 1] == pytest.approx(character.ground[1], abs=0.1)


# Steadiness


def test_a_constant_signal_is_unchanged():
    smooth = Smoother()
    for i in range(20):
        assert np.array_equal(smooth(body(), i / 30), body())


def test_trembling_falls_to_a_quarter_of_its_variance():
    rng = np.random.default_rng(0)
    smooth, noisy = Smoother(), body()[None].repeat(600, 0)
    noisy[..., :2] += rng.normal(0, 0.7, (600, 17, 2))
    steady = np.stack([smooth(pose, i / 30) for i, pose in enumerate(noisy)])[60:]
    assert steady[..., :2].var(0).mean() < noisy[60:, :, :2].var(0).mean() / 4


def test_a_step_is_followed_within_a_tenth_of_a_second():
    smooth = Smoother()
    for i in range(30):
        smooth(body(), i / 30)
    moved = body(x=178)
    out = [smooth(moved, 1 + i / 30) for i in range(4)]
    assert out[3][0, 0] - 128 > 45, "90% after 0.1 s"
    assert out[3][0, 0] <= 178.01, "and not beyond"


def test_uneven_frames_do_not_matter():
    """A steady walk seen at 30 frames per second, and the same with frames dropped, ends in the same place."""
    even, uneven = Smoother(), Smoother()
    times = np.arange(0, 2, 1 / 30)
    kept = np.random.default_rng(1).random(len(times)) < 0.7
    kept[-1] = True
    a = b = np.zeros((17, 3), np.float32)
    for i, now in enumerate(times):
        pose = body(x=60 + 50 * now)
        a = even(pose, now)
        if kept[i]:
            b = uneven(pose, now)
    assert a == pytest.approx(b, abs=2)
    assert np.isfinite(even(body(), 0.5)).all(), "a clock that runs back is survived"


def test_more_smoothness_is_steadier():
    rng = np.random.default_rng(0)
    noisy = body()[None].repeat(200, 0)
    noisy[..., :2] += rng.normal(0, 1, (200, 17, 2))
    variances = []
    for amount in (0.0, 0.5, 1.0):
        smooth = Smoother()
        smooth.smoothness(amount)
        variances.append(np.stack([smooth(pose, i / 30) for i, pose in enumerate(noisy)])[30:, :, :2].var(0).mean())
    assert variances[0] > variances[1] * 1.3 > variances[2] * 1.3 * 1.3
    default = Smoother()
    default.smoothness(0.5)
    assert (default.cutoff, default.beta) == (Smoother().cutoff, Smoother().beta)


def test_a_dropped_joint_holds_then_fades_then_is_forgotten():
    smooth = Smoother(hold=0.3, fade=0.4)
    for i in range(31):
        smooth(body(), i / 30)
    gone = body()
    gone[9] = (5, 5, 0.05)
    scores = {t: smooth(gone, 1 + t)[9] for t in (0.1, 0.3, 0.5, 0.7, 0.8)}
    assert [float(s[2]) for s in scores.values()] == pytest.approx([1, 1, 0.5, 0, 0], abs=1e-4)
    assert all(s[:2] == pytest.approx(body()[9, :2]) for s in scores.values())
    back = body()
    back[9, :2] = (20, 30)
    assert smooth(back, 1.9)[9].tolist() == [20, 30, 1], "no sliding from where it was"


def test_a_joint_never_seen_stays_at_nought():
    smooth, pose = Smoother(), body()
    pose[4] = np.nan
    out = smooth(pose, 0.0)
    for i in range(1, 5):
        out = smooth(pose, i / 30)
    assert out[4].tolist() == [0, 0, 0]
    assert np.isfinite(out).all()


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
