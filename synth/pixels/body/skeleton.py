"""Draw a body as a stick figure, for training and for serving alike (Chan et al. 2019, sec. 4.1).

A network that has seen one way of drawing understands only that one: nobody draws a figure by other means.
"""

from functools import cache

import cv2
import numpy as np

from synth.pixels.body.pose import BODY_25, BODY_67, HANDS, SEEN, names_of, pick, seen

# From the middle outwards, what is nearer to the camera more often last. Left is cold, right is warm, so that a body
# seen from behind differs from one seen from the front.
LIMBS: tuple[tuple[str, str, tuple[int, int, int]], ...] = (
    ("neck", "mid_hip", (255, 0, 0)),
    ("mid_hip", "right_hip", (130, 255, 0)),
    ("mid_hip", "left_hip", (0, 150, 255)),
    ("right_hip", "right_knee", (60, 255, 0)),
    ("right_knee", "right_ankle", (0, 255, 0)),
    ("left_hip", "left_knee", (0, 85, 255)),
    ("left_knee", "left_ankle", (0, 0, 255)),
    ("right_ankle", "right_heel", (0, 255, 150)),
    ("right_ankle", "right_big_toe", (0, 255, 150)),
    ("right_big_toe", "right_small_toe", (0, 255, 150)),
    ("left_ankle", "left_heel", (90, 90, 255)),
    ("left_ankle", "left_big_toe", (90, 90, 255)),
    ("left_big_toe", "left_small_toe", (90, 90, 255)),
    ("neck", "right_shoulder", (255, 85, 0)),
    ("neck", "left_shoulder", (0, 255, 255)),
    ("right_shoulder", "right_elbow", (255, 150, 0)),
    ("right_elbow", "right_wrist", (255, 215, 0)),
    ("left_shoulder", "left_elbow", (0, 200, 255)),
    ("left_elbow", "left_wrist", (120, 220, 255)),
    ("neck", "nose", (255, 0, 85)),
    ("nose", "right_eye", (255, 0, 170)),
    ("right_eye", "right_ear", (255, 0, 255)),
    ("nose", "left_eye", (170, 0, 255)),
    ("left_eye", "left_ear", (85, 0, 255)),
)
FACE = ("nose", "right_eye", "left_eye", "right_ear", "left_ear")
LINES_PER_HEIGHT = 64  # a limb is 1/64 of the picture's height thick: 4 pixels at 256
SHIFT = 4  # binary digits after the point in the coordinates that OpenCV gets: moving by 1/16 pixel is seen


def draw(keypoints: np.ndarray, height: int, width: int, threshold: float = SEEN) -> np.ndarray:
    """Return the stick figure of ``[K, 3]`` keypoints (COCO-17, BODY_25, ...) as uint8 RGB ``[height, width, 3]``.

    Coloured limbs on black, antialiased, their thickness a share of the height. The neck and the middle of the hips are
    those of the shoulders and hips. A limb with a missing end (score below ``threshold``) is left out; feet and hands
    are drawn where the convention has them. Raises ``ValueError`` for an unknown convention.
    """
    return draw_over(np.zeros((height, width, 3), np.uint8), keypoints, threshold)


def draw_over(picture: np.ndarray, keypoints: np.ndarray, threshold: float = SEEN) -> np.ndarray:
    """Draw the stick figure into uint8 RGB ``[H, W, 3]`` (changed in place) and return it; see ``draw``."""
    height, width = picture.shape[:2]
    names = BODY_67 if len(keypoints) == len(BODY_67) else BODY_25
    joints = pick(keypoints, names_of(keypoints), names)
    # Far outside, OpenCV's integers overflow; such a joint is a mistake of whoever found it.
    far = np.abs(np.nan_to_num(joints[:, :2], nan=np.inf)).max(-1) > 8 * max(height, width)
    known = (seen(joints, threshold) & ~far).tolist()
    points = np.rint((np.where(far[:, None], 0, joints[:, :2]) - 0.5) * (1 << SHIFT)).astype(int).tolist()
    thick = max(1, round(height / LINES_PER_HEIGHT))
    for start, end, color, thin in _lines(len(names)):
        if known[start] and known[end]:
            size = max(1, thick // 2) if thin else thick
            cv2.line(picture, points[start], points[end], color, size, cv2.LINE_AA, SHIFT)
    for index, color in _dots():
        if known[index]:
            cv2.circle(picture, points[index], int(thick * 0.45 * (1 << SHIFT)), color, -1, cv2.LINE_AA, SHIFT)
    return picture


@cache
def _lines(count: int) -> list[tuple[int, int, tuple[int, int, int], bool]]:
    """Return each limb as indices into the names, its colour, and whether it is thin (faces, feet and hands)."""
    thin = {*FACE, "left_big_toe", "right_big_toe", "left_heel", "right_heel", "left_small_toe", "right_small_toe"}
    lines = [(BODY_25.index(a), BODY_25.index(b), color, b in thin and a != "neck") for a, b, color in LIMBS]
    if count == len(BODY_67):
        for side, color in ((0, (190, 190, 255)), (1, (255, 230, 160))):
            first = BODY_67.index(HANDS[21 * side])
            # Five fingers of four points each start at the wrist, which is point 0.
            lines += [(first + (0 if i % 4 == 1 else i - 1), first + i, color, True) for i in range(1, 21)]
    return lines


@cache
def _dots() -> list[tuple[int, tuple[int, int, int]]]:
    color = {end: color for _, end, color in LIMBS}
    return [(BODY_25.index(name), color[name]) for name in FACE]
