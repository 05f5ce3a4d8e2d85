"""A clip of somebody in, a clip of characters doing the same out: H.264, with the source's sound and timing.

As Chan et al. 2019 transfer a whole video: its poses are found first, the person is measured over all of them (their
sec. 4.3), then the characters are painted frame by frame.
"""

import time as clock
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from synth.card import Card
from synth.pixels.body import skeleton
from synth.pixels.video_reader import Clip, VideoFrames, probe
from synth.pixels.video_writer import SYNTHESIZED, VideoWriter
from synth.runtime import provenance
from synth.runtime.dance import backgrounds
from synth.runtime.dance.backgrounds import Backdrop
from synth.runtime.dance.perform import Role
from synth.runtime.dance.tracker import Tracker
from synth.runtime.dance.watched import Watched, person
from synth.runtime.session import Graph
from synth.runtime.stopwatch import Stopwatch

ALONE, BESIDE = "alone", "side by side"
LAYOUTS = (ALONE, BESIDE)
MAX_SECONDS = 300
MAX_FRAMES = MAX_SECONDS * 60
MOST_CHARACTERS = 4
SIDE = 960
"""Longer side in pixels at which people are looked for: a body of a quarter of it still fills a network's window."""
LOWEST = 384
"""Height in pixels of a film side by side, unless a character is taller: the person beside it stays recognisable."""
WIDEST = 3
LOOKING = 0.4
"""The share of the work that looking for the person usually is."""


