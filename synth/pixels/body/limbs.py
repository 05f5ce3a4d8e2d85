"""Limbs where two people are in view: which are too long to be one body's, and whose are longer."""

import numpy as np

from synth.pixels.body.pose import seen

REACH = 3.0
"""A limb may be so many times as long as the body's usual limb, its shoulders are wide or its trunk is long.

A network that knows pictures of one person may take a leg of each where there are two.
"""
# From the trunk outwards: upper and lower part of both arms and both legs.
INNER = np.array([5, 6, 11, 12, 7, 8, 13, 14])
OUTER = np.array([7, 8, 13, 14, 9, 10, 15, 16])
SHOULDERS, TRUNK = ((5, 6),), ((5, 11), (6, 12))
ACROSS = 2.0
"""Shoulders, or hips, may be so many times as far apart as the body's usual limb or its trunk is long."""
HANGING = {5: (7, 9), 6: (8, 10), 11: (13, 15), 12: (14, 16)}
FROM, TO = np.array([*INNER, 5, 6]), np.array([*OUTER, 11, 12])


def keep_one_body(pose: np.ndarray) -> np.ndarray:
    """Return ``[17, 3]`` with the score 0 at the end of every limb that is too long, and at what hangs on it.

    Likewise where shoulders or hips are too far apart. Poses of one person pass unchanged, also bent over or seen from
    above: what is compared is the longest of several measures, and ``REACH`` is wide.
    """
    pose = _of_one_trunk(pose)
    known = seen(pose)
    both = known[INNER] & known[OUTER]
    if not both.any():
        return pose
    lengths = np.linalg.norm(pose[INNER, :2] - pose[OUTER, :2], axis=1)
    usual = _usual(pose, known, SHOULDERS, TRUNK)
    far = both & (lengths > REACH * usual)
    if far.any():
        far[4:] |= far[:4]  # a hand without its elbow is somebody else's
        pose = pose.copy()
        pose[OUTER[far], 2] = 0
    return _of_one_place(pose)


def _of_one_place(pose: np.ndarray) -> np.ndarray:
    """Return ``[17, 3]`` with the score 0 for what lies apart: by more than all that is left measures, either way.

    Where joints are in two places, those stay of which there is more to be sure.
    """
    known = np.flatnonzero(seen(pose))
    places = pose[known, :2]
    gaps = np.linalg.norm(places[:, None] - places, axis=2)
    for between in range(len(known)):  # the widest gap on the way from joint to joint whose gaps are the least
        gaps = np.minimum(gaps, np.maximum(gaps[:, between, None], gaps[None, between]))
    widest = gaps.max()
    together = gaps < widest
    own = together[(together @ pose[known, 2]).argmax()]
    if not own.any() or widest <= np.ptp(places[own], axis=0).max():
        return pose
    result = pose.copy()
    result[known[~own], 2] = 0
    return result


def _of_one_trunk(pose: np.ndarray) -> np.ndarray:
    """Return ``[17, 3]`` with the score 0 at the shoulder, or the hip, of somebody else, and at what hangs on it.

    Theirs is the one farther from the head, or without a head the less sure one.
    """
    known = seen(pose)
    usual = _usual(pose, known, TRUNK)
    for left, right in ((5, 6), (11, 12)):
        apart = float(np.linalg.norm(pose[left, :2] - pose[right, :2]))
        if not (usual and known[left] and known[right] and apart > ACROSS * usual):
            continue
        if known[:5].any():
            head = pose[:5][known[:5], :2].mean(0)
            far = np.linalg.norm(pose[[left, right], :2] - head, axis=1)
        else:
            far = -pose[[left, right], 2]
        theirs, own = (left, right) if far[0] > far[1] else (right, left)
        hung = pose[[theirs, *HANGING[theirs]], :2]
        nearer = [np.linalg.norm(hung - pose[joint, :2], axis=1) for joint in (theirs, own)]
        pose = pose.copy()
        pose[np.array([theirs, *HANGING[theirs]])[nearer[0] < nearer[1]], 2] = 0
    return pose


def is_larger(one: np.ndarray, other: np.ndarray, times: float = 1.0) -> bool:
    """Return whether the second of two bodies, ``[17, 3]`` each, is more than ``times`` as large as the first.

    Told by the limbs and trunks that are seen of both: who stretches the arms is not larger.
    """
    known = seen(one) & seen(other)
    both = known[FROM] & known[TO]
    lengths = [np.linalg.norm(pose[FROM, :2] - pose[TO, :2], axis=1)[both] for pose in (one, other)]
    return bool(both.any() and lengths[1].sum() > times * lengths[0].sum())


def _usual(pose: np.ndarray, known: np.ndarray, *measures: tuple[tuple[int, int], ...]) -> float:
    """Return the longest of the median limb and the ``measures`` of ``_between``; 0 where nothing is seen."""
    both = known[INNER] & known[OUTER]
    lengths = np.linalg.norm(pose[INNER, :2] - pose[OUTER, :2], axis=1)[both]
    return max(float(np.median(lengths)) if both.any() else 0.0, *(_between(pose, known, one) for one in measures))


def _between(pose: np.ndarray, known: np.ndarray, pairs: tuple[tuple[int, int], ...]) -> float:
    """Return the shortest distance between the two joints of a pair; 0 where no pair is seen."""
    found = [float(np.linalg.norm(pose[a, :2] - pose[b, :2])) for a, b in pairs if known[a] and known[b]]
    return min(found, default=0.0)
