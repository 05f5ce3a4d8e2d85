"""Motion transfer from a video of a person to a video of characters: H.264, with the source's sound and timing.

As in Chan et al. 2019: first the poses of all frames are detected, the person is measured over all of them (sec. 4.3),
then the characters are painted frame by frame.
"""

import math
import time as clock
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from synth.pixels.body import skeleton
from synth.pixels.video_reader import Clip, VideoFrames, probe
from synth.pixels.video_writer import SYNTHESIZED, VideoWriter
from synth.runtime import provenance
from synth.runtime.dance import backgrounds
from synth.runtime.dance.film_detection import Detection
from synth.runtime.dance.film_options import ALONE, BESIDE, DEFAULTS, FilmOptions, check
from synth.runtime.dance.perform import Role
from synth.runtime.dance.person_track import PersonTrack, person
from synth.runtime.dance.tracker import Tracker
from synth.runtime.session import Graph
from synth.runtime.stopwatch import Stopwatch

LOWEST = 384
"""Minimum height in pixels of a video with both side by side, so that the person stays recognisable."""
WIDEST = 3
"""Maximum width of the source's panel, as a multiple of its height."""
DETECTION = 0.4
"""Typical share of the time that detection takes, for the progress bar."""


@dataclass(frozen=True)
class Report:
    """Summary of a video: frames written, the share of them with a person, notices for the user, and times.

    ``held``, ``swapped`` and ``guessed`` are the shares of the frames in which implausible joints stayed as they
    were, in which left and right were exchanged, and in which a part of the body had to be guessed.
    ``seconds`` is the total time, ``milliseconds`` the mean per frame of each stage: ``read``, ``pose``, ``draw`` and
    ``picture`` (over all characters), ``write``.
    """

    frames: int
    seen: float
    fps: float
    seconds: float
    notices: tuple[str, ...] = ()
    milliseconds: dict[str, float] = field(default_factory=dict)
    held: float = 0.0
    swapped: float = 0.0
    guessed: float = 0.0


@dataclass(frozen=True)
class Progress:
    """Progress of a video: the share done, 0..1, the current stage, the latest frame if any, the report at the end.

    ``picture`` is a frame of the video, uint8 RGB ``[H, W, 3]``.
    """

    share: float
    doing: str
    picture: np.ndarray | None = None
    report: Report | None = None


def dance(
    source: Path,
    target: Path,
    graphs: Sequence[Graph],
    tracker: Tracker,
    options: FilmOptions = DEFAULTS,
    maker: str = "",
) -> Generator[Progress, None, None]:
    """Write ``target`` (MP4) from the clip ``source``, with one panel per character of ``graphs``; yield every frame.

    Close the iterator to stop: then, and after an error, nothing is left on disk. Raises ``ValueError``
    for a clip that cannot be read, shows nobody or is too long, and if a model fails. ``maker`` is the ``model_id`` of
    ``synth.runtime.provenance``.
    """
    check([graph.card for graph in graphs], options)
    begin, spent = clock.perf_counter(), Stopwatch()
    try:
        clip = probe(source)
        detection = Detection(clip, options, tracker, spent)
        for share in detection:
            yield Progress(DETECTION * min(share, 1.0), "Detecting the person")
    finally:
        tracker.reset()
    track = detection.track
    if not track.share:
        raise ValueError(
            f"Nobody was found in “{source.name}”. Use a clip of one person, seen from head to knees or more and not "
            "too far from the camera."
        )
    cut = backgrounds.fitted(options.background, 1) is not None
    roles = [Role(graph, options.mirrored, cut) for graph in graphs]
    shape = Shape.of(track.size, [role.size for role in roles], options.layout)
    names = ", ".join(graph.card.title or graph.card.name for graph in graphs)
    comment = provenance.comment(maker, f"{SYNTHESIZED} Characters: {names}.")
    sound, heard = source if clip.sound else None, (options.start, math.inf if options.end is None else options.end)
    with VideoWriter(target, shape.height, shape.width, clip.fps, sound, comment, heard) as film:
        for share, time, picture in _paint(clip, track, roles, shape, options, spent):
            with spent.on("write"):
                film.add(time, picture)
            yield Progress(DETECTION + (1 - DETECTION) * share, "Painting the characters", picture)
        film.end = detection.end - options.start
    notices = [*detection.notices, *filter(None, [film.notice])]
    yield Progress(1.0, "Done", None, _report(clip, track, roles[0], spent, clock.perf_counter() - begin, notices))


def _paint(
    clip: Clip, track: PersonTrack, roles: list[Role], shape: "Shape", options: FilmOptions, spent: Stopwatch
) -> Iterator[tuple[float, float, np.ndarray]]:
    """Yield (share done, time, frame of the video) for every frame of the track."""
    joints = track.smoothed(options.smoothness)
    for role in roles:
        role.follower.calibrate(joints, track.times, track.size)
    behind = [backgrounds.fitted(options.background, role.size) for role in roles]
    read = VideoFrames(clip.path, max(shape.panel), start=options.start)  # begins as in the detection
    frames = iter(spent.each("read", read)) if options.layout == BESIDE else None
    frame = np.zeros((1, 1, 3), np.uint8)
    for number, (time, pose) in enumerate(zip(track.times, joints, strict=True)):
        who = person(pose)
        panels = []
        if frames:
            _, frame = next(frames, (time, frame))
            panels.append(beside(frame, who, track.size, shape))
        for role, background in zip(roles, behind, strict=True):
            moment = role(who, time, track.size)
            spent.add(moment.milliseconds)
            panels.append(at_height(moment.before(background), shape.height))
        yield (number + 1) / len(joints), time, np.concatenate(panels, 1) if len(panels) > 1 else panels[0]


@dataclass(frozen=True)
class Shape:
    """Size of the video, and the (height, width) of the panel that shows the source (0, 0 if there is none)."""

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


def beside(frame: np.ndarray, who: np.ndarray | None, size: tuple[int, int], shape: Shape) -> np.ndarray:
    """Return the source's frame at the size of its panel, with the detected skeleton drawn over it."""
    height, width = shape.panel
    panel = frame if frame.shape[:2] == shape.panel else cv2.resize(frame, (width, height))
    if who is not None:
        panel = skeleton.draw_over(np.ascontiguousarray(panel), who * (width / size[1], height / size[0], 1))
    return panel


def at_height(picture: np.ndarray, height: int) -> np.ndarray:
    return picture if len(picture) == height else cv2.resize(picture, (height, height), interpolation=cv2.INTER_CUBIC)


def _report(clip: Clip, track: PersonTrack, role: Role, spent: Stopwatch, seconds: float, notices: list[str]) -> Report:
    frames = len(track.times)
    held, swapped, guessed = (
        count / max(frames, 1) for count in (track.counts.held, track.counts.swapped, role.follower.guessed)
    )
    if track.share < 0.9:
        notices.insert(
            0, f"The person was detected in {track.share:.0%} of the frames; the character rests in the others."
        )
    return Report(frames, track.share, clip.fps, seconds, tuple(notices), spent.mean(frames), held, swapped, guessed)
