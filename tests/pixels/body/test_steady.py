"""Test that joints stay plausible over time: sides, leaps, limbs, size and ground."""

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from synth.benchmarks import motion
from synth.pixels.body.body import TREE, with_middles
from synth.pixels.body.facing import FacingFilter, evidence, facing_of_clip
from synth.pixels.body.limb_motion import LimbMotion
from synth.pixels.body.live_retargeting import LiveRetargeter
from synth.pixels.body.measure import measure
from synth.pixels.body.pose import seen
from synth.pixels.body.standing import Standing
from synth.pixels.body.steady_clip import steady_clip
from synth.pixels.body.steady_pose import SteadyPose
from tests.support.bodies import body, moves

FPS = 30
SIZE = 480, 640


def turned(angle: float) -> np.ndarray:
    """Return a standing body ``[17, 3]`` that is turned by an angle in radians: pi is from behind."""
    pose = body(380, 460, 320)
    pose[:, 0] = 320 + (pose[:, 0] - 320) * math.cos(angle)
    return pose


def swapped(pose: np.ndarray) -> np.ndarray:
    return pose[[0, 2, 1, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 16, 15]]


def turn() -> tuple[list[np.ndarray], np.ndarray]:
    """Return a clip of somebody who turns their back after a second, and turns round again after the fourth, and in
    which frames they face the camera.
    """
    angles = np.concatenate([np.zeros(30), np.linspace(0, np.pi, 18), np.full(90, np.pi), np.linspace(np.pi, 0, 18)])
    angles = np.concatenate([angles, np.zeros(30)])
    return [turned(angle) for angle in angles], np.cos(angles) > 0


def front(pose: np.ndarray | None) -> bool:
    assert pose is not None
    return bool(pose[5, 0] > pose[6, 0])


def test_a_back_that_is_taken_for_a_front_in_most_frames_is_a_back():
    poses, faces = turn()
    random = np.random.default_rng(0)
    said = [pose if face or random.random() > 0.6 else swapped(pose) for pose, face in zip(poses, faces, strict=True)]
    found = steady_clip(said, [i / FPS for i in range(len(said))])
    right = np.array([front(pose) for pose in found]) == faces
    assert right.mean() > 0.97
    assert np.mean([front(pose) == face for pose, face in zip(said, faces, strict=True)]) < 0.75


def test_live_a_turn_is_seen_within_a_quarter_of_a_second():
    poses, faces = turn()
    steady = SteadyPose()
    right = np.array(
        [front(steady(pose, i / FPS)) == face for i, (pose, face) in enumerate(zip(poses, faces, strict=True))]
    )
    assert (~right).sum() <= 2 * FPS / 4
    assert right[60:130].all()


def test_one_swapped_frame_is_turned_back():
    steady = SteadyPose()
    for i in range(30):
        assert front(steady(swapped(turned(0)) if i == 20 else turned(0), i / FPS))
    assert (steady.counts.swapped, steady.counts.found) == (1, 30)


def test_the_filter_and_the_path_agree_on_somebody_who_faces_the_camera():
    likely = [evidence(turned(0.3), 380)] * 20
    live = FacingFilter()
    assert all(live(one, 1 / FPS) for one in likely)
    assert facing_of_clip([None, *likely], np.arange(21) / FPS).all()


def test_a_leap_is_believed_only_after_it_stays():
    steady, still = SteadyPose(), body(380, 460, 320)
    for i in range(30):
        steady(still, i / FPS)
    leapt = still.copy()
    leapt[15, :2] += (150, -120)
    once = steady(leapt, 30 / FPS)
    assert once is not None
    assert not seen(once)[15]
    assert seen(once)[[0, 5, 9, 14, 16]].all()
    assert steady.counts.held == 1
    for i in range(31, 40):
        pose = steady(still, i / FPS)
        assert pose is not None
        assert seen(pose).all()


def test_nobody_stands_on_their_head_from_one_frame_to_the_next():
    steady, still = SteadyPose(), body(380, 460, 320)
    for i in range(30):
        steady(still, i / FPS)
    upside = still.copy()
    upside[:, 1] = 540 - upside[:, 1]
    for i in range(30, 45):
        pose = steady(upside, i / FPS)
        assert pose is not None
        assert pose[0, 1] < pose[11, 1], "held as it was"


def test_somebody_who_comes_back_is_seen_at_once():
    steady = SteadyPose()
    for i in range(30):
        steady(body(380, 460, 200), i / FPS)
    assert steady(None, 1.0) is None
    pose = steady(body(380, 460, 500), 3.0)
    assert pose is not None
    assert seen(pose).all()


def test_a_jump_leaves_size_and_ground_as_they_are():
    standing, found = Standing(), []
    for i in range(150):
        high = 120 * max(0.0, math.sin(math.pi * (i - 60) / 24)) if 60 <= i < 84 else 0.0
        found.append(standing(with_middles(body(380, 460 - high, 320).astype(np.float64)), 1 / FPS))
    assert {round(stance.line) for stance in found if stance} == {460}
    assert np.ptp([stance.tall for stance in found if stance]) < 1


