"""Test the metrics of characters in motion, on clips with known values."""

from dataclasses import replace

import numpy as np
import pytest

from synth.data.sets.frames import Clips
from synth.evaluation.metrics import motion
from synth.pixels.body.pose import SEEN, VISIBLE
from tests.support.bodies import body

SIDE, COUNT = 48, 6


@pytest.fixture
def clips() -> Clips:
    """Two clips of three frames: a box on black that changes by one grey level a frame, where it stays."""
    poses = np.stack([body(30.0, 44.0, 24.0)] * COUNT)
    pictures = np.zeros((COUNT, SIDE, SIDE, 3), np.uint8)
    for i in range(COUNT):
        pictures[i, 10:40, 10:40] = 100 + i
    return Clips(pictures, poses, np.repeat([0, 3], 3), 20.0, np.zeros((SIDE, SIDE, 3), np.uint8))


def test_each_clip_begins_after_black_and_goes_on_after_the_last_picture(clips: Clips):
    seen = []

    def paint(figure: np.ndarray, last: np.ndarray) -> np.ndarray:
        seen.append(int(last.max()))
        return np.full_like(figure, len(seen))

    assert motion.play(paint, clips).outputs.max(axis=(1, 2, 3)).tolist() == [1, 2, 3, 4, 5, 6]
    assert seen == [0, 1, 2, 0, 4, 5]


def test_flicker_is_one_for_the_truth_itself_and_counts_the_character_alone(clips: Clips):
    truth = motion.Played(clips, clips.pictures)
    assert motion.flicker(truth) == pytest.approx(1.0)
    tripled, elsewhere = clips.pictures.copy(), clips.pictures.copy()
    tripled[:, 10:40, 10:40] = 100 + 3 * np.arange(COUNT, dtype=np.uint8)[:, None, None, None]
    elsewhere[::2, :5] = 200
    assert motion.flicker(replace(truth, outputs=tripled)) == pytest.approx(3.0)
    assert motion.flicker(replace(truth, outputs=elsewhere)) == pytest.approx(1.0)


def test_pixels_that_move_in_the_truth_do_not_count_as_flicker(clips: Clips):
    moving = clips.pictures.copy()
    moving[1::2, 10:40, 10:40] += 50
    assert motion.flicker(motion.Played(replace(clips, pictures=moving), clips.pictures)) == 0


def test_fidelity_counts_visible_joints_within_a_tenth_of_the_torso(clips: Clips):
    played, pose = motion.Played(clips, clips.pictures), clips.poses[0]
    torso = float(np.hypot(*(pose[5, :2] - pose[12, :2])))
    resets = []

    def shifted(pixels: float, joints: int):
        found = pose.copy()
        found[:joints, 0] += pixels
        return motion.fidelity(played.outputs, played.clips, lambda _: found, lambda: resets.append(1))

    assert shifted(0.09 * torso, 17) == 1
    assert shifted(0.11 * torso, 17) == 0
    assert shifted(0.11 * torso, 4) == pytest.approx(13 / 17)
    assert len(resets) == 3 * 2
    hidden = clips.poses.copy()
    hidden[:, :4, 2] = (SEEN + VISIBLE) / 2
    played = replace(played, clips=replace(clips, poses=hidden))
    assert shifted(0.11 * torso, 4) == 1
    assert motion.fidelity(played.outputs, played.clips, lambda _: None, lambda: None) == 0


def test_pictures_that_are_the_truth_are_perfect(clips: Clips):
    found = motion.pictures(motion.Played(clips, clips.pictures))
    assert found == {"ST-LPIPS": 0, "L1": 0, "PSNR": 100, "SSIM": pytest.approx(1)}
