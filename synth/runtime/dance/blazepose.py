"""BlazePose (Bazarevsky et al. 2020) by the package MediaPipe, where that is installed: the more exact joints."""

import contextlib
import weakref
from importlib.util import find_spec
from typing import Any

import numpy as np

# Of BlazePose's 33 landmarks those that COCO has, in COCO's order.
PLACES = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
BESIDE = 0.02
"""A joint this far outside the frame (a share of its sides) is a guess, however sure it looks."""
MISSING = 'MediaPipe is not installed. Install it with: pip install -e ".[mediapipe]"; or leave out --pose.'


def installed() -> bool:
    """Return whether the package is there; whether it loads is another matter."""
    return find_spec("mediapipe") is not None


def check() -> None:
    """Load the package and its network once; ``ValueError`` with a sentence where that fails."""
    if not installed():
        raise ValueError(MISSING)
    try:
        _open().close()
    except Exception as error:  # whatever its many libraries raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise ValueError(f"MediaPipe is installed but does not load ({reason}). Use --pose synth.") from error


class BlazeTracker:
    """A ``Tracker`` over MediaPipe, which follows by itself: it keeps state, so that each visitor has one."""

    def __init__(self) -> None:
        self._network: Any = None
        self._closing: Any = None

    def __call__(self, image: np.ndarray) -> np.ndarray | None:
        if self._network is None:
            self._network = _open()
            # Left open, MediaPipe's threads keep the process from ending; this closes it with us, or at exit.
            self._closing = weakref.finalize(self, _close, self._network)
        found = self._network.process(np.ascontiguousarray(image)).pose_landmarks
        if found is None:
            return None
        marks = [found.landmark[place] for place in PLACES]
        keypoints = np.array([(mark.x, mark.y, mark.visibility) for mark in marks], np.float32)
        outside = np.abs(keypoints[:, :2] - 0.5).max(1) > 0.5 + BESIDE
        keypoints[outside, 2] = 0
        keypoints[:, :2] *= (image.shape[1], image.shape[0])
        return keypoints

    def reset(self) -> None:
        if self._network is not None:
            self._closing()
            self._network = None


def _close(network: Any) -> None:
    with contextlib.suppress(Exception):  # it is being thrown away
        network.close()


def _open() -> Any:
    from mediapipe.python.solutions.pose import Pose  # type: ignore[import-not-found]

    # Our own filter comes after, the same for every estimator: two in a row would lag.
    return Pose(model_complexity=1, smooth_landmarks=False)
