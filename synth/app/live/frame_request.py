"""One webcam frame of a live session: validate the request, run the character, encode the timed answer."""

import io
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import cv2
import numpy as np
from PIL import Image

from synth.app.live.live_sessions import LiveSession
from synth.runtime.dance.painting import encoded
from synth.runtime.dance.perform import Performance
from synth.runtime.dance.pose import poses
from synth.runtime.encode import content
from synth.runtime.registry import Registry

PREFIX = "data:image/jpeg;base64,"
MAX_LETTERS = 200_000
MAX_PIXELS = 640 * 640
SMALLEST = 32
MOST_SELECTS = 2**31
BROKEN = "The webcam image arrived damaged. Reload the page."


@dataclass(frozen=True)
class Frame:
    """A webcam image as sent: JPEG bytes, a frame ``number`` that counts up, ``time`` in seconds of the page's clock.

    ``mirror``: left and right are swapped. ``smooth``: smoothness, 0..1. ``again``: how often the page asked to
    recalibrate. ``cut``: the page wants the character cut out, to lay it over a background of its own. ``select``: who
    is to be followed, see ``Selection``. ``came``: when the server got it.
    """

    jpeg: bytes
    number: int
    time: float
    mirror: bool
    smooth: float
    again: int
    cut: bool = False
    select: "Selection | None" = None
    came: float = field(default_factory=perf_counter)

    @staticmethod
    def read(data: dict[str, Any]) -> "Frame":
        """Read a frame from the request of a browser. Raises ``ValueError`` for anything else."""
        jpeg = content(data.get("jpeg"), PREFIX, MAX_LETTERS, BROKEN)
        mirror, cut = data.get("mirror", True), data.get("cut", False)
        number, again = (_number(data.get(name), int, 2**53) for name in ("number", "again"))
        seconds, smooth = _number(data.get("time"), (int, float), 1e12), _number(data.get("smooth"), (int, float), 1)
        if not isinstance(mirror, bool) or not isinstance(cut, bool):
            raise ValueError(BROKEN)
        select = Selection.read(data.get("select"))
        return Frame(jpeg, int(number), float(seconds), mirror, float(smooth), int(again), cut, select)

    def picture(self) -> np.ndarray:
        """Decode to uint8 RGB ``[H, W, 3]``. The size is checked before decoding; raises ``ValueError`` as ``read``."""
        try:
            with Image.open(io.BytesIO(self.jpeg), formats=("JPEG",)) as image:
                width, height = image.size
        except Exception as error:  # Pillow raises many kinds for damaged headers
            raise ValueError(BROKEN) from error
        if width * height > MAX_PIXELS or min(width, height) < SMALLEST:
            raise ValueError(f"A webcam image of {width} x {height} pixels is not accepted. Reload the page.")
        decoded = cv2.imdecode(np.frombuffer(self.jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
        if decoded is None:
            raise ValueError(BROKEN)
        return decoded


@dataclass(frozen=True)
class Selection:
    """A click on a person: its place as shares of the image's width and height, and the count of such clicks."""

    x: float
    y: float
    count: int

    @staticmethod
    def read(data: Any) -> "Selection | None":
        """Read a selection from a browser's request, ``None`` for none. Raises ``ValueError`` for anything else."""
        if data is None:
            return None
        if not isinstance(data, dict):
            raise ValueError(BROKEN)
        x, y = (_number(data.get(name), (int, float), 1) for name in "xy")
        return Selection(float(x), float(y), int(_number(data.get("count"), int, MOST_SELECTS)))


def _number(value: Any, kind: Any, most: float) -> float:
    if not isinstance(value, kind) or isinstance(value, bool) or not 0 <= value <= most:
        raise ValueError(BROKEN)
    return value


def advance(session: LiveSession, frame: Frame, registry: Registry, name: str) -> dict[str, Any]:
    """Return what the page shows for a frame: the character's image, the joints behind it, milliseconds per stage.

    ``wait`` is the time in the queue, ``server`` that of decoding, drawing and encoding. A character that is cut out
    comes on black together with its ``gap``, see ``synth.pixels.matte``.
    """
    start = perf_counter()
    picture = frame.picture()
    performance = _set(performing(session, registry, name), session, frame, picture.shape[:2])
    moment = performance.step(picture, frame.time)
    pictures = encoded(moment.picture, moment.alone, moment.gap)
    pose, generator = moment.milliseconds["pose"], moment.milliseconds["picture"]
    rest = (perf_counter() - start) * 1e3 - pose - generator
    return {
        **pictures,
        "pose": _rounded(moment.pose),
        "joints": None if moment.person is None else _rounded(moment.person),
        "mode": moment.mode,
        "ms": {"wait": (start - frame.came) * 1e3, "server": rest, "pose": pose, "generator": generator},
        "places": {"pose": poses(registry).place, "generator": performance.role.graph.place},
    }


def performing(session: LiveSession, registry: Registry, name: str, mirrored: bool = True) -> Performance:
    """Return the session's performance of a character; begin one, or change its character, where needed."""
    graph = registry.graph(name)
    if session.performance is None:
        session.performance = Performance(graph, poses(registry).tracker(), mirrored)
    performance: Performance = session.performance
    if performance.role.graph is not graph:
        performance.cast(graph)
    return performance


def _set(performance: Performance, session: LiveSession, frame: Frame, size: tuple[int, ...]) -> Performance:
    """Apply the settings of this frame, of ``size`` (height, width), to a performance and return it."""
    performance.mirrored, performance.role.cut = frame.mirror, frame.cut
    if performance.smoothness != frame.smooth:
        performance.smoothness = frame.smooth
    if frame.again != session.again:
        session.again = frame.again
        performance.recalibrate()
    if frame.select and frame.select.count != session.select:
        session.select = frame.select.count
        performance.select(frame.select.x * size[1], frame.select.y * size[0])
    return performance


def _rounded(joints: np.ndarray) -> list[list[float]]:
    return np.round(joints.astype(np.float64), 1).tolist()
