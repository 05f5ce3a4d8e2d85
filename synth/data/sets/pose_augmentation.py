"""Augment an image of a person (for ``poses``): move, rotate, mirror, replace the background, relight."""

import cv2
import numpy as np

from synth.data.sets.people import Example
from synth.pixels.body.pose import mirror

UPPER = 13  # number of joints down to the hips
BEYOND = 114  # grey level with which a tracker pads beyond the frame
BODY = 1.3  # size of a body relative to the box around its joints

Random = np.random.Generator
View = tuple[np.ndarray, np.ndarray, np.ndarray]


def augment(example: Example, ground: np.ndarray | None, side: int, random: Random) -> View:
    """Return image uint8 ``[side, side, 3]``, joints ``[17, 3]`` in its pixels, and which are known ``[17]``.

    ``ground`` is an optional background, a scene uint8 ``[H, W, 3]`` without people. Joints that fall outside the image
    get score 0 and count as known.
    """
    matrix, far = _random_view(example, side, random)
    image = _composite(example, ground, matrix, side, far, random)
    joints, known = example.joints.copy(), example.known.copy()
    joints[:, :2] = joints[:, :2] @ matrix[:, :2].T + matrix[:, 2]
    if random.random() < 0.5:
        known = mirror(np.stack([known] * 3, 1), 0)[:, 2]
        image, joints = image[:, ::-1], mirror(joints, side)
    out = ((joints[:, :2] < 0) | (joints[:, :2] >= side)).any(1) & (joints[:, 2] > 0)
    joints[out, 2] = 0
    return _relight(image, random), joints.astype(np.float32), known


def _random_view(example: Example, side: int, random: Random) -> tuple[np.ndarray, bool]:
    """Return the transform ``[2, 3]`` from the example's to the view's pixels, and whether the person is far away.

    Most often a tracker's crop; else a close-up, or a person who is small in the frame.
    """
    present = example.joints[:, 2] > 0
    height, width = example.image.shape[:2]
    kind = random.choice(3, p=(0.72, 0.14, 0.14))
    points = example.joints[: UPPER if kind == 1 else 17][present[: UPPER if kind == 1 else 17], :2]
    if len(points) < 4:
        points, kind = np.array([(0, 0), (width, height)], np.float32), 0
    low, high = points.min(0), points.max(0)
    reach = max(*(high - low) * BODY, 16.0)
    span = reach * random.uniform(0.9, 1.6) if kind < 2 else reach * random.uniform(1.6, 3.5)
    scale = min(side / span, 4.0)
    centre = (low + high) / 2 + random.normal(0, 0.06, 2) * reach * (kind < 2)
    place = np.full(2, side / 2) if kind < 2 else side * random.uniform(0.25, 0.75, 2)
    turn = np.radians(random.uniform(-180, 180) if random.random() < 0.03 else random.normal(0, 11))
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.array([(cos, -sin), (sin, cos)])
    return np.concatenate([linear, (place - linear @ centre)[:, None]], 1), kind == 2


def _composite(
    example: Example, ground: np.ndarray | None, matrix: np.ndarray, side: int, far: bool, random: Random
) -> np.ndarray:
    """Return the example's pixels in the view, surrounded by a scene, a colour, or its own replicated edge."""
    choice = random.choice(3, p=(0.5, 0.25, 0.25) if far else (0.25, 0.45, 0.3))
    behind = example.mask is not None and random.random() < 0.8
    if ground is not None and (choice == 0 or behind):
        whole = np.full(example.image.shape[:2], 255, np.uint8)
        cover = example.mask if behind and example.mask is not None else whole
        alpha = warped(cover, matrix, side)[..., None].astype(np.float32) / 255
        scene = _random_scene(ground, side, random)
        return (scene * (1 - alpha) + warped(example.image, matrix, side) * alpha).astype(np.uint8)
    if choice < 2:
        color = random.integers(0, 256, 3) if random.random() < 0.4 else np.full(3, BEYOND)
        return warped(example.image, matrix, side, cv2.BORDER_CONSTANT, tuple(map(float, color)))
    return warped(example.image, matrix, side, cv2.BORDER_REPLICATE)


def warped(
    image: np.ndarray,
    matrix: np.ndarray,
    side: int,
    border: int = cv2.BORDER_CONSTANT,
    value: tuple[float, ...] = (0.0, 0.0, 0.0),
) -> np.ndarray:
    """Warp an image by ``matrix`` in pixel coordinates whose 0 is the image's edge; OpenCV's is the first pixel's
    centre.
    """
    scale = float(np.hypot(*matrix[:, 0]))
    linear, shift = matrix[:, :2].copy(), matrix[:, 2]
    if scale < 0.7:  # shrink first, to avoid aliasing
        height, width = image.shape[:2]
        small = max(1, round(width * scale)), max(1, round(height * scale))
        image = cv2.resize(image, small, interpolation=cv2.INTER_AREA)
        linear = linear @ np.diag([width / small[0], height / small[1]])
    moved = np.concatenate([linear, (shift + linear @ (0.5, 0.5) - 0.5)[:, None]], 1)
    return cv2.warpAffine(image, moved, (side, side), flags=cv2.INTER_LINEAR, borderMode=border, borderValue=value)


def _random_scene(ground: np.ndarray, side: int, random: Random) -> np.ndarray:
    """Return a random square of a scene, resized to ``[side, side, 3]``."""
    height, width = ground.shape[:2]
    span = int(min(height, width) * random.uniform(0.5, 1))
    top, left = random.integers(0, height - span + 1), random.integers(0, width - span + 1)
    return cv2.resize(ground[top : top + span, left : left + span], (side, side), interpolation=cv2.INTER_AREA)


def _relight(image: np.ndarray, random: Random) -> np.ndarray:
    """Return the image with other brightness and colours, and sometimes gray, blurred, noisy or heavily compressed."""
    pixels = image.astype(np.float32)
    if random.random() < 0.08:
        pixels = np.repeat(pixels.mean(-1, keepdims=True), 3, -1)
    gain = random.uniform(0.75, 1.25) * random.uniform(0.9, 1.1, 3)
    pixels = (pixels - 128) * gain.astype(np.float32) + 128 + random.normal(0, 16)
    if random.random() < 0.15:
        pixels = cv2.GaussianBlur(pixels, (0, 0), random.uniform(0.5, 1.6))
    if random.random() < 0.08:
        length = int(random.integers(3, 10))
        pixels = cv2.blur(pixels, (length, 1) if random.random() < 0.6 else (1, length))
    if random.random() < 0.15:
        pixels = pixels + random.normal(0, random.uniform(2, 12), pixels.shape).astype(np.float32)
    result = np.ascontiguousarray(pixels.clip(0, 255).astype(np.uint8))
    if random.random() < 0.1:
        _, packed = cv2.imencode(".jpg", result, [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 70))])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
    return result
