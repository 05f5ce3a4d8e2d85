"""Retarget a pose to another body: global pose normalisation (Chan et al. 2019, sec. 4.3) and limb lengths.

Directions come from the source, lengths from the target. A limb that is foreshortened because it points at the camera
is foreshortened on the target too: lengths are scaled by the ratio of the two full lengths, from the hips outwards.
Retargeting to a body with the same measurements returns the pose unchanged.
"""

import math

import numpy as np

from synth.pixels.body.body import NECK, ROOT, TREE, Body, with_middles
from synth.pixels.body.face import face_shifts
from synth.pixels.body.pose import seen

FACE = frozenset(range(5))
MARGIN = 0.1  # of the stature: how far beyond its training positions a target may move sideways
LEAN = 0.3  # of the torso's length: how far the neck may sway before the whole body moves


def whole(keypoints: np.ndarray) -> bool:
    """Return whether both hips and at least one ankle of ``[17, 3]`` are seen, so that the pose has a ground."""
    known = seen(keypoints)
    return bool(known[11] and known[12] and (known[15] or known[16]))


def retarget(keypoints: np.ndarray, source: Body, target: Body, legs: bool = True) -> np.ndarray:
    """Return the pose ``[17, 3]``, measured as ``source``, on the ``target``, in the target's pixels.

    With ``legs`` and the whole body in view, its depth between the farthest and closest ankle positions and its height
    above the ground are carried over. Otherwise the upper body moves on the target's own legs at rest; without a
    shoulder the whole body rests, and so does a head below its shoulders if the hips are not seen. Missing limbs are
    as in the target's rest pose; missing face points stay missing unless all are. Scores are 1 for joints to draw, else
    0.
    """
    joints = with_middles(np.asarray(keypoints, np.float64))
    known = seen(joints)
    grounded = legs and bool(source.ground) and bool(target.ground) and whole(joints[:17])
    if not grounded:
        return _retarget_upper(joints, known, source, target)
    low = float(joints[15:17, 1][known[15:17]].max())
    from_line, from_tall = source.at(source.depth(low))
    usual = target.at(target.depth(target.ground[1]))[1] / source.at(source.depth(source.ground[1]))[1]
    to_line, to_tall = target.at(target.depth(_map_position(from_line, usual, source.ground, target.ground)))
    scale = to_tall / from_tall
    x = _across(float(joints[ROOT, 0]), scale, source, target)
    points = _place_joints(joints, known, (x, 0.0), scale, source, target, to_tall)
    # The lowest joint, even a hand, touches the ground again; in a jump the height above it is kept.
    present = np.flatnonzero(known[:17])
    lowest = max(points[i][1] for i in present)
    rise = to_line + scale * (float(joints[present, 1].max()) - from_line) - lowest
    return _result(points, known, target, rise)


def _retarget_upper(joints: np.ndarray, known: np.ndarray, source: Body, target: Body) -> np.ndarray:
    """Place the upper body on the target's legs at rest; the neck's sway leans the torso, beyond a limit the body
    moves.
    """
    tall = target.at(0.5)[1]
    scale = tall / source.at(0.5)[1]
    rest = with_middles(np.asarray(target.pose, np.float64))
    torso = rest[NECK, :2] - rest[ROOT, :2]
    length = float(np.hypot(*torso))
    root = [float(rest[ROOT, 0]), float(rest[ROOT, 1])]
    joints, known = joints.copy(), known.copy()
    if not known[NECK]:
        shoulder = 5 if known[5] else 6
        if not known[shoulder]:
            return target.pose
        joints[NECK, :2] = joints[shoulder, :2] - (rest[shoulder, :2] - rest[NECK, :2]) / scale
        joints[NECK, 2], known[NECK] = 1, True
    if not known[ROOT] and known[0] and joints[0, 1] > joints[NECK, 1]:
        # Upside down or bent over: on a torso assumed to be upright, this head would hang in front of the chest.
        known[:5] = False
    if known[ROOT]:
        # Hips at the image's lower edge are often estimated too high: only their direction is used.
        direction, x = joints[NECK, :2] - joints[ROOT, :2], float(joints[ROOT, 0])
        root[0] = _across(x, scale, source, target)
    else:
        sway = (float(joints[NECK, 0]) - source.across[1]) * scale
        lean = min(max(sway, -LEAN * length), LEAN * length)
        direction = torso + np.array([lean, 0.0])
        root[0] = min(max(root[0] + sway - lean, _reach(target)[0]), _reach(target)[1])
    torso = direction * (length / max(float(np.hypot(*direction)), 1e-6))
    known[11:17] = False
    known[ROOT] = True
    # ``_place_joints`` scales the torso like any limb: pass the length that becomes the wanted one.
    joints[ROOT, :2] = joints[NECK, :2] - torso / _ratios(source, target, scale)[0]
    joints[ROOT, 2] = 1
    return _result(_place_joints(joints, known, (root[0], root[1]), scale, source, target, tall), known, target, 0.0)


