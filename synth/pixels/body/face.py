"""Map face keypoints between heads: usual positions of eyes and ears, and their shift from a person to a character."""

import numpy as np

from synth.pixels.body.body import NECK, ROOT, Body
from synth.pixels.body.pose import seen

TYPICAL_FACE = (0.023, -0.021, 0.034, 0.018)  # as ``Body.face``; from the same photographs as ``body.TYPICAL``
DOUBT = 8  # weight of the typical face, in observations: the person may look away in the first ones


def usual_face(joints: np.ndarray, local: np.ndarray, human: bool = False) -> tuple[float, ...]:
    """Return the median offset from nose to left eye and from eye to left ear, (x, y, x, y), in an upright head.

    Taken over all poses ``[T, 19, 3]`` of stature ``local [T]``; the right side counts as a mirrored left.
    """
    turn, result = tilt(joints), list(TYPICAL_FACE)
    for place, pairs in ((0, ((1, 0), (2, 0))), (2, ((3, 1), (4, 2)))):
        sides = []
        for sign, (child, parent) in zip((1, -1), pairs, strict=True):
            both = seen(joints[:, child]) & seen(joints[:, parent])
            step = (joints[both, child, :2] - joints[both, parent, :2]) / local[both, None]
            upright = np.einsum("tji,tj->ti", turn[both], step)
            sides.append(upright * (sign, 1))
        steps = np.concatenate(sides)
        if len(steps):
            doubt = DOUBT / (DOUBT + len(steps)) if human else 0.0
            usual = np.median(steps, axis=0) * (1 - doubt) + np.array(TYPICAL_FACE[place : place + 2]) * doubt
            result[place : place + 2] = usual.tolist()
    return tuple(result)


def face_shifts(
    joints: np.ndarray, ratios: list[float], source: Body, target: Body, from_tall: float, to_tall: float
) -> dict[int, tuple[float, float]]:
    """Return the offset of each eye and ear after scaling, so that a usual face becomes the target's usual face.

    Otherwise, on a head three times as large, a person's low ears would be three times as low. Only deviations from the
    usual face, such as nods and turns, are scaled.
    """
    turn, shifts = tilt(joints), {}
    for kind, place, children in ((8, 0, (1, 2)), (9, 2, (3, 4))):
        ours, theirs = (np.array(body.face[place : place + 2]) for body in (source, target))
        shift = theirs * to_tall - ratios[kind] * from_tall * ours
        for sign, child in zip((1, -1), children, strict=True):
            x, y = turn @ (shift * (sign, 1))
            shifts[child] = (float(x), float(y))
    return shifts


def tilt(joints: np.ndarray) -> np.ndarray:
    """Return the rotation ``[..., 2, 2]`` from upright to each of ``[..., 19, 3]``, by mid-hip (or neck) to nose."""
    foot = np.where(seen(joints[..., ROOT, :])[..., None], joints[..., ROOT, :2], joints[..., NECK, :2])
    x, y = np.moveaxis(joints[..., 0, :2] - foot, -1, 0)
    length = np.hypot(x, y)
    known = seen(joints[..., 0, :]) & (length > 1e-6) & (seen(joints[..., ROOT, :]) | seen(joints[..., NECK, :]))
    cos, sin = np.where(known, -y, 1) / np.where(known, length, 1), np.where(known, x, 0) / np.where(known, length, 1)
    return np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
