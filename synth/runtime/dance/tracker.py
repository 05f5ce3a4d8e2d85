"""Track one person from frame to frame with a single-person pose network.

The next window is placed around the last pose (as in MoveNet and BlazePose), so that the network sees the person large;
the whole frame is searched again when the person is lost.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from synth.pixels.body.limbs import is_larger, keep_one_body
from synth.pixels.body.pose import seen
from synth.runtime.dance.window import BEYOND, Window

FEWEST = 5
"""Fewest joints of a person: a face alone cannot drive a body, and a few scattered joints are usually furniture."""
SURE, DOUBTFUL = 0.33, 0.26
"""Mean score of the seen joints from which a person counts as found, and below which as lost."""
SMALLEST = 12
"""Fewest pixels of the frame that a body must span."""
EASE = 0.5
"""Share of the way that the window moves towards the pose per frame: a jittering window makes joints jitter."""
LARGER, MUCH_LARGER = 1.05, 1.2
"""How many times as large another person must be to be chosen at first, and to replace the tracked one later."""
EVERY, AGAIN = 15, 4
"""Frames between searches for a larger person, and until a candidate must be confirmed."""
PATIENCE = 30
"""Frames for which a selected person who is lost is searched where they were, before another is taken."""
HIDDEN = 0.1
"""Margin of a body around its joints, as a share of the longer side of their box."""
SPARE = 0.06
"""Joints nearer than this to the border of the eased window (a share of its sides) move it at once."""


class Tracker(Protocol):
    """Tracks one person, for one live session; not shared between threads."""

    def __call__(self, image: np.ndarray) -> np.ndarray | None:
        """Return joints, float32 ``[17, 3]`` in pixels of uint8 RGB ``[H, W, 3]``, or ``None`` if nobody is seen."""
        ...

    def select(self, x: float, y: float) -> None:
        """Track the person at (x, y), in pixels of the next image, from then on; without effect where nobody is."""
        ...

    def reset(self) -> None:
        """Forget the person, for another clip or webcam."""
        ...


class WindowTracker:
    """A ``Tracker`` over ``estimate``, which gives joints ``[17, 3]`` for uint8 ``[height, width, 3]`` of one person.

    Its images have ``side`` pixels on the longer side; the other is ``side`` too, or ``narrow`` if the body fits into
    that (``None``: always square).
    """

    def __init__(self, estimate: Callable[[np.ndarray], np.ndarray], side: int = 192, narrow: int | None = 128):
        self._estimate, self._side = estimate, side
        self._aspects = (1.0, narrow / side, side / narrow) if narrow else (1.0,)
        self.reset()

    def reset(self) -> None:
        """Forget the person."""
        self._selected: tuple[float, float] | None = None
        self._kept: Window | None = None  # where a person who was selected was seen last
        self._lose()

    def select(self, x: float, y: float) -> None:
        """Track the person at (x, y), pixels of the next image, and nobody else; see ``Tracker``."""
        self._selected = (x, y)

    def _lose(self) -> None:
        self._window: Window | None = None
        self._turn, self._wait, self._rival = 0, EVERY, False

    def __call__(self, image: np.ndarray) -> np.ndarray | None:
        if self._selected:
            place, self._selected = self._selected, None
            if (keypoints := self._at(image, place)) is not None:
                self._window = self._kept = Window.around(keypoints, self._aspects, image.shape[:2])
                self._left = PATIENCE
                return keypoints
        if self._window:
            keypoints = self._look(image, self._window)
            if present(keypoints, DOUBTFUL):
                if not self._kept:
                    keypoints = self._largest(image, keypoints)
                self._window = self._next(keypoints, self._window, image.shape[:2])
                if self._kept:
                    self._kept, self._left = self._window, PATIENCE
                return keypoints
            self._lose()
        return self._return(image) if self._kept else self._search(image)

    def _return(self, image: np.ndarray) -> np.ndarray | None:
        """Look for a selected person where they were, before another is taken."""
        assert self._kept
        keypoints = self._find(image, self._kept.widened((1.0,)))
        if keypoints is not None:
            self._window = Window.around(keypoints, self._aspects, image.shape[:2])
            return keypoints
        self._left -= 1
        if not self._left:
            self._kept = None
        return None

    def _at(self, image: np.ndarray, place: tuple[float, float]) -> np.ndarray | None:
        """Return the person at a place: of the two found in the frame, or found close to it; ``None`` for nobody."""
        whole = search(*image.shape[:2])[0].widened((1.0,))
        found = [self._find(image, whole)]
        if found[0] is not None:
            found.append(self._find(without(image, found[0]), whole))
        there = [(_off(one, place), one) for one in found if one is not None]
        if not any(off <= 1 for off, _ in there):
            side = min(image.shape[:2]) / 2
            near = self._find(image, Window(place[0] - side / 2, place[1] - side / 2, side, side))
            there = [(_off(near, place), near)] if near is not None else []
        off, keypoints = min(there, key=lambda one: one[0], default=(np.inf, None))
        return keypoints if off <= 1 else None

    def _search(self, image: np.ndarray) -> np.ndarray | None:
        """Search one part of the frame, another one each time; of two people choose the larger."""
        places = search(*image.shape[:2])
        place = places[self._turn % len(places)].widened((1.0,))
        self._turn += 1
        keypoints = self._find(image, place)
        if keypoints is None:
            return None
        other = self._find(without(image, keypoints), place)
        if other is not None and is_larger(keypoints, other, LARGER):
            keypoints = other
        self._window = Window.around(keypoints, self._aspects, image.shape[:2])
        return keypoints

    def _find(self, image: np.ndarray, place: Window) -> np.ndarray | None:
        """Return the person in a part of the frame, confirmed by a second run on a closer window."""
        first = self._look(image, place)
        if not present(first, DOUBTFUL):
            return None
        keypoints = self._look(image, Window.around(first, self._aspects, image.shape[:2]))
        return keypoints if present(keypoints, SURE) else None

    def _largest(self, image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
        """Return the tracked person, or another who is much larger, now and also ``AGAIN`` frames ago."""
        self._wait -= 1
        if self._wait:
            return keypoints
        whole = search(*image.shape[:2])[0].widened((1.0,))
        other, known = self._find(without(image, keypoints), whole), self._rival
        self._rival = other is not None and is_larger(keypoints, other, MUCH_LARGER)
        self._wait = AGAIN if self._rival and not known else EVERY
        if other is None or not self._rival or not known:
            return keypoints
        self._rival, self._window = False, Window.around(other, self._aspects, image.shape[:2])
        return other

    def _look(self, image: np.ndarray, window: Window) -> np.ndarray:
        picture, way_back = window.cut(image, *window.size(self._side))
        keypoints = np.array(self._estimate(picture), np.float32)
        keypoints[:, :2] = way_back[0] + way_back[1] * keypoints[:, :2]
        return keep_one_body(keypoints)

    def _next(self, keypoints: np.ndarray, last: Window, size: tuple[int, int]) -> Window:
        wanted = Window.around(keypoints, self._aspects, size)
        eased = last.toward(wanted, EASE).widened(self._aspects)
        return eased if eased.holds(keypoints, SPARE) else wanted


def without(image: np.ndarray, keypoints: np.ndarray) -> np.ndarray:
    """Return the frame with the box around the seen joints of ``[17, 3]`` blanked, to find other people."""
    low, high = _box(keypoints)
    left, top = np.maximum(low, 0).astype(int)
    right, bottom = np.maximum(high, 0).astype(int)
    result = image.copy()
    result[top:bottom, left:right] = BEYOND
    return result


def _box(keypoints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return two corners of the box around the seen joints of ``[17, 3]``, with the margin ``HIDDEN``."""
    points = keypoints[seen(keypoints), :2]
    low, high = points.min(0), points.max(0)
    margin = HIDDEN * (high - low).max()
    return low - margin, high + margin


