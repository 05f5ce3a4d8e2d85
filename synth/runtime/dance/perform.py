"""Motion transfer from one person to one character, from a frame to the character's image, for webcam and video.

Chan et al. 2019, figure 3 (transfer): detect the pose, normalise it to the character (retargeting), draw its skeleton,
and let the generator paint it, given its own previous image for steadiness (sec. 3.3).
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
from synth.pixels.body.steady_pose import Counts, SteadyPose
from synth.runtime.dance.framing import Framing
from synth.runtime.dance.painting import Painting
from synth.runtime.dance.tracker import Tracker
from synth.runtime.session import Graph


@dataclass(frozen=True)
class Moment:
    """The result for one frame.

    ``person``: the smoothed joints ``[17, 3]`` in pixels of the frame, ``None`` if nobody was seen recently. ``pose``:
    the character's joints ``[17, 3]`` in its own pixels. ``drawn`` (its skeleton) and ``picture``: uint8 RGB
    ``[S, S, 3]``, S the character's size; the picture is framed from the waist up while only that much of the person is
    in view. ``mode``: ``whole``, ``upper`` or ``rest``. ``milliseconds`` per stage:
    ``pose``, ``draw``, ``picture``, and ``cut`` if the character was cut out: ``alone`` and ``gap`` are then those of
    ``synth.pixels.matte``.
    """

    person: np.ndarray | None
    pose: np.ndarray
    drawn: np.ndarray
    picture: np.ndarray
    mode: str
    milliseconds: dict[str, float] = field(default_factory=dict)
    alone: np.ndarray | None = None
    gap: np.ndarray | None = None

    def before(self, background: np.ndarray | None) -> np.ndarray:
        """Return the character in front of a background, uint8 RGB ``[S, S, 3]``; ``picture`` if it was not cut out."""
        if background is None or self.alone is None or self.gap is None:
            return self.picture
        return matte.composite(self.alone, self.gap, background)


class SmoothTracker:
    """Tracks one person and filters the joints: least at ``smoothness`` 0, most at 1."""

    def __init__(self, tracker: Tracker, smoothness: float = 0.5):
        self.tracker, self._steady, self._smoother = tracker, SteadyPose(), OneEuroFilter()
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
        """Return smoothed joints ``[17, 3]`` for uint8 RGB ``[H, W, 3]`` at ``time`` s, ``None`` if nobody is seen."""
        if frame.shape[:2] != self._size:  # another webcam, or a phone that was turned
            self._size = (frame.shape[0], frame.shape[1])
            self._smoother.size = frame.shape[0]
            self.reset()
        found = self._steady(self.tracker(frame), time)
        # Without a person all joints count as missing: they keep their positions for a moment, then fade.
        keypoints = self._smoother(np.zeros((17, 3), np.float32) if found is None else found, time)
        return keypoints if seen(keypoints).any() else None

    def select(self, x: float, y: float) -> None:
        """Follow the person at (x, y), in pixels of the next frame, without a transition from the one before."""
        self.tracker.select(x, y)
        self._steady.reset()
        self._smoother.reset()

    @property
    def counts(self) -> Counts:
        """In how many frames the pose was held, or left and right were exchanged."""
        return self._steady.counts

    def reset(self) -> None:
        """Forget the person."""
        self.tracker.reset()
        self._steady.reset()
        self._smoother.reset()


class Role:
    """A character that copies a person's motion. Raises ``ValueError`` for a model that is not a character.

    ``cut``: also cut the character out of its background, if its model can do that.
    """

    def __init__(self, graph: Graph, mirrored: bool = True, cut: bool = False):
        self.graph, self.size, self.cut = graph, graph.card.size, cut
        check(graph.card)
        body = Body.from_json(graph.card.body)
        self.follower = LiveRetargeter(body.scaled(self.size / body.size[0]), mirrored)
        self._framing = Framing(self.follower.target)
        self.reset()

    def reset(self) -> None:
        """Start over with another person or clip."""
        self.follower.recalibrate()
        self._framing.reset()
        self._previous = np.zeros((self.size, self.size, 3), np.uint8)
        self._painting = Painting(self.graph)

    def __call__(self, person: np.ndarray | None, time: float, size: tuple[int, int]) -> Moment:
        """Return the result for a person's joints ``[17, 3]`` in a frame of ``size`` (height, width) at ``time`` s.

        Raises ``ValueError`` if the model fails.
        """
        start = clock.perf_counter()
        pose = self.follower(person, time, size)
        drawn = skeleton.draw(pose, self.size, self.size)
        done = clock.perf_counter()
        painted = self._painting(drawn, self._previous, self.cut)
        self._previous = painted.picture
        took = {"draw": (done - start) * 1e3, **painted.milliseconds}
        mode, crop = self.follower.mode, self._framing.crop
        self._framing.update(mode, time)
        alone, gap = (None if layer is None else crop(layer) for layer in (painted.alone, painted.gap))
        return Moment(person, pose, drawn, crop(painted.picture), mode, took, alone, gap)


class Performance:
    """One person, one character: tracking, retargeting and painting; not shared between threads.

    ``mirrored``, ``smoothness`` and ``role.cut`` may be changed at any time.
    """

    def __init__(self, graph: Graph, tracker: Tracker, mirrored: bool = True, smoothness: float = 0.5):
        self.tracker, self.role = SmoothTracker(tracker, smoothness), Role(graph, mirrored)

    def step(self, frame: np.ndarray, time: float) -> Moment:
        """Return the result for uint8 RGB ``[H, W, 3]`` at ``time`` (seconds of any origin, increasing).

        Raises ``ValueError`` if a model fails.
        """
        start = clock.perf_counter()
        person = self.tracker(frame, time)
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
        return self.tracker.smoothness

    @smoothness.setter
    def smoothness(self, amount: float) -> None:
        self.tracker.smoothness = amount

    def cast(self, graph: Graph) -> None:
        """Change the character; tracking of the person continues."""
        self.role = Role(graph, self.mirrored, self.role.cut)

    def select(self, x: float, y: float) -> None:
        """Follow the person at (x, y), in pixels of the next frame, and measure them."""
        self.tracker.select(x, y)
        self.role.follower.recalibrate()

    def recalibrate(self) -> None:
        """Forget the person, their size and where they stand; the next frames measure them again."""
        self.tracker.reset()
        self.role.follower.recalibrate()

    def reset(self) -> None:
        """Start over with another person or webcam."""
        self.tracker.reset()
        self.role.reset()


def dances(card: Card) -> bool:
    """Return whether a model paints a drawn skeleton (input kind ``figure``), in whatever tab it is shown."""
    return any(entry.kind == "figure" for entry in card.inputs)


def check(card: Card) -> None:
    """Raise ``ValueError`` for a model that is not a character."""
    kinds = tuple(entry.kind for entry in card.inputs)
    if kinds not in (("figure",), ("figure", "previous"), ("previous", "figure")) or card.gives != "picture":
        raise ValueError(
            f"{card.title or card.name} is not a character: it does not paint a skeleton. Choose another model."
        )
    if not card.body:
        raise ValueError(f"{card.title or card.name} has no body proportions in its card. Export the character again.")
