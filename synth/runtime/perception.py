"""What a graph sees in a picture: which class every pixel is, or where somebody's joints are."""

import time
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from synth.pixels.body.pose import SEEN, mirror, seen
from synth.pixels.palette import shares
from synth.runtime.dance.tracker import WindowTracker, search
from synth.runtime.dance.window import STEP, Window
from synth.runtime.session import Graph

BELIEFS = "beliefs"
"""The further output of a graph of joints: float32 ``[K, h, w]`` in 0..1."""
NEAR = 0.1
"""How far a body and the one found in the mirror may lie apart, as a share of its extent."""
ALL = -1
"""Every joint's map in one, the highest belief of all."""


@dataclass(frozen=True)
class Areas:
    """A label map uint8 ``[H, W, 3]``, and the share 0..1 of the picture that each class of the palette has."""

    labels: np.ndarray
    shares: list[float]
    milliseconds: float


def areas(graph: Graph, image: np.ndarray) -> Areas:
    """Segment uint8 RGB ``[H, W, 3]`` by a graph whose card has a palette."""
    start = time.perf_counter()
    labels = graph.run(image)
    spent = (time.perf_counter() - start) * 1e3
    return Areas(labels, shares(labels, graph.card.palette), spent)


class Watcher(WindowTracker):
    """Follows one person, for one visitor, and keeps what the graph believed of the window where they were found."""

    def __init__(self, graph: Graph):
        side = max(round(graph.card.size / STEP) * STEP, 3 * STEP)
        self._narrow = round(side * 2 / 3 / STEP) * STEP
        super().__init__(self._ask, side, self._narrow)
        self.graph, self.milliseconds = graph, 0.0
        self._beliefs: np.ndarray | None = None
        self._seen: Window | None = None
        self._looks: list[tuple[np.ndarray, np.ndarray | None, Window]] = []

    def find(self, image: np.ndarray, still: bool = False) -> np.ndarray | None:
        """Return the joints ``[17, 3]`` in the picture's pixels, or ``None`` where nobody is.

        A ``still`` picture is looked at in all its parts, and by itself; a frame follows the one before.
        """
        self.milliseconds = 0.0
        if still:
            self.reset()
        known = self._window is not None
        for _ in search(*image.shape[:2]) if still else (0,):
            self._looks.clear()
            found = self(image)
            if found is not None and (known or self._agrees(image, found)):
                self._beliefs, self._seen = next(look[1:] for look in self._looks if look[0] is found)
                return found
            self._window = None
        self._beliefs = None
        return None

    def _agrees(self, image: np.ndarray, found: np.ndarray) -> bool:
        """Return whether the same is found in the mirror: what furniture has of a body does not look so twice."""
        other, reflection = WindowTracker(self._again, self._side, self._narrow), np.ascontiguousarray(image[:, ::-1])
        for _ in search(*image.shape[:2]):
            joints = other(reflection)
            if joints is not None:
                back = mirror(joints, image.shape[1])
                turned = mirror(back, 0) * (-1, 1, 1)  # who is taken for seen from behind is somebody, too
                if min(apart(found, back), apart(found, turned)) < NEAR:
                    return True
            other._window = None
        return False

    def belief(self, joint: int) -> tuple[np.ndarray, tuple[float, float, float, float]] | None:
        """Return a joint's map uint8 ``[h, w]`` and where it lies: left, top, width and height in the picture's pixels.

        The highest belief is as bright as can be: how high it is says the joint's score. ``None`` where nobody was
        found, and for a graph that tells no beliefs.
        """
        if self._beliefs is None or self._seen is None:
            return None
        maps = self._beliefs.max(0) if joint == ALL else self._beliefs[joint]
        pixels = np.rint(np.clip(maps / max(float(maps.max()), SEEN), 0, 1) * 255).astype(np.uint8)
        return pixels, (self._seen.x, self._seen.y, self._seen.width, self._seen.height)

    def _ask(self, picture: np.ndarray) -> np.ndarray:
        start = time.perf_counter()
        found: dict[str, Any] = self.graph.run_all(picture)
        self.milliseconds += (time.perf_counter() - start) * 1e3
        self._beliefs = found.get(BELIEFS)
        return next(iter(found.values()))

    def _again(self, picture: np.ndarray) -> np.ndarray:
        start = time.perf_counter()
        found = self.graph.run(picture)
        self.milliseconds += (time.perf_counter() - start) * 1e3
        return found

    def _look(self, image: np.ndarray, window: Window) -> np.ndarray:
        joints = super()._look(image, window)
        self._looks.append((joints, self._beliefs, window))  # the last look may be for somebody else
        return joints


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Return how far two bodies ``[17, 3]`` lie apart: the middle distance of their joints over the first's extent."""
    known = seen(one) | seen(other)
    extent = np.ptp(one[seen(one), :2], axis=0).max()
    return float(np.median(np.linalg.norm(one[known, :2] - other[known, :2], axis=1)) / max(extent, 1.0))


def glow(belief: np.ndarray) -> np.ndarray:
    """Return a map uint8 ``[h, w]`` as colours uint8 RGB ``[h, w, 3]``: black for nothing, then red, then white."""
    return cv2.cvtColor(cv2.applyColorMap(belief, cv2.COLORMAP_HOT), cv2.COLOR_BGR2RGB)
