"""Smooth the poses of a recorded clip with past and future frames, without lag.

For live images, where only the past is known, see ``one_euro_filter``.
"""

from itertools import pairwise

import numpy as np

from synth.pixels.body.pose import seen

FILL = 0.25
"""Longest gap, in seconds, that is interpolated for a missing joint."""
OUTLIER = 0.15
"""Share of the body's height: a joint that jumps farther for a single frame, and back, is treated as missing."""
SIGMA = 0.03
"""Standard deviation of the temporal smoothing, in seconds."""


def smooth_offline(poses: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return poses float32 ``[T, 17, 3]`` at ``times`` (seconds, rising ``[T]``) without outliers, gaps and jitter."""
    poses = np.array(poses, np.float64)
    known = seen(poses)
    if not known.any():
        return poses.astype(np.float32)
    height = float(np.median([np.ptp(pose[k, 1]) for pose, k in zip(poses, known, strict=True) if k.any()]))
    for joint in range(poses.shape[1]):
        track = poses[:, joint]
        _drop_outliers(track, OUTLIER * height)
        _fill_gaps(track, times)
    return _smooth(poses, times).astype(np.float32)


def _drop_outliers(track: np.ndarray, far: float) -> None:
    """Set the score of a joint ``[T, 3]`` to 0 where it is far from both its neighbours, which agree."""
    known = seen(track)
    before, here, after = track[:-2, :2], track[1:-1, :2], track[2:, :2]
    away = np.minimum(np.linalg.norm(here - before, axis=1), np.linalg.norm(here - after, axis=1))
    leap = (away > far) & (away > 2 * np.linalg.norm(after - before, axis=1))
    track[1:-1, 2][leap & known[:-2] & known[1:-1] & known[2:]] = 0


def _fill_gaps(track: np.ndarray, times: np.ndarray) -> None:
    """Interpolate a joint ``[T, 3]`` linearly across short gaps."""
    rows = np.flatnonzero(seen(track))
    for a, b in pairwise(rows):
        if b - a > 1 and times[b] - times[a] <= FILL:
            share = ((times[a + 1 : b] - times[a]) / (times[b] - times[a]))[:, None]
            track[a + 1 : b, :2] = track[a, :2] + share * (track[b, :2] - track[a, :2])
            track[a + 1 : b, 2] = min(track[a, 2], track[b, 2])


def _smooth(poses: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the poses with each joint averaged over the neighbouring frames in which it is known."""
    known = seen(poses)
    total, weights = np.zeros_like(poses[..., :2]), np.zeros(known.shape)
    for shift in range(-3, 4):
        rows = np.arange(len(poses)) + shift
        inside = (rows >= 0) & (rows < len(poses)) & (rows - shift >= 0)
        here, there = np.flatnonzero(inside), rows[inside]
        # Past and future must be weighted equally, or the start of a movement would be biased to one side.
        other = 2 * here - there
        both = known[there] & known[other.clip(0, len(poses) - 1)] & (other == other.clip(0, len(poses) - 1))[:, None]
        weight = np.exp(-(((times[there] - times[here]) / SIGMA) ** 2) / 2)[:, None] * both
        total[here] += weight[..., None] * np.where(known[there][..., None], poses[there, :, :2], 0)
        weights[here] += weight
    result = poses.copy()
    smooth = known & (weights > 0)
    result[smooth, :2] = total[smooth] / weights[smooth, None]
    return result
