"""Retarget a pose to another body: global pose normalisation (Chan et al. 2019, sec. 4.3) and limb lengths.

Directions come from the source, lengths from the target. A limb that is foreshortened because it points at the camera
is foreshortened on the target too: lengths are scaled by the ratio of the two full lengths, from the hips outwards.
Retargeting to a body with the same measurements returns the pose unchanged.
"""

from dataclasses import dataclass

import numpy as np

from synth.pixels.body.body import NECK, ROOT, TREE, Body, with_middles
from synth.pixels.body.limb_vectors import complete_trunk, limb_vectors, ratios, rest_vectors
from synth.pixels.body.pose import SEEN, seen

FACE = frozenset(range(5))
MARGIN = 0.1  # of the stature: how far beyond its training positions a target may move sideways
LEAN = 0.3  # of the torso's length: how far the neck may sway before the whole body moves
UPRIGHT = 0.85  # least share of its full length of an upright head, if only the upper body is in view


@dataclass(frozen=True)
class Stance:
    """How large a person appears, and where they stand: the stature and the y of the ground, in pixels.

    Feet less than ``loose`` pixels above the ground stand on it.
    """

    tall: float
    line: float
    loose: float = 0.0

    def height(self, lowest: float) -> float:
        """Return the height in pixels above the ground of a body whose lowest joint is at y = ``lowest``."""
        height = self.line - lowest
        return height if not self.loose else max(height - self.loose, 0.0)


@dataclass(frozen=True)
class Plan:
    """A pose of the target before it is put together.

    ``vectors [19, 2]`` lead to each joint from its parent; ``scores [19]`` are those of the joints, 0 where they are
    at rest. ``root`` is the place of the mid-hip; if ``lowest`` is given, the y of the lowest joint, it has only the x.
    """

    vectors: np.ndarray
    root: tuple[float, float]
    scores: np.ndarray
    lowest: float | None = None

    @property
    def known(self) -> np.ndarray:
        """Whether each joint is seen, bool ``[19]``."""
        return self.scores > 0


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
    if legs and source.ground and target.ground and whole(joints[:17]):
        line, tall = source.at(source.depth(float(joints[15:17, 1][seen(joints[15:17])].max())))
        return put_together(whole_plan(joints, source, target, Stance(tall, line)), target)
    plan = upper_plan(joints, source, target, source.at(0.5)[1])
    return target.pose if plan is None else put_together(plan, target)


def whole_plan(joints: np.ndarray, source: Body, target: Body, stance: Stance, legs: bool = True) -> Plan:
    """Return the plan for a person of whom the whole body ``[19, 3]`` is in view, on the target's ground.

    A shoulder or a hip must be known; the others are taken as beside, below or above. Without ``legs`` the target's
    own rest.
    """
    known = seen(joints)
    joints, known = complete_trunk(joints, known, source, stance.tall)
    known[13:17] &= legs
    usual = target.usual_stature / source.usual_stature
    to_line, to_tall = target.at(target.depth(_map_position(stance.line, usual, source.ground, target.ground)))
    scale = to_tall / stance.tall
    vectors = limb_vectors(joints, known, source, target, stance.tall, to_tall)
    present = known[:17]
    # The lowest joint, even a hand, touches the ground again; in a jump the height above it is kept.
    height = stance.height(float(joints[:17, 1][present].max())) if known[15:17].any() else 0.0
    return Plan(
        vectors,
        (_across(float(joints[ROOT, 0]), scale, source, target), 0.0),
        _scores(joints, known),
        to_line - scale * height,
    )


def upper_plan(joints: np.ndarray, source: Body, target: Body, tall: float) -> Plan | None:
    """Return the plan for an upper body ``[19, 3]`` on the target's legs at rest; ``None`` if no shoulder is known.

    The neck's sway leans the torso; beyond a limit the body moves.
    """
    to_tall = target.at(0.5)[1]
    scale = to_tall / tall
    rest = with_middles(np.asarray(target.pose, np.float64))
    torso = rest[NECK, :2] - rest[ROOT, :2]
    length = float(np.hypot(*torso))
    root = [float(rest[ROOT, 0]), float(rest[ROOT, 1])]
    joints, known = joints.copy(), seen(joints)
    if not known[NECK]:
        shoulder = 5 if known[5] else 6
        if not known[shoulder]:
            return None
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
    for elbow, wrist in ((7, 9), (8, 10)):  # an arm of which no hand is seen is a guess
        known[elbow] &= known[wrist]
    # ``limb_vectors`` scales the torso like any limb: pass the length that becomes the wanted one.
    joints[ROOT, :2] = joints[NECK, :2] - torso / ratios(source, target, scale)[0]
    joints[ROOT, 2] = 1
    vectors = limb_vectors(joints, known, source, target, tall, to_tall)
    if joints[0, 1] < joints[NECK, 1] and known[0]:  # before a laptop a head leans to the camera: keep the neck long
        vectors[0] *= max(1.0, UPRIGHT * target.limbs[7] * to_tall / max(float(np.hypot(*vectors[0])), 1e-9))
    return Plan(vectors, (root[0], root[1]), _scores(joints, known))


def rest_plan(target: Body) -> Plan:
    """Return the plan of the target's neutral pose."""
    rest = with_middles(np.asarray(target.pose, np.float64))
    return Plan(rest_vectors(target), (float(rest[ROOT, 0]), float(rest[ROOT, 1])), _scores(rest, seen(rest)))


def put_together(plan: Plan, target: Body) -> np.ndarray:
    """Return the pose ``[17, 3]`` of a plan: joints from the hips outwards, then moved up or down to ``lowest``."""
    points = np.zeros((19, 2))
    points[ROOT] = plan.root
    for child, parent, _ in TREE:
        points[child] = points[parent] + plan.vectors[child]
    if plan.lowest is not None:
        present = plan.known[:17].copy()
        present[15:17] |= not present[15:17].any()  # guessed legs stand
        points[:, 1] += plan.lowest - points[:17, 1][present].max()
    known = plan.known[:17]
    drawn = target.pose[:, 2].copy()
    drawn[:5] *= not known[:5].any()  # a turned head shows one ear
    drawn[known] = 1
    return np.concatenate([points[:17], drawn[:, None]], 1).astype(np.float32)


def _scores(joints: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return the scores of the joints: at least ``SEEN`` for those that are known or guessed, else 0."""
    return np.where(known, np.maximum(np.nan_to_num(joints[:, 2]), SEEN), 0.0)


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
