"""Where poses come from: this project's network, BlazePose where MediaPipe is installed, or a file of MoveNet's.

Which is better as the app uses them is measured by ``python -m synth bench pose synth mediapipe``.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from synth.runtime.dance import blazepose
from synth.runtime.dance.movenet import open_movenet
from synth.runtime.dance.tracker import Tracker, WindowTracker
from synth.runtime.dance.window import STEP
from synth.runtime.registry import Registry

log = logging.getLogger("synth")

GRAPH = "pose"
CHOICES = "auto, synth, mediapipe or onnx:FILE"
PREFIX = "onnx:"
LARGEST = 512
"""Pixels on the longer side of a window, however large the pose network was trained."""


@dataclass(frozen=True)
class Poses:
    """An opened way of finding joints: its ``name`` for people and the ``place`` where it runs."""

    name: str
    place: str
    make: Callable[[], Tracker]

    def tracker(self) -> Tracker:
        """Return a new tracker: one for each visitor, each clip."""
        return self.make()


def valid(choice: str) -> str:
    """Return a choice of the command line; ``ValueError`` with a sentence for one that cannot be meant."""
    if choice in ("auto", "synth", "mediapipe") or (len(choice) > len(PREFIX) and choice.startswith(PREFIX)):
        return choice
    raise ValueError(f"There is no way {choice!r} to find poses. Choose {CHOICES}.")


def open_poses(choice: str, registry: Registry) -> Poses:
    """Open ``auto`` (ours, or else BlazePose), ``synth``, ``mediapipe`` or ``onnx:FILE``.

    Raises ``ValueError`` with a sentence for anything else, and for what is not there or does not load.
    """
    valid(choice)
    if choice.startswith(PREFIX):
        return _movenet(Path(choice.removeprefix(PREFIX)), registry.provider)
    if choice == "mediapipe" or (choice == "auto" and GRAPH not in registry.entries and blazepose.installed()):
        return _blazepose()
    return _synth(registry)


_opened: "WeakKeyDictionary[Registry, Poses]" = WeakKeyDictionary()
_lock = threading.Lock()


def poses(registry: Registry) -> Poses:
    """Return what ``registry.pose`` asks for, opened on its first use and kept; ``ValueError`` as ``open_poses``."""
    with _lock:
        if registry not in _opened:
            _opened[registry] = open_poses(registry.pose, registry)
            log.info("pose: %s (%s)", _opened[registry].name, _opened[registry].place)
        return _opened[registry]


def _synth(registry: Registry) -> Poses:
    if GRAPH not in registry.entries:
        raise ValueError(
            f"There is no {GRAPH}.onnx among the graphs to find people with. Put it there, "
            'or install MediaPipe: pip install -e ".[mediapipe]".'
        )
    if registry.card(GRAPH).gives != "keypoints":
        raise ValueError(f"{GRAPH}.onnx gives no keypoints, so it finds no people. Export it again.")
    graph = registry.graph(GRAPH)
    side = min(max(round(graph.card.size / STEP) * STEP, 3 * STEP), LARGEST)
    narrow = round(side * 2 / 3 / STEP) * STEP
    return Poses("synth pose", graph.place, lambda: WindowTracker(graph.run, side, narrow))


def _blazepose() -> Poses:
    blazepose.check()
    return Poses("BlazePose (MediaPipe)", "CPU", blazepose.BlazeTracker)


def _movenet(path: Path, provider: str) -> Poses:
    find, side, place = open_movenet(path, provider)
    return Poses(f"MoveNet ({path.name})", place, lambda: WindowTracker(find, side, None))
