"""One person, one character: from a frame to the character's picture, as the webcam and the video file both need it.

Chan et al. 2019, figure 3 (transfer): find the pose, normalise it to the character, draw it, and let the generator
paint it, seeing its own last picture for steadiness (sec. 3.3).
"""

import time as clock
from dataclasses import dataclass, field, replace

import numpy as np

from synth.card import Card
from synth.pixels import matte
from synth.pixels.body import skeleton
from synth.pixels.body.body import Body
from synth.pixels.body.live_retargeting import LiveRetargeter
from synth.pixels.body.one_euro_filter import OneEuroFilter
from synth.pixels.body.pose import seen
from synth.runtime.dance.painting import Painting
from synth.runtime.dance.tracker import Tracker
from synth.runtime.session import Graph


@dataclass(frozen=True)
class Moment:
    """What came of one frame.

    ``person`` are the steadied joints ``[17, 3]`` in the frame's pixels, ``None`` if nobody was seen lately; ``pose``
    is the character's ``[17, 3]`` in its own pixels; ``figure`` and ``picture`` are uint8 RGB ``[S, S, 3]``, S the
    character's size; ``mode`` is ``whole``, ``upper`` or ``rest``; ``milliseconds`` say how long each stage took:
    ``pose``, ``figure``, ``picture``, and ``cut`` where the character was cut out: ``alone`` and ``gap`` are then what
    ``synth.pixels.matte`` makes of the picture.
    """

    person: np.ndarray | None
    pose: np.ndarray
    figure: np.ndarray
    picture: np.ndarray
    mode: str
    milliseconds: dict[str, float] = field(default_factory=dict)
    alone: np.ndarray | None = None
    gap: np.ndarray | None = None

    def before(self, backdrop: np.ndarray | None) -> np.ndarray:
        """Return the picture, before a backdrop, uint8 RGB ``[S, S, 3]``, where the character was cut out for one."""
        if backdrop is None or self.alone is None or self.gap is None:
            return self.picture
        return matte.composite(self.alone, self.gap, backdrop)


class Watch:
    """Sees one person: a tracker and a filter. ``smoothness`` 0 follows every tremble, 0.5 is usual, 1 is calm."""

    def __init__(self, tracker: Tracker, smoothness: float = 0.5):
        self.tracker, self._smoother = tracker, OneEuroFilter()
        self._size = (0, 0)
        self.smoothness = smoothness

    @property
    def smoothness(self) -> float:
        return self._smoothness

    @smoothness.setter
    def smoothness(self, amount: float) -> None:
        self._smoothness = amount
        self._smoother.smoothness(amount)

    def __call__(self, frame: np.ndarray, time: float) -> np.ndarray | None:
        """Return the steadied joints ``[17, 3]`` in uint8 RGB ``[H, W, 3]`` at ``time`` s; ``None``: nobody lately."""
        if frame.shape[:2] != self._size:  # another camera, or the same one turned
            self._size = (frame.shape[0], frame.shape[1])
            self._smoother.size = frame.shape[0]
            self.reset()
        found = self.tracker(frame)
        # Who is missing for a moment is missing joint by joint: they hold their places, then fade.
        keypoints = self._smoother(np.zeros((17, 3), np.float32) if found is None else found, time)
        return keypoints if seen(keypoints).any() else None

    def reset(self) -> None:
        """Forget the person."""
        self.tracker.reset()
        self._smoother.reset()


class Role:
    """A character that does what a person does. Raises ``ValueError`` with a sentence for a graph that is none.

    ``cut``: moments are also to hold the character without its background, where the graph can do that.
    """

    def __init__(self, graph: Graph, mirrored: bool = True, cut: bool = False):
        self.graph, self.size, self.cut = graph, graph.card.size, cut
        check(graph.card)
        body = Body.from_json(graph.card.body)
        self.follower = LiveRetargeter(body.scaled(self.size / body.size[0]), mirrored)
        self.reset()

    def reset(self) -> None:
        """Begin anew: another person, another clip."""
        self.follower.recalibrate()
        self._previous = np.zeros((self.size, self.size, 3), np.uint8)
        self._painting = Painting(self.graph)

    def __call__(self, person: np.ndarray | None, time: float, size: tuple[int, int]) -> Moment:
        """Return the moment for a person's joints ``[17, 3]`` in a picture of ``size`` (height, width) at ``time`` s.

        Raises ``ValueError`` with a sentence when the graph fails.
        """
        start = clock.perf_counter()
        pose = self.follower(person, time, size)
        figure = skeleton.draw(pose, self.size, self.size)
        drawn = clock.perf_counter()
        painted = self._painting(figure, self._previous, self.cut)
        self._previous = painted.picture
        took = {"figure": (drawn - start) * 1e3, **painted.milliseconds}
        mode = self.follower.mode
        return Moment(person, pose, figure, painted.picture, mode, took, painted.alone, painted.gap)


class Performance:
    """One visitor before one character; not shared between threads.

    ``mirrored``, ``smoothness`` and ``role.cut`` may be changed at any time.
    """

    def __init__(self, graph: Graph, tracker: Tracker, mirrored: bool = True, smoothness: float = 0.5):
        self.watch, self.role = Watch(tracker, smoothness), Role(graph, mirrored)

    def step(self, frame: np.ndarray, time: float) -> Moment:
        """Return what comes of uint8 RGB ``[H, W, 3]`` at ``time`` (seconds, any origin, advancing).

        Raises ``ValueError`` with a sentence when a graph fails.
        """
        start = clock.perf_counter()
        person = self.watch(frame, time)
        took = (clock.perf_counter() - start) * 1e3
        moment = self.role(person, time, (frame.shape[0], frame.shape[1]))
        return replace(moment, milliseconds={"pose": took, **moment.milliseconds})

    @property
    def mirrored(self) -> bool:
        return self.role.follower.mirrored

    @mirrored.setter
    def mirrored(self, value: bool) -> None:
        self.role.follower.mirrored = value

    @property
    def smoothness(self) -> float:
        return self.watch.smoothness

    @smoothness.setter
    def smoothness(self, amount: float) -> None:
        self.watch.smoothness = amount

    def cast(self, graph: Graph) -> None:
        """Give the role to another character; the person stays followed."""
        self.role = Role(graph, self.mirrored, self.role.cut)

    def recalibrate(self) -> None:
        """Forget who is followed, how large they are and where they stand; the next frames tell it anew."""
        self.watch.reset()
        self.role.follower.recalibrate()

    def reset(self) -> None:
        """Begin anew: another person, another camera."""
        self.watch.reset()
        self.role.reset()


def dances(card: Card) -> bool:
    """Return whether a graph paints a figure, in whatever tab it is shown."""
    return any(entry.kind == "figure" for entry in card.inputs)


def check(card: Card) -> None:
    """Raise ``ValueError`` with a sentence for a graph that is no character."""
    kinds = tuple(entry.kind for entry in card.inputs)
    if kinds not in (("figure",), ("figure", "previous"), ("previous", "figure")) or card.gives != "picture":
        raise ValueError(f"{card.title or card.name} is no character: it does not paint a figure. Choose another one.")
    if not card.body:
        raise ValueError(f"{card.title or card.name} does not say how its body is built. Export the character again.")
