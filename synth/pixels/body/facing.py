"""Tell over time which way a person faces, so that left and right do not change from one frame to the next.

A network that has seen few backs takes them for fronts: it swaps left and right and is sure of it. One image cannot
tell, but a body turns no faster than it can, looks narrow on the way, and a network that does say "from behind" is
nearly always right. A hidden Markov model over the angle of the trunk adds these up: a filter for live images, the most
probable path (Viterbi) for clips.
"""

import functools
import math

import numpy as np

from synth.pixels.body.body import TYPICAL
from synth.pixels.body.pose import seen

ANGLES = 24
"""Angles of the trunk that are told apart; 0 faces the camera."""
TURN, LIVE_TURN = 7.0, 12.0
"""Variance of the turn in a second, radians squared, in clips, and live, where what comes next is not known."""
WIDTH = 0.2
"""Standard deviation of the measured widths of shoulders and hips, as shares of their full widths."""
FRONT_WRONG, SIDE_WRONG, BACK_WRONG = 0.03, 0.4, 0.65
"""How often left and right are swapped of a person who faces the camera, stands sideways, or is seen from behind."""
OUTLIER = 0.05
FACE_SCORE, FACE_WEIGHT, FACE_RANGE = 0.64, 5.0, (-0.6, 0.2)
"""Score of the nose above which a face is likelier than the back of a head, and what it counts for."""
FACE_SATURATED = 0.93
"""Some estimators give every face a score near 1, also on the back of a head: it says nothing."""
INDEPENDENT, LIVE_INDEPENDENT = 0.2, 0.08
"""Seconds between two images that are not wrong for the same reason; live they count more, so that a turn is seen."""
BACKS = 0.1
"""How often a person is first seen from behind."""
SURE = 0.55
"""Probability that is needed for the other side."""

_COSINES = np.cos(2 * math.pi * np.arange(ANGLES) / ANGLES)
_WRONG = np.interp(_COSINES, [-0.5, 0.0, 0.5], [BACK_WRONG, SIDE_WRONG, FRONT_WRONG])


def evidence(pose: np.ndarray, tall: float) -> np.ndarray:
    """Return the log-likelihood ``[ANGLES]`` of a pose ``[17, 3]`` of a person of stature ``tall``, at each angle."""
    known, total = seen(pose), np.zeros(ANGLES)
    widths = [(left, kind) for left, kind in ((5, 4), (11, 1)) if known[left] and known[left + 1]]
    if widths:
        full = sum(2 * TYPICAL[kind] * tall for _, kind in widths)
        width = sum(float(pose[left, 0] - pose[left + 1, 0]) for left, _ in widths) / full
        right, swapped = (np.exp(-(((width - sign * _COSINES) / WIDTH) ** 2) / 2) for sign in (1, -1))
        total += np.log((1 - _WRONG) * right + _WRONG * swapped + OUTLIER)
    if known[5:7].any():
        low, high = FACE_RANGE
        score = float(pose[0, 2]) if np.isfinite(pose[0, 2]) else 0.0
        if score < FACE_SATURATED:
            total += min(max((score - FACE_SCORE) * FACE_WEIGHT, low), high) * _COSINES
    return total


class FacingFilter:
    """Follows which way one person faces, from frame to frame."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the person."""
        self._weights = _start()
        self.front = True

    def __call__(self, likely: np.ndarray | None, step: float) -> bool:
        """Return whether the person faces the camera, by the ``evidence`` of a frame, ``step`` seconds after the last.

        ``None``: nobody was found.
        """
        weights = _turns(step, LIVE_TURN) @ self._weights
        if likely is not None:
            weights = weights * np.exp((likely - likely.max()) * _trust(step, LIVE_INDEPENDENT))
        self._weights = weights / weights.sum()
        front = float(self._weights[_COSINES > 1e-9].sum() + self._weights[np.abs(_COSINES) <= 1e-9].sum() / 2)
        if front > SURE or front < 1 - SURE:
            self.front = front > 0.5
        return self.front


def facing_of_clip(likely: list[np.ndarray | None], times: np.ndarray) -> np.ndarray:
    """Return whether the person faces the camera in each frame of a clip, bool ``[T]``, by the most probable turns."""
    score, back = np.log(_start()), []
    steps = np.diff(times, prepend=times[:1])
    for one, step in zip(likely, steps, strict=True):
        ways = score[None] + np.log(_turns(float(step), TURN) + 1e-30)  # [to, from]
        back.append(ways.argmax(1))
        score = ways.max(1)
        if one is not None:
            score = score + one * _trust(float(step), INDEPENDENT)
    at, path = int(score.argmax()), []
    for origin in reversed(back):
        path.append(at)
        at = int(origin[at])
    return _COSINES[np.array(path[::-1], int)] > -1e-9


def _start() -> np.ndarray:
    weights = np.where(_COSINES > 0, 1 - BACKS, BACKS)
    return weights / weights.sum()


def _trust(step: float, independent: float) -> float:
    """Return what an image counts for, of one that is independent of the last."""
    return min(max(step, 1 / 60) / independent, 1.0)


def _turns(step: float, variance: float) -> np.ndarray:
    """Return the probability ``[to, from]`` of each turn within ``step`` seconds."""
    return _kernel(max(math.floor(step * 1000 + 0.5), 1), variance)


@functools.lru_cache(256)
def _kernel(milliseconds: int, variance: float) -> np.ndarray:
    angles = 2 * math.pi * np.arange(ANGLES) / ANGLES
    way = np.abs(angles[:, None] - angles[None])
    way = np.minimum(way, 2 * math.pi - way)
    kernel = np.exp(-(way**2) / (2 * variance * milliseconds / 1000))
    return kernel / kernel.sum(0)
