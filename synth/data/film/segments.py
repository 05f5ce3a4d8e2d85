"""Which frames of a film are of use, and which of them follow one another: clips, the last of them held out."""

from dataclasses import dataclass

import numpy as np

from synth.data.film.detection_pass import Detections
from synth.data.film.outline import box
from synth.pixels.body.pose import seen

JOINTS = 6
"""So many joints must be seen for somebody to be there."""
GAP = 2
"""Frames that lie so many ticks apart still follow one another: one may be missing."""
LEAP, SPEED = 0.2, 5.0
"""Of the body's height, and of it per second: nobody's joints all move so far from one frame to the next. It is another
moment, or another person."""
SHORT = 5
"""A clip of fewer frames is left out: most often a glimpse of something that is nobody."""
HELD = 0.1
"""The share of all frames that is held out, at the end."""
PAUSE = 0.5
"""Seconds left out before the held-out frames: the next frame is no test of what was learnt from the last."""


@dataclass(frozen=True)
class Segment:
    """Rows ``first`` to ``stop`` of film number ``film``, for one of the splits."""

    film: int
    first: int
    stop: int
    split: str = "train"

    @property
    def count(self) -> int:
        return self.stop - self.first


def person_visible(poses: np.ndarray) -> np.ndarray:
    """Return for ``[T, 17, 3]`` whether a person is seen, bool ``[T]``: some joints, a shoulder or a hip among them."""
    known = seen(poses)
    return (known.sum(1) >= JOINTS) & known[:, [5, 6, 11, 12]].any(1)


def find_segments(film: int, detected: Detections, fps: float) -> list[Segment]:
    """Return the segments of a film in which a person is seen without a cut, a gap or a leap."""
    there = person_visible(detected.poses)
    gaps = np.diff(detected.ticks, prepend=detected.ticks[:1])
    broken = detected.cuts | find_jumps(detected.poses, gaps / fps) | (gaps > GAP)
    segments, first = [], 0
    for row in range(len(there) + 1):
        if row == len(there) or not there[row] or broken[row]:
            if row - first >= SHORT:
                segments.append(Segment(film, first, row))
            first = row if row < len(there) and there[row] else row + 1
    return segments


def find_jumps(poses: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return for ``[T, 17, 3]`` whether all of the body is elsewhere than in the frame before, bool ``[T]``.

    ``seconds`` ``[T]`` have gone by since that frame.
    """
    result = np.zeros(len(poses), bool)
    for row in range(1, len(poses)):
        both = seen(poses[row]) & seen(poses[row - 1])
        edges = box(poses[row])
        if edges is not None and both.sum() >= JOINTS:
            far = np.linalg.norm(poses[row, both, :2] - poses[row - 1, both, :2], axis=1)
            result[row] = np.median(far) > max(LEAP, SPEED * seconds[row]) * (edges[2:] - edges[:2]).max()
    return result


def hold_out(segments: list[Segment], fps: float) -> list[Segment]:
    """Return the segments with the last tenth of their frames as the test split, and a pause left out before it."""
    total = sum(segment.count for segment in segments)
    held = max(1, round(HELD * total))
    pause = min(round(PAUSE * fps), held)
    result, before = [], 0
    for segment in segments:
        train = min(segment.count, max(0, total - held - pause - before))
        test = min(segment.count, max(0, total - held - before))
        before += segment.count
        if train:
            result.append(Segment(segment.film, segment.first, segment.first + train))
        if test < segment.count:
            result.append(Segment(segment.film, segment.first + test, segment.stop, "test"))
    return result
