"""Test smoothing: jitter is removed, motion is not, and joints missing for a moment hold."""

import numpy as np
import pytest

from synth.pixels.body.one_euro_filter import OneEuroFilter
from tests.support.bodies import body


def test_a_constant_signal_is_unchanged():
    smooth = OneEuroFilter()
    for i in range(20):
        assert np.array_equal(smooth(body(), i / 30), body())


def test_trembling_falls_to_a_quarter_of_its_variance():
    rng = np.random.default_rng(0)
    smooth, noisy = OneEuroFilter(), body()[None].repeat(600, 0)
    noisy[..., :2] += rng.normal(0, 0.7, (600, 17, 2))
    steady = np.stack([smooth(pose, i / 30) for i, pose in enumerate(noisy)])[60:]
    assert steady[..., :2].var(0).mean() < noisy[60:, :, :2].var(0).mean() / 4


def test_a_step_is_followed_within_a_tenth_of_a_second():
    smooth = OneEuroFilter()
    for i in range(30):
        smooth(body(), i / 30)
    moved = body(x=178)
    out = [smooth(moved, 1 + i / 30) for i in range(4)]
    assert out[3][0, 0] - 128 > 45, "90% after 0.1 s"
    assert out[3][0, 0] <= 178.01, "and not beyond"


def test_uneven_frames_do_not_matter():
    """A steady walk seen at 30 frames per second, and the same with frames dropped, ends in the same place."""
    even, uneven = OneEuroFilter(), OneEuroFilter()
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
        smooth = OneEuroFilter()
        smooth.smoothness(amount)
        variances.append(np.stack([smooth(pose, i / 30) for i, pose in enumerate(noisy)])[30:, :, :2].var(0).mean())
    assert variances[0] > variances[1] * 1.3 > variances[2] * 1.3 * 1.3
    default = OneEuroFilter()
    default.smoothness(0.5)
    assert (default.cutoff, default.beta) == (OneEuroFilter().cutoff, OneEuroFilter().beta)


def test_a_dropped_joint_holds_then_fades_then_is_forgotten():
    smooth = OneEuroFilter(hold=0.3, fade=0.4)
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
    smooth, pose = OneEuroFilter(), body()
    pose[4] = np.nan
    out = smooth(pose, 0.0)
    for i in range(1, 5):
        out = smooth(pose, i / 30)
    assert out[4].tolist() == [0, 0, 0]
    assert np.isfinite(out).all()
