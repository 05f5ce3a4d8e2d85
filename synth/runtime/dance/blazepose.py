"""BlazePose (Bazarevsky et al. 2020) through the optional package MediaPipe, which gives more accurate joints."""

import contextlib
import weakref
from importlib.util import find_spec
from typing import Any

import numpy as np

# Indices of COCO's 17 joints, in its order, among BlazePose's 33 landmarks.
PLACES = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
BESIDE = 0.02
"""Joints farther outside the frame than this (as a share of its sides) are guesses, whatever their score."""
MISSING = 'MediaPipe is not installed. Install it with: pip install -e ".[mediapipe]"; or leave out --pose.'


def installed() -> bool:
    """Return whether the package is installed; it may still fail to load."""
    return find_spec("mediapipe") is not None


def check() -> None:
    """Load the package and its network once; raise ``ValueError`` if that fails."""
    if not installed():
        raise ValueError(MISSING)
    try:
        _open().close()
    except Exception as error:  # its libraries raise errors of many kinds
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise ValueError(f"MediaPipe is installed but does not load ({reason}). Use --pose synth.") from error


class BlazeTracker:
    """A ``Tracker`` over MediaPipe, which tracks by itself and keeps state: one for each live session."""

    def __init__(self) -> None:
        self._network: Any = None
        self._closing: Any = None

    def __call__(self, image: np.ndarray) -> np.ndarray | None:
        if self._network is None:
            self._network = _open()
            # MediaPipe's threads keep the process from ending; this closes it with this object, or at exit.
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

    def select(self, x: float, y: float) -> None:
        """Do nothing: MediaPipe tracks one person and chooses them itself."""

    def reset(self) -> None:
        """Forget the person."""
        if self._network is not None:
            self._closing()
            self._network = None


def _close(network: Any) -> None:
    with contextlib.suppress(Exception):  # it is discarded anyway
        network.close()


def _open() -> Any:
    from mediapipe.python.solutions.pose import Pose  # type: ignore[import-not-found]

    # Our own filter follows, the same for every estimator; two in a row would lag.
    return Pose(model_complexity=1, smooth_landmarks=False)