def _off(keypoints: np.ndarray, place: tuple[float, float]) -> float:
    """Return how far a place is from the centre of a body's box, in half sides: at most 1 inside."""
    low, high = _box(keypoints)
    return float((np.abs(place - (low + high) / 2) / ((high - low) / 2)).max())


def covers(keypoints: np.ndarray, place: tuple[float, float]) -> bool:
    """Return whether a place (x, y) lies in the box around the seen joints of ``[17, 3]``."""
    return bool(seen(keypoints).any()) and _off(keypoints, place) <= 1


def present(keypoints: np.ndarray, least: float) -> bool:
    """Return whether ``[17, 3]`` is a person: enough joints, a shoulder or hip, large enough, scores >= ``least``."""
    known = seen(keypoints)
    if known.sum() < FEWEST or not known[[5, 6, 11, 12]].any():
        return False
    points = keypoints[known]
    return bool(np.ptp(points[:, :2], axis=0).max() >= SMALLEST and points[:, 2].mean() >= least)


def search(height: int, width: int) -> list[Window]:
    """Return the windows to search: the whole frame, then squares of an elongated one, where a body is larger."""
    whole = Window(0, 0, width, height)
    side = min(height, width)
    rest = max(height, width) - side
    if rest < side / 5:
        return [whole]
    if width > height:
        return [whole, *(Window(x, 0, side, side) for x in (rest / 2, 0, rest))]
    return [whole, *(Window(0, y, side, side) for y in (rest / 2, 0, rest))]
