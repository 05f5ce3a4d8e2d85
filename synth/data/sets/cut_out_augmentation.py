"""Augment a character's clips with rotated and bent cut-outs: lying, upside down, bending sideways.

The character is segmented by its difference from the background plate, without its shadow, transformed, and pasted onto
the plate.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from synth.data.sets import people
from synth.data.sets.pose_augmentation import warped
from synth.pixels.body import skeleton
from synth.pixels.body.pose import seen

UPPER, LOWER = slice(0, 11), slice(13, 17)  # joints that rotate about the hips, and joints that stay
SHOULDERS, ARMS, HIPS, KNEES = slice(5, 7), slice(7, 11), slice(11, 13), slice(13, 15)
UPRIGHT = 0.4  # share of the transforms that lean a little; the others rotate by any angle
LEAN, BEND = np.radians(18), np.radians(50)  # sigmas
BENT = 0.4  # share of the transforms that bend at the hips, where the arms are clear of the legs
CLEAR = 0.35  # of the torso: least distance of an arm from the legs to tell them apart
SEAM = 0.12  # of the torso: overlap of both halves at the hips, so that no gap opens between them
MARGIN = 0.06  # of the image: how far a body reaches beyond its joints
SHADOW, DARKEST = 12, 0.3  # a shadow: the plate's colour within 12 grey levels, darkened to no less than 0.3

SAMPLED, AROUND, STRAY = (
    16,
    0.3,
    0.03,
)  # frames sampled; margin around the body's box; largest share of differing pixels outside it

Random = np.random.Generator


@dataclass(frozen=True)
class Transform:
    """Bend the upper body by ``bend`` (radians) about the hips, then apply ``matrix`` ``[2, 3]``, in pixels."""

    matrix: np.ndarray
    bend: float


def is_separable(pictures: np.ndarray, plate: np.ndarray, poses: np.ndarray) -> bool:
    """Return whether nearly all differences from the background plate belong to the character, in a sample of frames.

    ``pictures`` are uint8 ``[T, side, side, 3]``, ``poses`` ``[T, 17, 3]``. False where the light changes or other
    people walk by.
    """
    strays = []
    for i in np.linspace(0, len(poses) - 1, min(SAMPLED, len(poses))).astype(int):
        points = poses[i, seen(poses[i]), :2]
        if not len(points):
            continue
        low, high = points.min(0), points.max(0)
        spare = AROUND * (high - low).max()
        (left, top), (right, bottom) = (np.maximum(low - spare, 0).astype(int), (high + spare).astype(int))
        beyond = np.ones(plate.shape[:2], bool)
        beyond[top:bottom, left:right] = False
        if beyond.any():
            strays.append(people.foreground_mask(pictures[i], plate)[beyond].mean() / 255)
    return bool(strays) and float(np.median(strays)) < STRAY


def random_transform(pose: np.ndarray, side: int, random: Random) -> Transform | None:
    """Return a random transform of a body ``[17, 3]`` in an image of ``side`` pixels; None if joints are missing."""
    known = seen(pose)
    if not (known[HIPS].all() and known[SHOULDERS].all() and known[KNEES].all()):
        return None
    bend = float(random.normal(0, BEND)) if random.random() < BENT else 0.0
    bend = bend if _arms_clear(pose) else 0.0
    angle = random.normal(0, LEAN) if random.random() < UPRIGHT else random.uniform(-np.pi, np.pi)
    scale = random.uniform(0.8, 1.1)
    linear = scale * _rotation(angle)
    points = bend_upper_body(pose, bend)[known, :2] @ linear.T
    low, high = points.min(0) - MARGIN * side, points.max(0) + MARGIN * side
    room = side - (high - low)
    start = np.where(room > 0, random.random(2) * room, room / 2)
    return Transform(np.concatenate([linear, (start - low)[:, None]], 1), bend)


def move_pose(pose: np.ndarray, transform: Transform) -> np.ndarray:
    """Return the transformed joints ``[17, 3]``."""
    moved = bend_upper_body(pose, transform.bend)
    moved[:, :2] = _apply(moved[:, :2], transform.matrix)
    return moved


def bend_upper_body(pose: np.ndarray, angle: float) -> np.ndarray:
    """Return a body ``[17, 3]`` with the joints above the hips rotated by ``angle`` about the mid-hip."""
    moved = pose.copy()
    moved[UPPER, :2] = _apply(pose[UPPER, :2], _rotation_about(pose[HIPS, :2].mean(0), angle))
    return moved


def move_character(image: np.ndarray, plate: np.ndarray, pose: np.ndarray, transform: Transform) -> np.ndarray:
    """Return ``image`` with the character transformed, on ``plate``; all uint8 ``[side, side, 3]``."""
    cover = character_mask(image, plate, pose)
    if not transform.bend:
        return _paste(plate, image, cover, transform.matrix)
    upper, lower = _halves(pose, cover.shape[0])
    whole = transform.matrix @ np.vstack([_rotation_about(pose[HIPS, :2].mean(0), transform.bend), (0, 0, 1)])
    below = _paste(plate, image, np.where(lower, cover, 0).astype(np.uint8), transform.matrix)
    return _paste(below, image, np.where(upper, cover, 0).astype(np.uint8), whole)


def character_mask(image: np.ndarray, plate: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Return how much of each pixel belongs to the character, without its shadow, uint8 ``[side, side]``."""
    cover = people.foreground_mask(image, plate)
    below = int(np.clip(pose[KNEES, 1].mean(), 0, len(image)))
    part, ground = image[below:].astype(np.float32), plate[below:].astype(np.float32)
    light = part.sum(-1) / np.maximum(ground.sum(-1), 1)
    gap = np.abs(part - light[..., None] * ground).max(-1, initial=0)
    shadow = ((gap < SHADOW) & (light < 1) & (light > DARKEST)).astype(np.uint8)
    if shadow.size:
        # Thin lines of that colour are the character's own edges.
        shadow = cv2.dilate(cv2.morphologyEx(shadow, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.ones((3, 3)))
        cover[below:][shadow > 0] = 0
    return cover


def _paste(ground: np.ndarray, image: np.ndarray, cover: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    side = len(ground)
    alpha = warped(cover, matrix, side)[..., None].astype(np.float32) / 255
    moved = warped(image, matrix, side, cv2.BORDER_REPLICATE)
    return (ground * (1 - alpha) + moved * alpha + 0.5).astype(np.uint8)


def _halves(pose: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Return masks of the upper and the lower body, bool ``[side, side]``: each pixel belongs to the nearer half."""
    upper, lower = pose.copy(), pose.copy()
    lower[UPPER, 2] = upper[LOWER, 2] = 0
    # The torso ends at the hips; what is nearer to them belongs to the legs.
    upper[HIPS, :2] += 0.25 * (pose[SHOULDERS, :2] - pose[HIPS, :2])
    far = [
        cv2.distanceTransform((_skeleton(half, side) == 0).astype(np.uint8), cv2.DIST_L2, 3) for half in (upper, lower)
    ]
    seam = SEAM * _torso(pose)
    return far[0] < far[1] + seam, far[1] < far[0] + seam


def _skeleton(pose: np.ndarray, side: int) -> np.ndarray:
    return skeleton.draw(pose, side, side).max(-1)


def _arms_clear(pose: np.ndarray) -> bool:
    """Return whether all arms are far enough from the legs to be told apart."""
    along = np.linspace(0, 1, 5)[:, None, None]
    legs = pose[HIPS, :2] + along * (pose[KNEES, :2] - pose[HIPS, :2])  # [5, 2, 2]
    arms = pose[ARMS, :2][pose[ARMS, 2] > 0]
    gaps = np.linalg.norm(arms[:, None] - legs.reshape(-1, 2), axis=-1)
    return bool(gaps.min(initial=np.inf) > CLEAR * _torso(pose))


def _torso(pose: np.ndarray) -> float:
    return float(np.linalg.norm(pose[SHOULDERS, :2].mean(0) - pose[HIPS, :2].mean(0)))


def _apply(points: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    return points @ matrix[:, :2].T + matrix[:, 2]


def _rotation_about(centre: np.ndarray, angle: float) -> np.ndarray:
    linear = _rotation(angle)
    return np.concatenate([linear, (centre - linear @ centre)[:, None]], 1)


def _rotation(angle: float) -> np.ndarray:
    return np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
