"""Smooth live keypoints with the One-Euro filter (Casiez, Roussel and Vogel 2012); hold missing joints."""

import math

import numpy as np

from synth.pixels.body.pose import SEEN, seen


class OneEuroFilter:
    """Filters the joints of one person over time, each joint independently.

    Slow joints are smoothed strongly (against jitter), fast ones little (against lag). ``cutoff`` is the cutoff
    frequency in Hz for a resting joint, ``beta`` the Hz added per image height per second, ``size`` that height in
    pixels, so that the same motion is smoothed alike at all sizes. An unseen joint keeps its position for ``hold``
    seconds, then its score falls linearly to 0 within ``fade`` seconds and it is forgotten.
    """

    def __init__(
        self,
        size: float = 256.0,
        cutoff: float = 1.5,
        beta: float = 20.0,
        hold: float = 0.43,
        fade: float = 0.07,
        speed_cutoff: float = 1.0,
        threshold: float = SEEN,
    ):
        self.size, self.cutoff, self.beta = size, cutoff, beta
        self.hold, self.fade, self.speed_cutoff, self.threshold = hold, fade, speed_cutoff, threshold
        self.reset()

    def reset(self) -> None:
        """Forget all state, for another person or clip."""
        self._joints: np.ndarray | None = None  # [K, 3]: smoothed position, score when last seen
        self._speed = np.zeros((0, 2))  # [K, 2]: smoothed, pixels per second
        self._last = np.zeros(0)  # [K]: when each joint was last seen; -inf if never
        self._now = -math.inf

    def smoothness(self, amount: float) -> None:
        """Set the amount of smoothing: 0 keeps all jitter, 0.5 is the default, 1 is the slowest and smoothest."""
        self.cutoff = 1.5 * 8.0 ** (1 - 2 * min(max(amount, 0.0), 1.0))
        self.beta = 20.0 * 2.0 ** (1 - 2 * min(max(amount, 0.0), 1.0))

    def __call__(self, keypoints: np.ndarray, time: float) -> np.ndarray:
        """Return the filtered joints for ``[K, 3]`` seen at ``time`` (seconds, any origin; intervals may vary).

        A time that does not advance counts as the smallest step; after a second without frames the state is reset.
        """
        if self._joints is None or len(self._joints) != len(keypoints) or time - self._now > 1 + self.hold + self.fade:
            self._start(len(keypoints))
        assert self._joints is not None
        self._now = time = max(time, self._now + 1e-4)
        visible = seen(keypoints, self.threshold)
        with np.errstate(invalid="ignore"):
            self._update(keypoints.astype(np.float64), visible, time)
        age = np.where(visible, 0.0, time - self._last)
        result = self._joints.astype(np.float32)
        left = np.clip(1 - (age - self.hold) / max(self.fade, 1e-9), 0.0, 1.0)
        result[:, 2] *= left
        self._last[left <= 0] = -np.inf
        return result

    def _start(self, count: int) -> None:
        self.reset()
        self._joints = np.zeros((count, 3))
        self._speed = np.zeros((count, 2))
        self._last = np.full(count, -np.inf)

    def _update(self, keypoints: np.ndarray, visible: np.ndarray, time: float) -> None:
        """Update the seen joints; a joint that newly appears is taken over unfiltered."""
        assert self._joints is not None
        fresh = visible & np.isinf(self._last)
        known = visible & ~fresh
        self._joints[fresh] = keypoints[fresh]
        self._speed[fresh] = 0
        step = np.maximum(time - self._last[known], 1e-4)[
            :, None
        ]  # since the joint was last seen, not since the last frame
        move = keypoints[known, :2] - self._joints[known, :2]
        speed = self._speed[known] + _gain(self.speed_cutoff, step) * (move / step - self._speed[known])
        pace = np.linalg.norm(speed, axis=1, keepdims=True) / self.size
        self._joints[known, :2] += _gain(self.cutoff + self.beta * pace, step) * move
        self._joints[known, 2] = keypoints[known, 2]
        self._speed[known] = speed
        self._last[visible] = time


def _gain(cutoff: np.ndarray | float, step: np.ndarray) -> np.ndarray:
    """Return the share by which a first-order low-pass of ``cutoff`` Hz moves to its input within ``step`` seconds."""
    rate = 2 * math.pi * np.asarray(cutoff) * step
    return rate / (rate + 1)
