"""Generous outline of a person from its joints, to separate person and background."""

import cv2
import numpy as np

from synth.pixels.body.pose import seen

GROW = 0.14
"""Margin of the outline around the joints, as a share of their box's diagonal: body, clothes and hair."""


def box(pose: np.ndarray) -> np.ndarray | None:
    """Return left, top, right, bottom of the seen joints of ``[17, 3]``, float ``[4]``; None if fewer than two."""
    points = pose[seen(pose), :2]
    return np.concatenate([points.min(0), points.max(0)]) if len(points) > 1 else None


def outline(pose: np.ndarray, size: tuple[int, int], grow: float = GROW) -> np.ndarray:
    """Return a mask, bool ``[H, W]`` of ``size``: true where the person of ``[17, 3]`` may be.

    It is the convex hull of the joints, grown by ``grow`` of their box's diagonal. If no leg is seen it extends to the
    lower edge. Without joints the mask is empty.
    """
    mask, edges = np.zeros(size, np.uint8), box(pose)
    if edges is None:
        return mask > 0
    known = seen(pose)
    points = pose[known, :2]
    if not known[13:].any():
        points = np.concatenate([points, [(edges[0], size[0]), (edges[2], size[0])]])
    hull = cv2.convexHull(np.round(points).astype(np.int32).reshape(-1, 1, 2))
    width = max(1, round(2 * grow * float(np.hypot(*(edges[2:] - edges[:2])))))
    cv2.fillConvexPoly(mask, hull, 1)
    cv2.polylines(mask, [hull], True, 1, thickness=width)  # round joins grow the hull by half the width
    return mask > 0
