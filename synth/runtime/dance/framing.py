"""Frame a character from the waist up while only a person's head and shoulders are in view, as before a laptop."""

import math

import cv2
import numpy as np

from synth.pixels.body.body import Body

AFTER = 1.0
"""Seconds for which only the upper body must be in view before the frame closes in."""
EASE = 0.35
"""Time constant in seconds with which it closes in and opens again."""
SIDE, ABOVE = 2.0, 0.32
"""Side of the square around the upper body, in heights from hips to nose, and the place of the nose in it."""


class Framing:
    """The part of one character's images that is shown, eased from frame to frame."""

    def __init__(self, target: Body):
        pose, side = target.pose, float(target.size[0])
        high = float(pose[11:13, 1].mean() - pose[0, 1])
        closest = min(max(SIDE * high, side / 4), side)
        left = min(max(float(pose[11:13, 0].mean()) - closest / 2, 0.0), side - closest)
        top = min(max(float(pose[0, 1]) - ABOVE * closest, 0.0), side - closest)
        self._whole, self._close = np.array([0.0, 0.0, side]), np.array([left, top, closest])
        self.reset()

    def reset(self) -> None:
        """Show the whole character at once."""
        self.share = 0.0  # 0: the whole character, 1: from the waist up
        self._since: float | None = None
        self._time = -math.inf

    def update(self, mode: str, time: float) -> None:
        """Ease towards what the ``mode`` of retargeting at ``time`` seconds asks for."""
        step = min(max(time - self._time, 0.0), 1.0) if math.isfinite(self._time) else 0.0
        self._time = time
        if mode == "whole":
            self._since = None
        elif mode == "upper" and self._since is None:
            self._since = time
        wanted = 1.0 if self._since is not None and time - self._since >= AFTER else 0.0
        self.share += (wanted - self.share) * (1 - math.exp(-step / EASE))
        if abs(wanted - self.share) < 0.005:
            self.share = wanted

    def crop(self, image: np.ndarray) -> np.ndarray:
        """Return the shown part of ``[S, S]`` or ``[S, S, C]`` uint8 at the same size, or all of it unchanged."""
        if not self.share:
            return image
        x, y, side = self._whole + (self._close - self._whole) * self.share
        scale = len(image) / side
        way = np.array([[scale, 0, -x * scale + (scale - 1) / 2], [0, scale, -y * scale + (scale - 1) / 2]])
        size = image.shape[1], image.shape[0]
        result = cv2.warpAffine(image, way, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return result.reshape(image.shape)
