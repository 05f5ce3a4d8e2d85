"""Steady joints of a film that is there as a whole: what comes after a frame helps as much as what came before.

A live picture has only the past, see ``smooth``; here nothing lags.
"""

from itertools import pairwise

import numpy as np

from synth.pixels.body.pose import seen

FILL = 0.25
"""Seconds for which a joint may be lost and is still known, from before and after."""
ASTRAY = 0.15
"""Of the body's height: a joint that leaps so far for a single frame, and back, was never there."""
BLUR = 0.03
"""Standard deviation in seconds of the smoothing over time."""


def smooth_offline(poses: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return poses float32 ``[T, 17, 3]`` at ``times`` (seconds, rising ``[T]``) without leaps, gaps and trembling."""
    poses = np.array(poses, np.float64)
    known = seen(poses)
    if not known.any():
        return poses.astype(np.float32)
    height = float(np.median([np.ptp(pose[k, 1]) for pose, k in zip(poses, known, strict=True) if k.any()]))
    for joint in range(poses.shape[1]):
        track = poses[:, joint]
        _forget_leaps(track, ASTRAY * height)
        _fill(track, times)
    return _blur(poses, times).astype(np.float32)


def _forget_leaps(track: np.ndarray, far: float) -> None:
    """Set the score of a joint ``[T, 3]`` to 0 where it is far from both its neighbours, which agree."""
    known = seen(track)
    before, here, after = track[:-2, :2], track[1:-1, :2], track[2:, :2]
    away = np.minimum(np.linalg.norm(here - before, axis=1), np.linalg.norm(here - after, axis=1))
    leap = (away > far) & (away > 2 * np.linalg.norm(after - before, axis=1))
    track[1:-1, 2][leap & known[:-2] & known[1:-1] & known[2:]] = 0


def _fill(track: np.ndarray, times: np.ndarray) -> None:
    """Put a joint ``[T, 3]`` that is lost for a moment on the way from where it was to where it is next."""
    rows = np.flatnonzero(seen(track))
    for a, b in pairwise(rows):
        if b - a > 1 and times[b] - times[a] <= FILL:
            share = ((times[a + 1 : b] - times[a]) / (times[b] - times[a]))[:, None]
            track[a + 1 : b, :2] = track[a, :2] + share * (track[b, :2] - track[a, :2])
            track[a + 1 : b, 2] = min(track[a, 2], track[b, 2])


def _blur(poses: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the poses with every joint averaged over the moments around it in which it is known."""
    known = seen(poses)
    total, weights = np.zeros_like(poses[..., :2]), np.zeros(known.shape)
    for shift in range(-3, 4):
        rows = np.arange(len(poses)) + shift
        inside = (rows >= 0) & (rows < len(poses)) & (rows - shift >= 0)
        here, there = np.flatnonzero(inside), rows[inside]
        # As much from the past as from the future, or who starts to move would be drawn to one side.
        other = 2 * here - there
        both = known[there] & known[other.clip(0, len(poses) - 1)] & (other == other.clip(0, len(poses) - 1))[:, None]
        weight = np.exp(-(((times[there] - times[here]) / BLUR) ** 2) / 2)[:, None] * both
        total[here] += weight[..., None] * np.where(known[there][..., None], poses[there, :, :2], 0)
        weights[here] += weight
    result = poses.copy()
    smooth = known & (weights > 0)
    result[smooth, :2] = total[smooth] / weights[smooth, None]
    return result
