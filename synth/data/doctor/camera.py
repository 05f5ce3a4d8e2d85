"""Measure camera motion by tracking corners of the background."""

from dataclasses import dataclass

import cv2
import numpy as np

from synth.data.film.cuts import LIKE, correlation

FEWEST = 12
"""Least number of corners for a measurement; a plain wall has fewer, and nothing can be measured."""
STRONG = 2e-3
"""Least strength of a corner (smaller eigenvalue of the gradients): noise and shadows are weaker."""
BACK = 0.7
"""Largest forward-backward tracking error of a corner, in pixels."""
SIDE = 256
POINTS = np.array([(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)], np.float32) * SIDE


@dataclass(frozen=True)
class Camera:
    """Background of a reference frame, to which other frames are compared.

    ``gray`` uint8 ``[256, 256]``, ``corners`` [K, 2] in it, ``free`` bool ``[256, 256]`` where the person is not.
    """

    gray: np.ndarray
    corners: np.ndarray
    free: np.ndarray

    @property
    def has_enough_corners(self) -> bool:
        """Whether there are enough corners to measure motion."""
        return len(self.corners) >= FEWEST

    def displacement(self, pixels: np.ndarray, person: np.ndarray) -> np.ndarray | None:
        """Return how far four points ``[4, 2]`` have moved in uint8 ``[H, W, 3]``, in 256ths of its side.

        NaN if the frame shows another place; None if this cannot be measured. ``person`` bool ``[H, W]`` is left out.
        """
        free = self.free & ~_resized_mask(person)  # free in both frames
        gray = _match_brightness(_gray(pixels), self.gray, free)
        start = self.corners[free[tuple(self.corners.round().astype(int).clip(0, SIDE - 1).T[::-1])]]
        if len(start) < FEWEST:
            return None
        tracked, known, _ = cv2.calcOpticalFlowPyrLK(self.gray, gray, start, None)  # pyright: ignore
        back, again, _ = cv2.calcOpticalFlowPyrLK(gray, self.gray, tracked, None)  # pyright: ignore
        near = np.linalg.norm(back - start, axis=1) < BACK
        good = (known[:, 0] > 0) & (again[:, 0] > 0) & near
        if good.sum() < max(FEWEST / 2, 0.3 * len(start)):
            return self._other_place(gray, free)
        motion, inside = cv2.estimateAffinePartial2D(start[good], tracked[good], ransacReprojThreshold=1.0)
        if motion is None or inside.mean() < 0.5:
            return self._other_place(gray, free)
        return POINTS @ motion[:, :2].T + motion[:, 2] - POINTS

    def _other_place(self, gray: np.ndarray, free: np.ndarray) -> np.ndarray | None:
        """Return NaN if the image shows another place, None if its corners are only too weak to track."""
        coarse = [cv2.blur(np.where(free, picture, 0).astype(np.float32), (9, 9)) for picture in (self.gray, gray)]
        weight = cv2.blur(free.astype(np.float32), (9, 9))[free]
        one, other = (picture[free] / weight for picture in coarse)
        return np.full((4, 2), np.nan) if correlation(one, other) < LIKE else None


def reference_view(pixels: np.ndarray, person: np.ndarray) -> Camera:
    """Return the background of a uint8 frame ``[H, W, 3]`` outside the ``person``, bool ``[H, W]``."""
    gray, free = _gray(pixels), ~_resized_mask(person)
    strength = cv2.cornerMinEigenVal(gray, 5)
    most = float(strength.max()) or 1.0
    found = cv2.goodFeaturesToTrack(
        gray, 200, max(0.01, min(1.0, STRONG / most)), 7, mask=free.astype(np.uint8), blockSize=5
    )
    corners = np.zeros((0, 2), np.float32) if found is None or most < STRONG else found[:, 0]
    return Camera(gray, corners, free)


def _match_brightness(gray: np.ndarray, like: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return ``gray`` with the brightness and contrast of ``like`` within ``free``, as corner tracking assumes."""
    if not free.any():
        return gray
    a, b = gray[free].astype(np.float32), like[free].astype(np.float32)
    scale = float(b.std() / max(a.std(), 1.0))
    return np.clip((gray - a.mean()) * scale + b.mean(), 0, 255).astype(np.uint8)


def _gray(pixels: np.ndarray) -> np.ndarray:
    return cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def _resized_mask(mask: np.ndarray) -> np.ndarray:
    return cv2.resize(mask.astype(np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_NEAREST) > 0
