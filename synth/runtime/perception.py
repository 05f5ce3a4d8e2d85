"""Perception models: semantic segmentation of an image, and detection and tracking of one person's joints."""

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
"""Extra output of a pose model: one belief map per joint, float32 ``[K, h, w]`` in 0..1."""
NEAR = 0.1
"""Largest distance between a body and the one found in the mirrored image, as a share of its extent."""
ALL = -1
"""Stands for all joints: the maximum over their belief maps."""


@dataclass(frozen=True)
class Segmentation:
    """A label map uint8 ``[H, W, 3]``, the share 0..1 of each class of the palette, and the time it took."""

    labels: np.ndarray
    shares: list[float]
    milliseconds: float


def segment(graph: Graph, image: np.ndarray) -> Segmentation:
    """Segment uint8 RGB ``[H, W, 3]`` with a model whose card has a palette."""
    start = time.perf_counter()
    labels = graph.run(image)
    spent = (time.perf_counter() - start) * 1e3
    return Segmentation(labels, shares(labels, graph.card.palette), spent)


class PersonTracker(WindowTracker):
    """Tracks one person for one live session; keeps the belief maps of the window in which the person was found."""

    def __init__(self, graph: Graph):
        side = max(round(graph.card.size / STEP) * STEP, 3 * STEP)
        self._narrow = round(side * 2 / 3 / STEP) * STEP
        super().__init__(self._run_with_beliefs, side, self._narrow)
        self.graph, self.milliseconds = graph, 0.0
        self._beliefs: np.ndarray | None = None
        self._seen: Window | None = None
        self._looks: list[tuple[np.ndarray, np.ndarray | None, Window]] = []

    def find(self, image: np.ndarray, still: bool = False) -> np.ndarray | None:
        """Return the joints ``[17, 3]`` in pixels of the image, or ``None`` if nobody is found.

        A ``still`` image is searched in all its parts, without regard to earlier ones; a frame continues the track.
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
        """Return whether the same body is found in the mirrored image, which rules out furniture and other objects."""
        other = WindowTracker(self._run_joints, self._side, self._narrow)
        reflection = np.ascontiguousarray(image[:, ::-1])
        for _ in search(*image.shape[:2]):
            joints = other(reflection)
            if joints is not None:
                back = mirror(joints, image.shape[1])
                turned = mirror(back, 0) * (-1, 1, 1)  # left and right may be confused, as from behind
                if min(distance(found, back), distance(found, turned)) < NEAR:
                    return True
            other._window = None
        return False

    def belief(self, joint: int) -> tuple[np.ndarray, tuple[float, float, float, float]] | None:
        """Return a joint's belief map uint8 ``[h, w]`` and its box in the image: left, top, width, height in pixels.

        The map is scaled so that its maximum is 255; the joint's score says how high that is. ``None`` if nobody was
        found, or the model has no belief maps.
        """
        if self._beliefs is None or self._seen is None:
            return None
        maps = self._beliefs.max(0) if joint == ALL else self._beliefs[joint]
        pixels = np.rint(np.clip(maps / max(float(maps.max()), SEEN), 0, 1) * 255).astype(np.uint8)
        return pixels, (self._seen.x, self._seen.y, self._seen.width, self._seen.height)

    def _run_with_beliefs(self, picture: np.ndarray) -> np.ndarray:
        start = time.perf_counter()
        found: dict[str, Any] = self.graph.run_all(picture)
        self.milliseconds += (time.perf_counter() - start) * 1e3
        self._beliefs = found.get(BELIEFS)
        return next(iter(found.values()))

    def _run_joints(self, picture: np.ndarray) -> np.ndarray:
        start = time.perf_counter()
        found = self.graph.run(picture)
        self.milliseconds += (time.perf_counter() - start) * 1e3
        return found

    def _look(self, image: np.ndarray, window: Window) -> np.ndarray:
        joints = super()._look(image, window)
        self._looks.append((joints, self._beliefs, window))  # the last call may be about another person
        return joints


def distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the distance of two bodies ``[17, 3]``: the median over their joints, as a share of the first's extent."""
    known = seen(one) | seen(other)
    extent = np.ptp(one[seen(one), :2], axis=0).max()
    return float(np.median(np.linalg.norm(one[known, :2] - other[known, :2], axis=1)) / max(extent, 1.0))


def heat(belief: np.ndarray) -> np.ndarray:
    """Return a belief map uint8 ``[h, w]`` as a heat map, uint8 RGB ``[h, w, 3]``: from black over red to white."""
    return cv2.cvtColor(cv2.applyColorMap(belief, cv2.COLORMAP_HOT), cv2.COLOR_BGR2RGB)
