"""Handle two people in an image: remove limbs that cannot belong to one body, and compare the sizes of two bodies."""

import numpy as np

from synth.pixels.body.pose import seen

REACH = 3.0
"""Longest plausible limb, as a multiple of the body's usual limb, shoulder width or trunk length.

A network trained on images of one person may mix the legs of two."""
# From the trunk outwards: upper and lower part of both arms and both legs.
INNER = np.array([5, 6, 11, 12, 7, 8, 13, 14])
OUTER = np.array([7, 8, 13, 14, 9, 10, 15, 16])
SHOULDERS, TRUNK = ((5, 6),), ((5, 11), (6, 12))
ACROSS = 2.0
"""Largest plausible distance between shoulders, or hips, as a multiple of the usual limb or the trunk length."""
HANGING = {5: (7, 9), 6: (8, 10), 11: (13, 15), 12: (14, 16)}
FROM, TO = np.array([*INNER, 5, 6]), np.array([*OUTER, 11, 12])


def keep_one_body(pose: np.ndarray) -> np.ndarray:
    """Return ``[17, 3]`` with score 0 for the ends of implausibly long limbs and the joints beyond them.

    The same applies where shoulders or hips are too far apart. Poses of one person pass unchanged, also bent over or
    seen from above: the reference is the longest of several measures, and ``REACH`` is generous.
    """
    pose = _drop_other_trunk(pose)
    known = seen(pose)
    both = known[INNER] & known[OUTER]
    if not both.any():
        return pose
    lengths = np.linalg.norm(pose[INNER, :2] - pose[OUTER, :2], axis=1)
    usual = _usual_length(pose, known, SHOULDERS, TRUNK)
    far = both & (lengths > REACH * usual)
    if far.any():
        far[4:] |= far[:4]  # a hand without its elbow is another person's
        pose = pose.copy()
        pose[OUTER[far], 2] = 0
    return _drop_far_joints(pose)


def _drop_far_joints(pose: np.ndarray) -> np.ndarray:
    """Return ``[17, 3]`` with score 0 for joints that lie apart from the rest by more than the rest's own extent.

    Where joints form two groups, the one with the higher total score stays.
    """
    known = np.flatnonzero(seen(pose))
    places = pose[known, :2]
    gaps = np.linalg.norm(places[:, None] - places, axis=2)
    for between in range(len(known)):  # minimax path: smallest possible value of the widest gap between two joints
        gaps = np.minimum(gaps, np.maximum(gaps[:, between, None], gaps[None, between]))
    widest = gaps.max()
    together = gaps < widest
    own = together[(together @ pose[known, 2]).argmax()]
    if not own.any() or widest <= np.ptp(places[own], axis=0).max():
        return pose
    result = pose.copy()
    result[known[~own], 2] = 0
    return result


def _drop_other_trunk(pose: np.ndarray) -> np.ndarray:
    """Return ``[17, 3]`` with score 0 for another person's shoulder or hip and the joints beyond it.

    That is the one farther from the head, or, if no head is seen, the one with the lower score.
    """
    known = seen(pose)
    usual = _usual_length(pose, known, TRUNK)
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
    """Return whether ``other`` ``[17, 3]`` is more than ``times`` as large as ``one``.

    Judged by the limbs and trunks seen of both, so that stretching the arms does not make a body larger.
    """
    known = seen(one) & seen(other)
    both = known[FROM] & known[TO]
    lengths = [np.linalg.norm(pose[FROM, :2] - pose[TO, :2], axis=1)[both] for pose in (one, other)]
    return bool(both.any() and lengths[1].sum() > times * lengths[0].sum())


def _usual_length(pose: np.ndarray, known: np.ndarray, *measures: tuple[tuple[int, int], ...]) -> float:
    """Return the longest of the median limb and the ``measures`` of ``_shortest``; 0 if nothing is seen."""
    both = known[INNER] & known[OUTER]
    lengths = np.linalg.norm(pose[INNER, :2] - pose[OUTER, :2], axis=1)[both]
    return max(float(np.median(lengths)) if both.any() else 0.0, *(_shortest(pose, known, one) for one in measures))


def _shortest(pose: np.ndarray, known: np.ndarray, pairs: tuple[tuple[int, int], ...]) -> float:
    """Return the shortest distance between the two joints of a pair; 0 if no pair is seen."""
    found = [float(np.linalg.norm(pose[a, :2] - pose[b, :2])) for a, b in pairs if known[a] and known[b]]
    return min(found, default=0.0)
