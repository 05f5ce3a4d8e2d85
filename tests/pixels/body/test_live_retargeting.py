"""Test live retargeting: calibration settles, nothing jumps, and a lost person is forgotten."""

import numpy as np
import pytest

from synth.pixels.body.body import ROOT
from synth.pixels.body.live_retargeting import LiveRetargeter
from synth.pixels.body.measure import measure
from tests.support.bodies import body, moves


def test_a_follower_settles_on_the_targets_own_motion():
    poses = moves(120, hop=0)
    poses[:, 7:11, :2] = poses[:, [5, 6, 5, 6], :2] + (body()[7:11] - body()[[5, 6, 5, 6]])[:, :2]  # arms of one length
    follow = LiveRetargeter(measure(poses, (256, 256)), mirrored=False)
    wide = (poses * (3, 3, 1) + (50, 40, 0)).astype(np.float32)
    out: list[np.ndarray] = []
    for lap in range(4):
        out = [follow(pose, lap * 12 + i / 10, (850, 900)) for i, pose in enumerate(wide)]
    error = np.abs(np.stack(out) - poses)[..., :2]
    assert follow.mode == "whole"
    assert np.median(error) < 2, "a torso that shortens within a moment is followed a little later"
    assert error.max() < 18


def test_mirrored_is_the_default_and_can_be_turned_while_running():
    character = measure(moves(), (256, 256))
    raised = body(160, 220)
    raised[10, :2] = raised[8, :2] - (10, 40)  # the person's right hand, on the left of the camera's picture
    follow = LiveRetargeter(character)
    out = follow(raised, 0.0, (256, 256))
    assert out[9, 1] < out[7, 1] - 10, "the character's left hand, on the right of the screen"
    assert out[9, 0] > out[ROOT - 7, 0]
    follow.mirrored = False
    out = follow(raised, 0.1, (256, 256))
    assert out[10, 1] < out[8, 1] - 10


def test_nobody_means_rest_and_changes_do_not_jump():
    character = measure(moves(), (256, 256))
    follow = LiveRetargeter(character)
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
    follow = LiveRetargeter(measure(moves(), (256, 256)))
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
    follow = LiveRetargeter(character, mirrored=False)
    for i in range(30):
        follow(body(400, 500, 200), i / 10, (600, 600))
    follow.recalibrate()
    assert follow.body is None
    out = follow(body(150, 300, 500), 3.1, (600, 600))
    assert follow.body is not None
    for i in range(30):
        out = follow(body(150, 300, 500), 3.2 + i / 10, (600, 600))
    assert out[15:, 1] == pytest.approx(character.ground[1], abs=0.1)