def test_who_walks_away_becomes_smaller_and_their_ground_goes_up():
    standing, stance = Standing(), None
    for i in range(300):
        share = 1 - 0.3 * min(i / 200, 1)
        stance = standing(with_middles(body(380 * share, 460 - 100 * (1 - share), 320).astype(np.float64)), 1 / FPS)
    assert stance is not None
    first = Standing()(with_middles(body(380, 460, 320).astype(np.float64)), 0)
    assert first is not None
    assert stance.tall / first.tall == pytest.approx(0.7, rel=0.08)
    assert stance.line == pytest.approx(430, abs=3)


def test_limbs_are_never_much_longer_than_they_are_nor_faster_than_limbs():
    target, random = measure(moves(), (256, 256)), np.random.default_rng(0)
    lengths = np.array(target.limbs) * target.usual_stature
    move, last = LimbMotion(), None
    for _ in range(100):
        vectors = move(random.normal(0, 80, (19, 2)), random.random(19), lengths, 1 / FPS)
        for child, _, kind in TREE:
            if kind < 8:
                assert np.hypot(*vectors[child]) <= 1.09 * lengths[kind]
        if last is not None:
            way = np.abs(np.arctan2(vectors[18 - 1, 1], vectors[17, 0]) - np.arctan2(last[17, 1], last[17, 0]))
            assert min(way, 2 * np.pi - way) <= 6 / FPS + 1e-6, "the torso"
        last = vectors


def test_a_jump_is_not_a_walk_and_the_character_rises():
    character = measure(moves(hop=0), (256, 256))
    follow = LiveRetargeter(character, mirrored=False)
    heights, torsos = [], []
    for i in range(120):
        high = 120 * math.sin(math.pi * (i - 60) / 24) if 60 <= i < 84 else 0.0
        pose = follow(body(300, 460 - high, 320), i / FPS, SIZE)
        heights.append(float(pose[15:, 1].max()))
        torsos.append(float(np.linalg.norm(pose[5:7, :2].mean(0) - pose[11:13, :2].mean(0))))
    assert heights[59] - min(heights[60:84]) > 30, "feet leave the floor"
    assert np.ptp(torsos[20:]) / torsos[59] < 0.01


def test_legs_guessed_at_the_lower_edge_before_a_laptop_stay_at_rest():
    character = measure(moves(hop=0), (256, 256))
    follow = LiveRetargeter(character)
    near = body(1100, 1250, 320)
    near[9:, 2] = 0
    near[11:17] = [(300 + 8 * i, 440 + 6 * i, 0.21) for i in range(6)]
    poses, modes = [], []
    for i in range(60):
        poses.append(follow(near, i / FPS, SIZE))
        modes.append(follow.mode)
    assert set(modes) == {"upper"}
    pose = poses[-1]
    hang = character.pose[[7, 8, 9, 10], :2] - character.pose[[5, 6, 5, 6], :2]
    assert pose[7:11, :2] - pose[[5, 6, 5, 6], :2] == pytest.approx(hang, abs=1), "no hands, no arms"
    assert pose[13:, :2] - pose[[11, 12, 11, 12], :2] == pytest.approx(
        character.pose[13:, :2] - character.pose[[11, 12, 11, 12], :2], abs=1
    )


def test_legs_under_a_skirt_are_not_out_of_view():
    character = measure(moves(hop=0), (256, 256))
    follow, skirt = LiveRetargeter(character), body(300, 440, 320)
    for i in range(30):
        follow(skirt, i / FPS, SIZE)
    skirt[11:17, 2] = 0.1
    for i in range(30, 75):
        follow(skirt, i / FPS, SIZE)
        assert follow.mode == "whole"


def test_real_people_are_followed_within_the_limits():
    """Without painting: the joint tracks of real clips, if the data sets are there."""
    folder = Path(os.environ.get("SYNTH_DATA", "")) / "motion"
    if not os.environ.get("SYNTH_DATA") or not folder.is_dir():
        pytest.skip("set SYNTH_DATA to try this on tracks of real people")
    character = measure(np.stack([body(160, 220, x) for x in (118, 128, 138)]), (256, 256))
    for path in sorted(folder.glob("*.json")):
        assert json.loads(path.read_text("utf-8"))["frames"]
        for track in motion.read(path):
            for way in motion.WAYS:
                follower = LiveRetargeter(character, mirrored=False)
                found = motion.measure(track, motion.follow(track, follower, way), character)
                what = track.name, track.estimator, way
                assert found["limb"] <= 1.1, what
                assert found["scale"] <= 0.02, what
                assert found["leap"] <= 0.06, what
                if not math.isnan(found["jump"]):
                    assert found["jump"] == pytest.approx(1, abs=0.06), what
                if track.estimator == "mediapipe" and track.name != "dancer":
                    assert found["sides"] >= 0.94, what
