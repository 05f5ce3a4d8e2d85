"""Open the pose detector: this project's model, BlazePose if MediaPipe is installed, or a MoveNet file.

How accurate each is in this app is measured by ``python -m synth bench pose synth mediapipe``.
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
"""Most pixels on the longer side of a window, whatever the training size of the pose model."""


@dataclass(frozen=True)
class Poses:
    """An opened pose detector: its ``name`` to show and the ``place`` where it runs."""

    name: str
    place: str
    make: Callable[[], Tracker]

    def tracker(self) -> Tracker:
        """Return a new tracker: one for each live session or clip."""
        return self.make()


def valid(choice: str) -> str:
    """Return a choice of the command line; ``ValueError`` for an invalid one."""
    if choice in ("auto", "synth", "mediapipe") or (len(choice) > len(PREFIX) and choice.startswith(PREFIX)):
        return choice
    raise ValueError(f"There is no pose detector {choice!r}. Choose {CHOICES}.")


def open_poses(choice: str, registry: Registry) -> Poses:
    """Open a pose detector: ``auto`` (ours, else BlazePose), ``synth``, ``mediapipe`` or ``onnx:FILE``.

    Raises ``ValueError`` for anything else, and for one that is not installed or does not load.
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
    """Return the detector that ``registry.pose`` names, opened on first use; ``ValueError`` as in ``open_poses``."""
    with _lock:
        if registry not in _opened:
            _opened[registry] = open_poses(registry.pose, registry)
            log.info("pose: %s (%s)", _opened[registry].name, _opened[registry].place)
        return _opened[registry]


def _synth(registry: Registry) -> Poses:
    if GRAPH not in registry.entries:
        raise ValueError(
            f"There is no pose model to detect people with. Put {GRAPH}.onnx into the folder of models, "
            'or install MediaPipe: pip install -e ".[mediapipe]"'
        )
    if registry.card(GRAPH).gives != "keypoints":
        raise ValueError(f"{GRAPH}.onnx gives no keypoints, so it cannot detect people. Export it again.")
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
