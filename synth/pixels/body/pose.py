"""Keypoint conventions, and conversion between them.

The internal convention is COCO-17: float32 ``[17, 3]``, each row ``x, y, score``. ``x`` and ``y`` are in pixels, 0 at
the left and upper edge of the image, width and height at the opposite edges (the centre of the first pixel is 0.5), so
that resizing an image multiplies its keypoints. ``score`` is 0..1; 0 means that the joint is unknown and its position
meaningless. Left and right are the person's own.
"""

from collections.abc import Sequence

import numpy as np

SEEN = 0.2
"""Joints with a lower score count as missing, in drawing and in measuring alike."""
VISIBLE = 0.75
"""Rendered joints with a lower score are hidden by the body: they have score 0.5, see ``from_points``."""

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
BODY_18 = BODY_25[:8] + BODY_25[9:19]  # OpenPose's older "COCO" model: no mid-hip, no feet
HANDS = tuple(f"{side}_hand_{i}" for side in ("left", "right") for i in range(21))
BODY_67 = BODY_25 + HANDS
"""BODY_25 followed by OpenPose's 21 points of the left and of the right hand."""

CONVENTIONS = {len(names): names for names in (COCO, BODY_18, BODY_25, BODY_67)}
MIDDLES = {"neck": ("left_shoulder", "right_shoulder"), "mid_hip": ("left_hip", "right_hip")}
# Names of the same joints in other data sets; the toe of the bundled characters is the tip of the shoe.
ALIASES = {"mid_hip": "pelvis", "left_big_toe": "left_toe", "right_big_toe": "right_toe"}


def names_of(keypoints: np.ndarray) -> Sequence[str]:
    """Return the joint names for ``[..., K, 3]``. Raises ``ValueError`` if no convention has K joints."""
    count = keypoints.shape[-2] if keypoints.ndim >= 2 and keypoints.shape[-1] == 3 else 0
    if count not in CONVENTIONS:
        raise ValueError(f"Keypoints of shape {keypoints.shape} are unknown: use [17, 3] (COCO) or [25, 3] (BODY_25).")
    return CONVENTIONS[count]


def seen(keypoints: np.ndarray, threshold: float = SEEN) -> np.ndarray:
    """Return whether each joint of ``[..., K, 3]`` is known: finite, with a score of at least ``threshold``;
    ``[..., K]``.
    """
    return np.isfinite(keypoints).all(-1) & (np.nan_to_num(keypoints[..., 2]) >= threshold)


def middle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the midpoint ``[..., 3]`` of two joints, with the lower of their scores."""
    centre = (a + b) / 2
    centre[..., 2] = np.minimum(a[..., 2], b[..., 2])
    return centre


def pick(keypoints: np.ndarray, names: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """Return float32 ``[..., len(wanted), 3]`` from ``[..., len(names), 3]``, matched by joint name.

    Neck and mid-hip are computed from the shoulders and hips even if ``names`` has such points: data sets disagree on
    where a neck is. Only where a shoulder or a hip is unknown are those points taken. Joints that cannot be derived get
    score 0.
    """
    place = {name: i for i, name in enumerate(names)}
    result = np.zeros((*keypoints.shape[:-2], len(wanted), 3), np.float32)
    for i, name in enumerate(wanted):
        pair = MIDDLES.get(name, ())
        source = name if name in place else ALIASES.get(name)
        if source in place:
            result[..., i, :] = keypoints[..., place[source], :]
        if pair and all(side in place for side in pair):
            centre = middle(keypoints[..., place[pair[0]], :], keypoints[..., place[pair[1]], :])
            own = seen(result[..., i, :]) & ~seen(centre)
            result[..., i, :] = np.where(own[..., None], result[..., i, :], centre)
    return result


def to_coco(keypoints: np.ndarray) -> np.ndarray:
    """Convert keypoints of any known convention ``[..., K, 3]`` to COCO-17 ``[..., 17, 3]``."""
    return pick(keypoints, names_of(keypoints), COCO)


def to_body_25(keypoints: np.ndarray) -> np.ndarray:
    """Convert keypoints of any known convention ``[..., K, 3]`` to BODY_25 ``[..., 25, 3]``."""
    return pick(keypoints, names_of(keypoints), BODY_25)


def from_points(
    xy: np.ndarray, visible: np.ndarray, names: Sequence[str], wanted: Sequence[str] = COCO, shift: float = 0.25
) -> np.ndarray:
    """Convert rendered points ``xy [..., K, 2]`` with ``visible [..., K]`` to keypoints ``[..., len(wanted), 3]``.

    ``visible`` follows COCO: 2 visible (score 1), 1 hidden by the body (score 0.5), 0 unknown. The bundled characters
    were rendered at 512 pixels and their points halved, which puts a pixel's centre at 0.25 instead of 0.5: ``shift``
    corrects that.
    """
    score = np.asarray(visible, np.float32)[..., None] / 2
    return pick(np.concatenate([np.asarray(xy, np.float32) + shift, score], -1), list(names), wanted)


def mirror(keypoints: np.ndarray, width: float) -> np.ndarray:
    """Mirror ``[..., K, 3]``: ``x`` becomes ``width - x``, left and right are swapped."""
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

    The box is weighted by the joints' mean score, so that a large, uncertain detection does not win over a person.
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
