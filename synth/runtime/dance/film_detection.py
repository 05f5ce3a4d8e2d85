"""Detection of one person in all frames of a part of a clip, from the moment on at which the person was chosen."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from synth.pixels.video_reader import Clip, VideoFrames
from synth.runtime.dance.film_options import MAX_SECONDS, FilmOptions, check_part
from synth.runtime.dance.person_track import PersonTrack
from synth.runtime.dance.tracker import Tracker, covers
from synth.runtime.stopwatch import Stopwatch

SIDE = 960
"""Longer side in pixels of frames for detection: a body of a quarter of it still fills a network's window."""
MAX_FRAMES = MAX_SECONDS * 60
CHUNK = 1.0
"""Seconds of frames that are held in memory to read a clip backwards."""


class Detection:
    """Detects the person in every frame of a part; iterate over it for the share done, 0..1, after each frame.

    A person who was chosen in the middle is tracked backwards to the start of the part, then forwards to its end.
    Afterwards ``track`` holds the joints, at times from the start of the part, and ``end`` is when the last frame ends,
    in seconds of the clip; ``notices`` tell of damage and limits. Raises ``ValueError`` for a part that the clip does
    not have, and where nobody is at the chosen place.
    """

    def __init__(self, clip: Clip, options: FilmOptions, tracker: Tracker, spent: Stopwatch):
        check_part(clip, options)
        self._clip, self._options, self._tracker, self._spent = clip, options, tracker, spent
        self.track, self.notices, self.end = PersonTrack(tracker), list[str](), 0.0

    def __iter__(self) -> Iterator[float]:
        start, end = self._options.start, self._options.end
        length = (self._clip.seconds if end is None else end) - start
        if self._options.chosen_at > start:
            for seconds in self._backwards():
                yield seconds / length if length > 0 else 0.0
        for time in self._forwards():
            yield (time - start) / length if length > 0 else 0.0

    def _backwards(self) -> Iterator[float]:
        """Add the frames before the one that the person was chosen in; yield the seconds that were read."""
        start, path = self._options.start, self._clip.path
        shown, frame = next(iter(VideoFrames(path, SIDE, start=self._options.chosen_at)))
        self._choose(frame)
        for time, frame in self._spent.each("read", earlier(path, start, shown)):
            if len(self.track.times) >= MAX_FRAMES:
                raise ValueError(f"“{path.name}” has more than {MAX_FRAMES} frames. Choose a shorter part.")
            self._add(time, frame)
            yield shown - time
        self.track.reverse()
        self._tracker.reset()

    def _forwards(self) -> Iterator[float]:
        """Add the frames from the one on that the person was chosen in; yield their times."""
        options, limit = self._options, self._options.start + MAX_SECONDS
        frames = VideoFrames(
            self._clip.path, SIDE, limit if options.end is None else options.end, start=options.chosen_at
        )
        chosen, cut = options.person is None, 0.0
        for time, frame in self._spent.each("read", frames):
            if len(self.track.times) >= MAX_FRAMES:
                cut = time
                break
            if not chosen:
                chosen = True
                self._choose(frame)
            self._add(time, frame)
            yield time
        self.notices += [frames.notice] if frames.notice else []
        limited = cut or (options.end is None and frames.end >= limit > self._clip.seconds)
        self.end = cut or frames.end
        if limited:
            used = self.end - options.start
            self.notices.append(f"Only the first {used:.0f} seconds were used: the limit is {MAX_SECONDS}.")

    def _add(self, time: float, frame: np.ndarray) -> None:
        with self._spent.on("pose"):
            self.track.add(max(time - self._options.start, 0.0), frame)

    def _choose(self, frame: np.ndarray) -> None:
        """Have the chosen person tracked from this frame on. Raises ``ValueError`` if nobody is at their place."""
        who, height, width = self._options.person, frame.shape[0], frame.shape[1]
        assert who
        place = who.x * width, who.y * height
        self._tracker.select(*place)
        found = self._tracker(frame)
        if found is None or not covers(found, place):
            raise ValueError(
                f"Nobody was found at {who.x:.2f}, {who.y:.2f} of “{self._clip.path.name}”, "
                f"{self._options.chosen_at:g} seconds in. Choose a place on a person, or another moment."
            )


def earlier(path: Path, start: float, until: float) -> Iterator[tuple[float, np.ndarray]]:
    """Yield the (time, frame) of a clip from ``until`` back to ``start``, the latest first."""
    while until > start:
        first = max(start, until - CHUNK)
        frames = [
            (time, frame)
            for time, frame in VideoFrames(path, SIDE, until, first)
            if time < until and (time >= first or first == start)
        ]
        yield from reversed(frames)
        until = first
