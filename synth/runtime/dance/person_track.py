"""Track of the person in a whole clip, smoothed over earlier and later frames, so that it does not lag."""

from collections.abc import Sequence

import numpy as np

from synth.pixels.body.one_euro_filter import OneEuroFilter
from synth.pixels.body.pose import seen
from synth.pixels.body.steady_clip import steady_clip
from synth.pixels.body.steady_pose import Counts
from synth.runtime.dance.tracker import Tracker


class PersonTrack:
    """The joints of a clip's person: ``add`` every frame, then read the ``smoothed`` joints.

    ``times`` are in seconds, ``size`` is the (height, width) of the frames. After ``smoothed``, ``counts`` says in how
    many frames the pose was held or left and right were exchanged.
    """

    def __init__(self, tracker: Tracker):
        self._tracker = tracker
        self.times: list[float] = []
        self.size = (0, 0)
        self._joints: list[np.ndarray | None] = []
        self.counts = Counts()

    def add(self, time: float, frame: np.ndarray) -> None:
        """Detect the person in the next frame, uint8 RGB ``[H, W, 3]``."""
        self.size = (frame.shape[0], frame.shape[1])
        self.times.append(time)
        self._joints.append(self._tracker(frame))

    def reverse(self) -> None:
        """Turn round the order of the frames so far, which were added backwards in time."""
        self.times.reverse()
        self._joints.reverse()

    @property
    def share(self) -> float:
        """Share of the frames in which somebody was detected, 0..1."""
        return sum(joints is not None for joints in self._joints) / max(len(self._joints), 1)

    def smoothed(self, smoothness: float = 0.5) -> np.ndarray:
        """Return the joints ``[T, 17, 3]``, smoothed forwards and backwards in time, which cancels the lag.

        A joint that is missing for a moment is interpolated from where it was to where it is seen again.
        """
        self.counts, missing = Counts(), np.zeros((17, 3), np.float32)
        joints = [missing if one is None else one for one in steady_clip(self._joints, self.times, self.counts)]
        forward = _smooth(joints, self.times, self.size[0], smoothness)
        backward = _smooth(joints[::-1], [-time for time in reversed(self.times)], self.size[0], smoothness)[::-1]
        weights = forward[..., 2:] + backward[..., 2:]
        xy = (forward[..., :2] * forward[..., 2:] + backward[..., :2] * backward[..., 2:]) / np.maximum(weights, 1e-6)
        return np.concatenate([xy, np.maximum(forward[..., 2:], backward[..., 2:])], -1)


def _smooth(joints: Sequence[np.ndarray], times: Sequence[float], height: int, smoothness: float) -> np.ndarray:
    smoother = OneEuroFilter(height)
    smoother.smoothness(smoothness)
    return np.stack([smoother(one, time) for one, time in zip(joints, times, strict=True)])


def person(joints: np.ndarray) -> np.ndarray | None:
    """Return ``[17, 3]`` itself, or ``None`` if no joint is seen."""
    return joints if seen(joints).any() else None
