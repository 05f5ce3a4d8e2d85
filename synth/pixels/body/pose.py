"""Keypoints of a body: the conventions, and the ways between them.

The house convention is COCO-17: float32 ``[17, 3]``, each row ``x, y, score``. ``x`` and ``y`` are in pixels with 0 at
the left and upper edge of the picture and the width and height at the others (the middle of the first pixel is 0.5), so
that resizing a picture multiplies its keypoints. ``score`` is 0..1; 0 means that nothing is known of the joint and its
position is then meaningless. Left and right are the person's own.
"""

from collections.abc import Sequence

import numpy as np

SEEN = 0.2
"""A joint with a lower score counts as missing, in drawing and in measuring alike."""
VISIBLE = 0.75
"""A rendered joint with a lower score is hidden by the body: it has half a score, see ``from_points``."""

# fmt: off
COCO: tuple[str, ...] = (
    "nose", "left_eye", "right_eye", "left_ear", "right_ear", "left_shoulder", "right_shoulder", "left_elbow",
    "right_elbow", "left_wrist", "right_wrist", "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle",
    "right_ankle",
)
BODY_25: tuple[str, ...] = (
    "nose", "neck", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist",
    "mid_hip", "right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle", "right_eye", "left_eye",
    "right_ear", "left_ear", "left_big_toe", "left_small_toe", "left_heel", "right_big_toe", "right_small_toe",
    "right_heel",
)
# fmt: on
BODY_18 = BODY_25[:8] + BODY_25[9:19]  # OpenPose's older "COCO" model: no middle of the hips, no feet
HANDS = tuple(f"{side}_hand_{i}" for side in ("left", "right") for i in range(21))
BODY_67 = BODY_25 + HANDS
"""BODY_25 followed by OpenPose's 21 points of the left and of the right hand."""

CONVENTIONS = {len(names): names for names in (COCO, BODY_18, BODY_25, BODY_67)}
MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}
# What other sets call the same places; the dancers' toe is the tip of the shoe.
ALIASES = {"mid_hip": "pelvis", "left_big_toe": "left_toe", "right_big_toe": "right_toe"}


def names_of(keypoints: np.ndarray) -> Sequence[str]:
    """Return the joints' names for ``[..., K, 3]``. Raises ``ValueError`` if no convention has that many joints."""
    count = keypoints.shape[-2] if keypoints.ndim >= 2 and keypoints.shape[-1] == 3 else 0
    if count not in CONVENTIONS:
        raise ValueError(f"Keypoints of shape {keypoints.shape} are unknown: use [17, 3] (COCO) or [25, 3] (BODY_25).")
    return CONVENTIONS[count]


def seen(keypoints: np.ndarray, threshold: float = SEEN) -> np.ndarray:
    """Return for ``[..., K, 3]`` whether each joint is known: score at least ``threshold`` and finite. ``[..., K]``."""
    return np.isfinite(keypoints).all(-1) & (np.nan_to_num(keypoints[..., 2]) >= threshold)


def middle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the joint ``[..., 3]`` half way between two; as sure as the less sure of them."""
    centre = (a + b) / 2
    centre[..., 2] = np.minimum(a[..., 2], b[..., 2])
    return centre


def pick(keypoints: np.ndarray, names: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """Return float32 ``[..., len(wanted), 3]`` from ``[..., len(names), 3]``, joint by joint by name.

    The neck is the middle of the shoulders and the middle of the hips is theirs, also where ``names`` has such points:
    sets disagree on where a neck is. What cannot be had gets score 0.
    """
    place = {name: i for i, name in enumerate(names)}
    result = np.zeros((*keypoints.shape[:-2], len(wanted), 3), np.float32)
    for i, name in enumerate(wanted):
        pair = MIDDLES.get(name, ())
        source = name if name in place else ALIASES.get(name)
        if pair and all(side in place for side in pair):
            result[..., i, :] = middle(keypoints[..., place[pair[0]], :], keypoints[..., place[pair[1]], :])
        elif source in place:
            result[..., i, :] = keypoints[..., place[source], :]
    return result


def to_coco(keypoints: np.ndarray) -> np.ndarray:
    """Return keypoints of any known convention ``[..., K, 3]`` as COCO-17 ``[..., 17, 3]``."""
    return pick(keypoints, names_of(keypoints), COCO)


def to_body_25(keypoints: np.ndarray) -> np.ndarray:
    """Return keypoints of any known convention ``[..., K, 3]`` as BODY_25 ``[..., 25, 3]``."""
    return pick(keypoints, names_of(keypoints), BODY_25)


def from_points(
    xy: np.ndarray, visible: np.ndarray, names: Sequence[str], wanted: Sequence[str] = COCO, shift: float = 0.25
) -> np.ndarray:
    """Return rendered points ``xy [..., K, 2]`` with ``visible [..., K]`` as keypoints ``[..., len(wanted), 3]``.

    ``visible`` is COCO's: 2 seen (score 1), 1 hidden by the body (score 0.5), 0 unknown. The dancers were rendered at
    512 pixels and their points halved, so that a pixel's middle lies at 0.25 less than half: ``shift`` adds that back.
    """
    score = np.asarray(visible, np.float32)[..., None] / 2
    return pick(np.concatenate([np.asarray(xy, np.float32) + shift, score], -1), list(names), wanted)


def mirror(keypoints: np.ndarray, width: float) -> np.ndarray:
    """Return ``[..., K, 3]`` as seen in a mirror: ``x`` becomes ``width - x`` and left and right change places."""
    names = names_of(keypoints)
    place = {name: i for i, name in enumerate(names)}
    mirrored = keypoints[..., [place[_other_side(name)] for name in names], :].copy()
    mirrored[..., 0] = width - mirrored[..., 0]
    return mirrored


def _other_side(name: str) -> str:
    for side, other in (("left_", "right_"), ("right_", "left_")):
        if name.startswith(side):
            return other + name[len(side) :]
    return name


def largest(people: np.ndarray) -> np.ndarray | None:
    """Return from ``[P, K, 3]`` the person ``[K, 3]`` whose seen joints span the largest box, or None.

    The joints' mean score weighs in, so that a large, doubtful shadow does not beat a person.
    """
    best, best_size = None, 0.0
    for person in people:
        points = person[seen(person)]
        if len(points) >= 2:
            spread = np.ptp(points[:, :2], axis=0) + 1e-3
            size = float(spread[0] * spread[1] * points[:, 2].sum() / len(person))
            if size > best_size:
                best, best_size = person, size
    return best
