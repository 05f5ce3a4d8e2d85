"""Give the joints of a pose to the person's left and right, by the way the person faces and by the pose before."""

import numpy as np

from synth.pixels.body.pose import seen

CLEAR = 0.05
"""Width of shoulders or hips, as a share of the stature, from which it tells left from right."""
NEARER = 0.7
"""How much nearer to the last pose a limb must be on the other side to be moved there."""
SPREAD = 0.2
"""Least difference, as a share of the body's height, of the ways of both limbs to the one and to the other side."""
SHOULDERS, HIPS, ARMS, LEGS = (5, 6), (11, 12), ((7, 8), (9, 10)), ((13, 14), (15, 16))
HEAD = ((1, 2), (3, 4))


def with_sides(pose: np.ndarray, front: bool, tall: float, last: np.ndarray | None) -> tuple[np.ndarray, bool]:
    """Return the pose ``[17, 3]`` of a person of stature ``tall``, left and right exchanged where they are wrong, and
    whether the shoulders were.

    ``front``: the person faces the camera. ``last`` is the pose before, or ``None``.
    """
    order = np.arange(17)
    shoulders, hips = (_swapped(pose, pair, front, tall, last) for pair in (SHOULDERS, HIPS))
    for pair in (SHOULDERS, *ARMS, *HEAD) if shoulders else ():
        order[list(pair)] = pair[::-1]
    for pair in (HIPS, *LEGS) if hips else ():
        order[list(pair)] = pair[::-1]
    result = pose[order]
    if last is not None:
        for chain in (ARMS, LEGS):
            _cross(result, chain, last)
    return result, shoulders


def _swapped(pose: np.ndarray, pair: tuple[int, int], front: bool, tall: float, last: np.ndarray | None) -> bool:
    """Return whether shoulders or hips are on the wrong sides; those that look narrow are compared with the last."""
    left, right = pair
    if not seen(pose[[left, right]]).all():
        return False
    width = float(pose[left, 0] - pose[right, 0]) * (1 if front else -1)
    if abs(width) > CLEAR * tall:
        return width < 0
    if last is None or not seen(last[[left, right]]).all():
        return width < 0
    return _apart(pose, last, (left, right), (right, left)) < NEARER * _apart(pose, last, (left, right), (left, right))


def _cross(pose: np.ndarray, chain: tuple[tuple[int, int], ...], last: np.ndarray) -> None:
    """Exchange, in place, both arms or legs of a pose if they are much nearer to the last pose that way."""
    pairs = [pair for pair in chain if seen(pose[list(pair)]).all() and seen(last[list(pair)]).all()]
    if not pairs:
        return
    same = sum(_apart(pose, last, pair, pair) for pair in pairs)
    other = sum(_apart(pose, last, pair, pair[::-1]) for pair in pairs)
    if other < NEARER * same and same - other > SPREAD * _spread(pose):
        for left, right in chain:
            pose[[left, right]] = pose[[right, left]]


def _apart(pose: np.ndarray, last: np.ndarray, now: tuple[int, ...], before: tuple[int, ...]) -> float:
    return float(np.linalg.norm(pose[list(now), :2] - last[list(before), :2], axis=1).sum())


def _spread(pose: np.ndarray) -> float:
    return float(np.ptp(pose[seen(pose), 1]))