def _place_joints(
    joints: np.ndarray,
    known: np.ndarray,
    root: tuple[float, float],
    scale: float,
    source: Body,
    target: Body,
    tall: float,
) -> list[tuple[float, float]]:
    """Return the positions of the 19 joints, placed from the hips outwards; unseen limbs are as in the rest pose."""
    ratios = _ratios(source, target, scale)
    limit = tall * 1.1
    shifts = face_shifts(joints, ratios, source, target, tall / scale, tall)
    points, rest = joints[:, :2].tolist(), with_middles(target.pose)[:, :2].tolist()
    seen_, parents = known.tolist(), {child: parent for child, parent, _ in TREE}
    result = [root] * len(points)
    for child, parent, kind in TREE:
        if seen_[child]:
            factor, at = ratios[kind], parent
            while not seen_[at] and at != ROOT:  # a wrist without an elbow is attached to the shoulder
                at, factor = parents[at], scale
            origin, step = points[at], points[child]
        else:
            factor, at, origin, step = 1.0, parent, rest[parent], rest[child]
        if seen_[at] or not seen_[child]:
            base, x, y = result[at], factor * (step[0] - origin[0]), factor * (step[1] - origin[1])
            if child in shifts and seen_[child] and at == parent:
                x, y = _bounded(
                    x + shifts[child][0], y + shifts[child][1], max(math.hypot(x, y), limit * target.limbs[kind])
                )
            result[child] = (base[0] + x, base[1] + y)
        else:  # no seen parent: as in the rest pose
            result[child] = (
                result[parent][0] + rest[child][0] - rest[parent][0],
                result[parent][1] + rest[child][1] - rest[parent][1],
            )
    return result


def _result(points: list[tuple[float, float]], known: np.ndarray, target: Body, rise: float) -> np.ndarray:
    result = np.ones((17, 3), np.float32)
    result[:, :2] = points[:17]
    result[:, 1] += rise
    faceless = not known[:5].any()
    filled = [joint not in FACE or faceless for joint in range(17)]
    result[:, 2] = np.where(known[:17], 1.0, np.where(filled, target.pose[:, 2], 0.0))
    return result


def _bounded(x: float, y: float, length: float) -> tuple[float, float]:
    """Return the vector, shortened to ``length`` if it is longer."""
    factor = min(1.0, length / max(math.hypot(x, y), 1e-9))
    return x * factor, y * factor


def _ratios(source: Body, target: Body, scale: float) -> list[float]:
    return [scale * theirs / ours for theirs, ours in zip(target.limbs, source.limbs, strict=True)]


def _across(x: float, scale: float, source: Body, target: Body) -> float:
    """Return the mid-hip's x on the target, within its range."""
    left, right = _reach(target)
    return min(max(_map_position(x, scale, source.across, target.across), left), right)


def _map_position(place: float, scale: float, source: tuple[float, ...], target: tuple[float, ...]) -> float:
    """Map a position along an axis to the target; both bodies are given as (one end, usual, other end).

    Distances keep their length in body sizes and are shortened only where the target has less room. Unlike in the paper
    they are never stretched to the target's range: the jitter of a person standing still would be amplified.
    """
    end = 0 if place < source[1] else 2
    room, walk = abs(target[end] - target[1]), abs(source[end] - source[1]) * scale
    return target[1] + (place - source[1]) * scale * (min(1.0, room / walk) if walk > 1e-6 else 1.0)


def _reach(target: Body) -> tuple[float, float]:
    spare = MARGIN * target.at(0.5)[1]
    return target.across[0] - spare, target.across[2] + spare