@dataclass(frozen=True)
class Report:
    """What was done: frames written, the share of them with a person, sentences worth saying, and the times.

    ``seconds`` is the whole work's time, ``milliseconds`` the mean per frame of each stage: ``read``, ``pose``,
    ``figure``, ``picture`` (these two per character), ``write``.
    """

    frames: int
    seen: float
    fps: float
    seconds: float
    notices: tuple[str, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Progress:
    """How far the work is, 0..1, what is being done, the newest picture where there is one, and the report at the end.

    ``picture`` is a frame of the film, uint8 RGB ``[H, W, 3]``.
    """

    share: float
    doing: str
    picture: np.ndarray | None = None
    report: Report | None = None


@dataclass(frozen=True)
class Wish:
    """How a film is to be: its layout, whether left and right change places, how steady the person is.

    ``backdrop`` is what is behind the characters, see ``synth.runtime.dance.backgrounds``.
    """

    layout: str = ALONE
    mirrored: bool = False
    smoothness: float = 0.5
    backdrop: Backdrop = ""


AS_IS = Wish()


def dance(
    source: Path, target: Path, graphs: Sequence[Graph], tracker: Tracker, wish: Wish = AS_IS, by: str = ""
) -> Generator[Progress, None, None]:
    """Write ``target`` (MP4) from the clip ``source``, with one panel for each of ``graphs``; yield after every frame.

    Close the iterator to stop: then, and after an error, nothing is left on disk. Raises ``ValueError`` with a sentence
    for a clip that cannot be read, shows nobody or is too long, and when a graph fails. ``by`` is what the clip says of
    the graph's file, see ``synth.runtime.provenance``.
    """
    check([graph.card for graph in graphs], wish)
    begin, spent = clock.perf_counter(), Stopwatch()
    try:
        clip = probe(source, MAX_SECONDS)
        watched, notices = Watched(tracker), []
        yield from _watch(clip, watched, spent, notices)
    finally:
        tracker.reset()
    if not watched.share:
        raise ValueError(
            f"Nobody was found in “{source.name}”. Take a clip in which one person is seen from head to knees or more, "
            "not too far from the camera."
        )
    roles = [Role(graph, wish.mirrored, backgrounds.laid(wish.backdrop, 1) is not None) for graph in graphs]
    shape = Shape.of(watched.size, [role.size for role in roles], wish.layout)
    names = ", ".join(graph.card.title or graph.card.name for graph in graphs)
    comment = provenance.comment(by, f"{SYNTHESIZED} Characters: {names}.")
    with VideoWriter(target, shape.height, shape.width, clip.fps, source if clip.sound else None, comment) as film:
        for share, time, picture in _paint(clip, watched, roles, shape, wish, spent):
            with spent.on("write"):
                film.add(time, picture)
            yield Progress(LOOKING + (1 - LOOKING) * share, "Painting", picture)
    notices += [film.notice] if film.notice else []
    yield Progress(1.0, "Done", None, _report(clip, watched, spent, clock.perf_counter() - begin, notices))


def check(cards: Sequence[Card], wish: Wish) -> None:
    """Raise ``ValueError`` with a sentence for a wish that these characters cannot grant."""
    if not 1 <= len(cards) <= MOST_CHARACTERS or wish.layout not in LAYOUTS:
        raise ValueError(f"Choose one to {MOST_CHARACTERS} characters, and how they are shown.")
    backgrounds.check(wish.backdrop, *cards)


def _watch(clip: Clip, watched: Watched, spent: Stopwatch, notices: list[str]) -> Iterator[Progress]:
    """Look at every frame; notice what is cut off or damaged."""
    frames = VideoFrames(clip.path, SIDE, MAX_SECONDS)
    for time, frame in spent.each("read", frames):
        if len(watched.times) >= MAX_FRAMES:
            break
        with spent.on("pose"):
            watched.see(time, frame)
        share = time / clip.seconds if clip.seconds else 0.0
        yield Progress(LOOKING * min(share, 1.0), "Looking at the person")
    if frames.notice:
        notices.append(frames.notice)
    limited = not clip.seconds and watched.times[-1] > MAX_SECONDS - 1
    if limited or len(watched.times) >= MAX_FRAMES:
        notices.append(f"Only the first {watched.times[-1]:.0f} seconds were used: a clip may be {MAX_SECONDS} long.")


def _paint(
    clip: Clip, watched: Watched, roles: list[Role], shape: "Shape", wish: Wish, spent: Stopwatch
) -> Iterator[tuple[float, float, np.ndarray]]:
    """Yield (share done, time, picture of the film) for every frame that was watched."""
    joints = watched.steady(wish.smoothness)
    for role in roles:
        role.follower.calibrate(joints, watched.size)
    behind = [backgrounds.laid(wish.backdrop, role.size) for role in roles]
    frames = iter(spent.each("read", VideoFrames(clip.path, max(shape.panel)))) if wish.layout == BESIDE else None
    frame = np.zeros((1, 1, 3), np.uint8)
    for number, (time, pose) in enumerate(zip(watched.times, joints, strict=True)):
        who = person(pose)
        panels = []
        if frames:
            _, frame = next(frames, (time, frame))
            panels.append(_panel(frame, who, watched.size, shape))
        for role, laid in zip(roles, behind, strict=True):
            moment = role(who, time, watched.size)
            spent.add(moment.milliseconds)
            panels.append(_at_height(moment.before(laid), shape.height))
        yield (number + 1) / len(joints), time, np.concatenate(panels, 1) if len(panels) > 1 else panels[0]


@dataclass(frozen=True)
class Shape:
    """How large the film is, and the (height, width) of the panel that shows the source (0, 0 where there is none)."""

    height: int
    width: int
    panel: tuple[int, int]

    @staticmethod
    def of(source: tuple[int, int], sizes: list[int], layout: str) -> "Shape":
        if layout == ALONE:
            return Shape(max(sizes), max(sizes) * len(sizes), (0, 0))
        height = max(*sizes, LOWEST)
        across = min(max(round(source[1] * height / source[0] / 2) * 2, 2), WIDEST * height)
        return Shape(height, across + height * len(sizes), (height, across))


def _panel(frame: np.ndarray, who: np.ndarray | None, size: tuple[int, int], shape: Shape) -> np.ndarray:
    """Return the source's frame at the size of its panel, with the figure that was found in it."""
    height, width = shape.panel
    panel = frame if frame.shape[:2] == shape.panel else cv2.resize(frame, (width, height))
    if who is not None:
        panel = skeleton.draw_over(np.ascontiguousarray(panel), who * (width / size[1], height / size[0], 1))
    return panel


def _at_height(picture: np.ndarray, height: int) -> np.ndarray:
    return picture if len(picture) == height else cv2.resize(picture, (height, height), interpolation=cv2.INTER_CUBIC)


def _report(clip: Clip, watched: Watched, spent: Stopwatch, seconds: float, notices: list[str]) -> Report:
    frames = len(watched.times)
    if watched.share < 0.9:
        notices.insert(0, f"Somebody was seen in {watched.share:.0%} of the frames; the character rests in the others.")
    return Report(frames, watched.share, clip.fps, seconds, tuple(notices), spent.mean(frames))
