"""CMP facades: restore the database's own palette in label maps of circulating copies.

The database (Tylecek & Sara 2013) has 12 classes. The well-known copy that came with pix2pix stores its label maps as
JPEG in colours shifted by a colour profile: wall is (13, 61, 251) instead of (0, 0, 255), window (0, 117, 255) instead
of (0, 85, 255). Snapping those to the database's palette gives walls the colour of windows, windows the colour of walls
except for a few streaks in that of doors, and the background that of walls.
"""

import cv2
import numpy as np

from synth.card import Color
from synth.pixels.palette import FACADES, nearest, paint

# The 12 classes in the order of FACADES, in the colours of the JPEG copy.
SHIFTED: tuple[Color, ...] = tuple(
    (name, *rgb)
    for (name, *_), rgb in zip(
        FACADES,
        [
            (0, 6, 217), (13, 61, 251), (0, 117, 255), (0, 201, 255), (29, 255, 221), (104, 248, 152),
            (184, 255, 56), (238, 237, 40), (255, 146, 4), (255, 68, 1), (246, 0, 1), (165, 0, 0),
        ],
        strict=True,
    )
)  # fmt: skip
BACKGROUND, WALL, WINDOW, DOOR = 0, 1, 2, 3


def tidy(labels: np.ndarray) -> np.ndarray:
    """Return any copy's label map, uint8 RGB ``[H, W, 3]``, in the colours of ``FACADES``.

    A map that already has the database's colours, windows included, is returned unchanged.
    """
    if _is_jpeg(labels):
        return paint(nearest(labels, SHIFTED), FACADES)
    return paint(unconfuse(nearest(labels, FACADES)), FACADES) if confused(labels) else labels


def confused(labels: np.ndarray) -> bool:
    """Return whether walls have the colour of windows in a label map of palette colours.

    Windows cover a fifth of a facade, walls two fifths; where it is the other way round, or the door's colour appears
    in streaks, the classes were confused. A map without windows may go unnoticed: check several of a set.
    """
    index = nearest(labels, FACADES)
    swapped = (index == WINDOW).mean() > 2 * (index == WALL).mean()
    return not _is_jpeg(labels) and bool(swapped or _streaks(index).mean() > 0.005)


def _is_jpeg(labels: np.ndarray) -> bool:
    """Return whether almost no pixel is exactly on the palette."""
    on_palette = (labels[..., None, :] == np.array([c[1:] for c in FACADES], np.uint8)).all(-1).any(-1)
    return bool(on_palette.mean() < 0.99)


def unconfuse(index: np.ndarray) -> np.ndarray:
    """Undo the wrong snapping of class indices ``[H, W]`` (see the module); windows are found by their streaks.

    Windows of the database are rectangles, so each is the bounding box of the streaks that are close together.
    """
    streaks = _streaks(index)
    fixed = index.copy()
    fixed[index == WALL] = BACKGROUND
    fixed[(index == WINDOW) | streaks] = WALL
    near = cv2.morphologyEx(streaks.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    near[~((index == WINDOW) | streaks)] = 0
    _, _, boxes, _ = cv2.connectedComponentsWithStats(near, connectivity=8)
    for x, y, width, height, _ in boxes[1:]:
        if min(width, height) >= 4:
            box = (slice(y, y + height), slice(x, x + width))
            fixed[box][((index == WINDOW) | streaks)[box]] = WINDOW
    return fixed


def _streaks(index: np.ndarray) -> np.ndarray:
    """Return where the door's colour does not fill a rectangle, as real doors do: bool ``[H, W]``."""
    door = (index == DOOR).astype(np.uint8)
    _, component, boxes, _ = cv2.connectedComponentsWithStats(door, connectivity=8)
    solid = [i for i, (_, _, w, h, area) in enumerate(boxes) if i and min(w, h) >= 9 and area > 0.85 * w * h]
    return (door > 0) & ~np.isin(component, solid)
