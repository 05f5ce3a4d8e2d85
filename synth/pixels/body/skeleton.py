"""Draw a body as a coloured skeleton, for training and inference alike (Chan et al. 2019, sec. 4.1).

A network works only with the drawing style that it was trained on: draw all skeletons with this module.
"""

from functools import cache

import cv2
import numpy as np

from synth.pixels.body.pose import BODY_25, BODY_67, HANDS, SEEN, names_of, pick, seen

# Drawing order: from the centre outwards; limbs that are usually nearer to the camera come last. Left limbs have cold
# colours, right limbs warm ones, so that the back view differs from the front view.
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
LINES_PER_HEIGHT = 64  # a limb is 1/64 of the image's height thick: 4 pixels at 256
SHIFT = 4  # fractional bits of the coordinates passed to OpenCV: positions are exact to 1/16 pixel


def draw(keypoints: np.ndarray, height: int, width: int, threshold: float = SEEN) -> np.ndarray:
    """Draw ``[K, 3]`` keypoints (COCO-17, BODY_25, ...) as a skeleton, uint8 RGB ``[height, width, 3]``.

    Coloured limbs on black, antialiased, with a thickness proportional to the height. Neck and mid-hip are the
    midpoints of shoulders and hips. A limb with a missing end (score below ``threshold``) is left out; feet and hands
    are drawn if the convention has them. Raises ``ValueError`` for an unknown convention.
    """
    return draw_over(np.zeros((height, width, 3), np.uint8), keypoints, threshold)


def draw_over(picture: np.ndarray, keypoints: np.ndarray, threshold: float = SEEN) -> np.ndarray:
    """Draw the skeleton into uint8 RGB ``[H, W, 3]``, in place, and return it; see ``draw``."""
    height, width = picture.shape[:2]
    names = BODY_67 if len(keypoints) == len(BODY_67) else BODY_25
    joints = pick(keypoints, names_of(keypoints), names)
    # OpenCV's integers overflow far outside the image; such a joint is a detection error.
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
    """Return each limb as two indices into the names, its colour, and whether it is thin (face, feet, hands)."""
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
