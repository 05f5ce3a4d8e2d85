"""Count the different poses in a set, and find common ones that are missing."""

import numpy as np

from synth.pixels.body.body import ROOT, with_middles
from synth.pixels.body.pose import seen

APART = 0.06
"""Mean joint distance, in body heights, from which two poses count as different."""
MANY = 600
RARE = 0.005


def pose_shapes(poses: np.ndarray) -> np.ndarray:
    """Return the poses of ``[T, 17, 3]`` with hips and shoulders, ``[S, 17, 2]``: relative to the hips, in body
    heights.

    The height is that of the tallest poses. Unseen joints are NaN.
    """
    joints = with_middles(np.asarray(poses, np.float64))
    known = seen(joints)
    whole = known[:, [5, 6, 11, 12]].all(1)
    if not whole.any():
        return np.zeros((0, 17, 2))
    points = np.where(known[..., None], joints[..., :2], np.nan)[whole]
    tall = np.percentile(np.nanmax(points[..., 1], 1) - np.nanmin(points[..., 1], 1), 95)
    return (points[:, :17] - points[:, ROOT, None]) / max(float(tall), 1.0)


def count_different(shapes_: np.ndarray) -> int:
    """Return how many of ``[S, 17, 2]`` are different: each is farther than ``APART`` from all others kept."""
    kept = np.zeros((0, 17, 2))
    for shape in shapes_[:: max(1, len(shapes_) // MANY)]:
        far = np.nanmean(np.linalg.norm(kept - shape, axis=-1), axis=1) if len(kept) else np.ones(1)
        if not (far < APART).any():
            kept = np.concatenate([kept, shape[None]])
    return len(kept)


def missing_poses(shapes_: np.ndarray) -> list[str]:
    """Return descriptions of common poses that hardly ever occur in ``[S, 17, 2]``; empty if there are no shapes."""
    if not len(shapes_):
        return []
    x, y = shapes_[..., 0], shapes_[..., 1]
    wide = np.percentile(np.abs(x[:, 5] - x[:, 6]), 95)
    feet = np.fmax(y[:, 15], y[:, 16])
    standing = np.percentile(feet[np.isfinite(feet)], 95) if np.isfinite(feet).any() else np.nan
    done = {  # comparisons with NaN, an unseen joint, are false
        "hands above the head": np.fmin(y[:, 9], y[:, 10]) < y[:, 0] - 0.05,
        "arms stretched to the sides": x[:, 9] - x[:, 10] > 0.55,
        "bent knees": feet < 0.8 * standing,
        "legs apart": np.abs(x[:, 15] - x[:, 16]) > 0.3,
        "turned to the side": np.abs(x[:, 5] - x[:, 6]) < 0.4 * wide,
    }
    return [name for name, when in done.items() if when.mean() < RARE]
