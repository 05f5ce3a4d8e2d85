"""The limbs of a pose on another body: directions of the source, lengths of the target, from each joint to the next."""

import numpy as np

from synth.pixels.body.body import NECK, ROOT, TREE, Body, with_middles
from synth.pixels.body.face import face_shifts

BRIDGED = ((7, 5, 9, 5, 6), (8, 6, 10, 5, 6), (13, 11, 15, 2, 3), (14, 12, 16, 2, 3))
"""Elbows and knees: the joint, the joint before it and the one behind it, and the kinds of the two limbs."""


def complete_trunk(joints: np.ndarray, known: np.ndarray, source: Body, tall: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the joints ``[19, 3]``, with shoulders and hips that are not seen where they should be, and what is known.

    At least one shoulder or hip must be seen.
    """
    joints, known = joints.copy(), known.copy()
    torso, hip, shoulder = (source.limbs[kind] * tall for kind in (0, 1, 4))
    side = 1.0 if joints[5, 0] >= joints[6, 0] or not known[NECK] else -1.0
    for left, right, wide in ((5, 6, shoulder), (11, 12, hip)):
        if known[left] and not known[right]:
            joints[right] = joints[left] - (2 * wide * side, 0, 0)
        elif known[right] and not known[left]:
            joints[left] = joints[right] + (2 * wide * side, 0, 0)
    apart = np.array([(shoulder * side, 0, 0), (-shoulder * side, 0, 0)])
    if not known[5:7].any():
        joints[5:7] = (joints[11] + joints[12]) / 2 - (0, torso, 0) + apart
    if not known[11:13].any():
        joints[11:13] = (joints[5] + joints[6]) / 2 + (0, torso, 0) + apart * hip / shoulder
    joints[NECK] = (joints[5] + joints[6]) / 2
    joints[ROOT] = (joints[11] + joints[12]) / 2
    known[[5, 6, 11, 12, NECK, ROOT]] = True
    return joints, known


def limb_vectors(
    joints: np.ndarray, known: np.ndarray, source: Body, target: Body, from_tall: float, to_tall: float
) -> np.ndarray:
    """Return the target's vector ``[19, 2]`` from each joint's parent to it; those of unseen limbs are at rest.

    An elbow or knee that is not seen lies on the line between the two joints that are.
    """
    scale = to_tall / from_tall
    full = np.array(ratios(source, target, scale))
    points, vectors = joints[:, :2], rest_vectors(target)
    for child, parent, kind in TREE:
        if known[child] and known[parent]:
            vectors[child] = full[kind] * (points[child] - points[parent])
    for middle, inner, outer, first, second in BRIDGED:
        if known[inner] and known[outer] and not known[middle]:
            lengths = np.array([target.limbs[first], target.limbs[second]])
            reached = points[outer] - points[inner]
            reached *= scale * lengths.sum() / (source.limbs[first] + source.limbs[second])
            vectors[[middle, outer]] = np.outer(lengths / lengths.sum(), reached)
    limit = 1.1 * to_tall * np.array(target.limbs)
    for child, shift in face_shifts(joints, full.tolist(), source, target, from_tall, to_tall).items():
        parent, kind = next((parent, kind) for one, parent, kind in TREE if one == child)
        if known[child] and known[parent]:
            longest = max(float(np.hypot(*vectors[child])), limit[kind])
            vectors[child] = _bounded(vectors[child] + shift, longest)
    return vectors


def rest_vectors(target: Body) -> np.ndarray:
    rest, result = with_middles(np.asarray(target.pose, np.float64))[:, :2], np.zeros((19, 2))
    for child, parent, _ in TREE:
        result[child] = rest[child] - rest[parent]
    return result


def ratios(source: Body, target: Body, scale: float) -> list[float]:
    return [scale * theirs / ours for theirs, ours in zip(target.limbs, source.limbs, strict=True)]


def _bounded(vector: np.ndarray, length: float) -> np.ndarray:
    """Return the vector, shortened to ``length`` if it is longer."""
    return vector * min(1.0, length / max(float(np.hypot(*vector)), 1e-9))
