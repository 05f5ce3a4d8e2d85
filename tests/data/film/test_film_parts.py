"""Test the steps from a video to a data set, each with exact numbers."""

import numpy as np
import pytest

from synth.data.film.background import median_background, sample_rows
from synth.data.film.cuts import CutDetector
from synth.data.film.detection_pass import Detections, sample_frames
from synth.data.film.framing import Square, crop_image, find_square, read_square, to_crop_pixels
from synth.data.film.segments import Segment, find_segments, hold_out
from synth.pixels.body.offline_smoothing import smooth_offline
from tests.support.bodies import body
from tests.support.films import dance, film, frames, room


def still(count: int, x: float = 128) -> np.ndarray:
    return np.repeat(body(x=x)[None], count, 0)


def test_a_square_holds_every_joint_and_lies_within_the_frame():
    poses = dance(100)
    square = find_square([poses], 240, 320)
    there = to_crop_pixels(poses, square, 256)[..., :2]
    assert there.min() > 4
    assert there.max() < 252
    assert square.left >= 0
    assert square.top >= 0
    assert square.left + square.side <= 320
    assert square.top + square.side <= 240


def test_one_stray_pose_does_not_widen_the_square():
    poses = still(50)
    stray = poses.copy()
    stray[20, :, 0] += 500
    assert find_square([stray], 480, 1000) == find_square([poses], 480, 1000)


def test_what_lies_beyond_the_frame_repeats_its_edge():
    picture = np.arange(16, dtype=np.uint8).reshape(4, 4, 1).repeat(3, 2)
    out = crop_image(picture, Square(-2, 0, 4), 4)
    assert (out[..., 0] == picture[:, [0, 0, 0, 1], 0]).all()
    assert crop_image(picture, Square(-3, -3, 10), 10).shape == (10, 10, 3)


def test_a_joint_is_where_its_pixel_went():
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[40:50, 120:130] = 255
    pose = np.full((1, 17, 3), (125, 45, 1), np.float32)
    square = read_square("80,10,80", 100, 200)
    out = crop_image(picture, square, 40)[..., 0].astype(float)
    middle = [(out.sum(1 - axis) * (np.arange(40) + 0.5)).sum() / out.sum() for axis in (1, 0)]
    assert to_crop_pixels(pose, square, 40)[0, 0, :2] == pytest.approx(middle, abs=0.01)


def test_frames_come_at_most_once_a_tick(tmp_path):
    from synth.pixels.video_reader import VideoFrames

    times = [0.0, 0.01, 0.1, 0.13, 0.16, 0.2, 0.5, 0.55]
    path = film(tmp_path / "uneven.mkv", frames(dance(len(times)), room()), times=times)
    assert [tick for tick, _ in sample_frames(VideoFrames(path), 10)] == [0, 1, 2, 5, 6]


def test_the_background_is_exact_where_somebody_stood_only_sometimes():
    poses = [body(80, 118, x) for x in (30, 64, 98)] * 4
    back = np.tile(np.arange(128, dtype=np.uint8)[:, None, None], (1, 128, 3))
    pictures = []
    for pose in poses:
        picture = back.copy()
        for x, y in pose[:, :2].astype(int):
            picture[max(y - 2, 0) : y + 3, max(x - 2, 0) : x + 3] = 255
        pictures.append(picture)
    assert (median_background(pictures, poses) == back).all()
    assert sample_rows(0) == set()
    assert sample_rows(3) == {0, 1, 2}
    assert len(sample_rows(10_000)) == 96


def test_a_light_is_no_cut_and_another_room_is():
    cuts, bright = CutDetector(), np.clip(room(0).astype(int) + 40, 0, 255).astype(np.uint8)
    assert [cuts(p) for p in (room(0), room(0), bright, room(0), 255 - room(7), 255 - room(7))] == [
        False, False, False, False, True, False,
    ]  # fmt: skip


def watched(poses: np.ndarray, ticks: np.ndarray, *cuts: int) -> Detections:
    return Detections("a.mp4", 240, 320, ticks, poses, np.isin(np.arange(len(poses)), cuts))


def test_stretches_end_where_something_is_amiss():
    poses, ticks = still(60), np.arange(60)
    poses[10:12, :, 2] = 0  # nobody
    poses[50:, :, 0] += 100  # a leap
    ticks[40:] += 3  # frames are missing
    found = find_segments(0, watched(poses, ticks, 30, 57), 20)
    assert [(s.first, s.stop) for s in found] == [
        (0, 10),
        (12, 30),
        (30, 40),
        (40, 50),
        (50, 57),
    ]  # 57 to 60: too short


def test_the_last_tenth_is_held_out_after_a_pause():
    held = hold_out([Segment(0, 0, 150), Segment(0, 150, 200), Segment(1, 0, 5)], 20)
    assert held == [
        Segment(0, 0, 150), Segment(0, 150, 175), Segment(0, 185, 200, "test"), Segment(1, 0, 5, "test"),
    ]  # fmt: skip


def test_steadying_keeps_a_walk_fills_a_gap_and_forgets_a_leap():
    times = np.arange(30) / 20
    walk = still(30)
    walk[..., 0] += np.arange(30)[:, None] * 3
    assert np.allclose(smooth_offline(walk, times), walk, atol=1e-3)
    spoilt = walk.copy()
    spoilt[10:13, 9] = 0  # lost
    spoilt[20, 15, :2] += 90  # astray
    assert np.allclose(smooth_offline(spoilt, times), walk, atol=1e-3)
    spoilt[3:25, 10] = 0  # lost for long: it stays lost
    assert (smooth_offline(spoilt, times)[3:25, 10, 2] == 0).all()


def test_steadying_calms_what_trembles():
    trembling = still(100)
    trembling[..., :2] += np.random.default_rng(0).normal(0, 1, (100, 17, 2))
    calm = smooth_offline(trembling, np.arange(100) / 20)
    before, after = (np.abs(np.diff(p[..., :2], axis=0)).mean() for p in (trembling, calm))
    assert after < 0.75 * before
