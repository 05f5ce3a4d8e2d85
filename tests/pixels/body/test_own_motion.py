"""Test that a character's own motions, filmed by another camera, come back as they were.

The camera is a quarter nearer and lower. It is not turned to the side: one camera cannot tell whether it stands aside
or the person does, and which way a person faces is theirs.
"""

import os
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from synth.pixels.body.body import Body
from synth.pixels.body.live_retargeting import LiveRetargeter
from synth.pixels.body.measure import measure
from synth.pixels.body.pose import COCO
from tests.support.bodies import STANDING

FOCAL, CENTRE, FPS = 602.0, 128.0, 20
SIZE = 256, 256


def dance(count: int = 200) -> np.ndarray:
    """Return a made-up body in metres, ``[T, 17, 3]``, 6 m before the camera: it sways, bows, and swings its limbs."""
    body = np.zeros((count, 17, 3))
    body[..., :2] = STANDING / 62
    for i, time in enumerate(np.arange(count) / FPS):
        neck, hips = body[i, 5:7].mean(0), body[i, 11:13].mean(0)
        for arm, phase in (((5, 7, 9), 0.0), ((6, 8, 10), 2.0)):
            for start, end in pairwise(arm):
                angle = 1.2 * np.sin(1.7 * time + phase)
                length = np.linalg.norm(STANDING[end] - STANDING[start]) / 62
                body[i, end] = body[i, start] + length * np.array([0.2, np.cos(angle), -abs(np.sin(angle))]) / np.hypot(
                    1, 0.2
                )
        for hip, knee, ankle, phase in ((11, 13, 15, 0.0), (12, 14, 16, np.pi)):
            lift = max(0.0, 0.6 * np.sin(1.3 * time + phase))
            body[i, knee] = body[i, hip] + 26 / 62 * np.array([0, np.cos(lift), -np.sin(lift)])
            body[i, ankle] = body[i, knee] + 24 / 62 * np.array([0, np.cos(lift / 2), np.sin(lift / 2)])
        bow = 0.3 * (1 - np.cos(0.9 * time)) / 2
        upper = [*range(11)]
        y, z = (body[i, upper, axis] - hips[axis] for axis in (1, 2))
        body[i, upper, 1] = hips[1] + np.cos(bow) * y - np.sin(bow) * z
        body[i, upper, 2] = hips[2] + np.sin(bow) * y + np.cos(bow) * z
        body[i, :, 0] += 0.1 * np.sin(0.8 * time) - neck[0]
        body[i, :, 1] -= body[i, 15:17, 1].max() - 0.9
    return body + np.array([0, 0, 6.0])


def filmed(points: np.ndarray, nearer: float = 1.0, lower: float = 0.0) -> np.ndarray:
    """Return the joints ``[T, 17, 3]`` in pixels that a camera sees, at a share of the distance and lower by metres."""
    moved = points.copy()
    moved[..., 2] += points[..., 2].mean() * (nearer - 1)
    moved[..., 1] -= lower
    xy = FOCAL * moved[..., :2] / moved[..., 2:] + CENTRE
    return np.concatenate([xy, np.ones_like(xy[..., :1])], -1).astype(np.float32)


def errors(found: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the distances of joints from where they should be from the hips, as shares of the torso."""
    one, other = (pose[..., :2] - pose[:, 11:13, :2].mean(1, keepdims=True) for pose in (found, wanted))
    return np.linalg.norm(one - other, axis=-1) / np.median(np.linalg.norm(other[:, 5:7].mean(1), axis=-1))


def returned(source: np.ndarray, wanted: np.ndarray, target: Body) -> np.ndarray:
    follower, times = LiveRetargeter(target, mirrored=False), [i / FPS for i in range(len(source))]
    follower.calibrate(source, times, SIZE)
    return errors(np.stack([follower(pose, time, SIZE) for pose, time in zip(source, times, strict=True)]), wanted)


@pytest.mark.parametrize(("nearer", "lower"), [(1.0, 0.0), (0.75, 0.0), (0.75, 0.3)])
def test_a_dance_comes_back_from_another_camera(nearer: float, lower: float):
    points = dance()
    wanted = filmed(points)
    found = returned(filmed(points, nearer, lower), wanted, measure(wanted, SIZE))
    assert np.median(found) < 0.03
    assert found.mean() < 0.06


def test_the_dancers_motions_come_back_from_another_camera():
    folder = Path(os.environ.get("SYNTH_DATA", "")) / "dancers"
    if not os.environ.get("SYNTH_DATA") or not folder.is_dir():
        pytest.skip("set SYNTH_DATA to try this on the dancers")
    for name in ("ava", "rogue"):
        data = np.load(folder / name / "keypoints.npz")
        places = [data["names"].tolist().index(joint) for joint in COCO]
        points = data["train_cam3d"][:800, places].astype(np.float64)
        wanted = filmed(points)
        found = returned(filmed(points, 0.75, 0.3), wanted, measure(wanted, SIZE))
        assert np.median(found) < 0.05, name
