"""Split videos into usable segments of consecutive frames, and hold out the last part for testing."""

from dataclasses import dataclass

import numpy as np

from synth.data.film.detection_pass import Detections
from synth.data.film.outline import box
from synth.pixels.body.pose import seen

JOINTS = 6
"""Least number of seen joints for a person to count as visible."""
GAP = 2
"""Largest distance in ticks between consecutive frames: one frame may be missing."""
JUMP, SPEED = 0.2, 5.0
"""Largest plausible motion of all joints between two frames, as a share of the body's height, and the same per second.
Beyond it the frame shows another time or another person."""
SHORT = 5
"""Segments with fewer frames are dropped: most of them are false detections."""
HELD = 0.1
"""Share of all frames that is held out, at the end."""
PAUSE = 0.5
"""Seconds left out before the held-out frames: adjacent frames are too similar for a fair test."""


@dataclass(frozen=True)
class Segment:
    """Rows ``first`` to ``stop`` of video number ``film``, for one of the splits."""

    film: int
    first: int
    stop: int
    split: str = "train"

    @property
    def count(self) -> int:
        return self.stop - self.first


def person_visible(poses: np.ndarray) -> np.ndarray:
    """Return whether a person is visible in each of ``[T, 17, 3]``, bool ``[T]``: enough joints, with a shoulder or a
    hip.
    """
    known = seen(poses)
    return (known.sum(1) >= JOINTS) & known[:, [5, 6, 11, 12]].any(1)


def find_segments(film: int, detected: Detections, fps: float) -> list[Segment]:
    """Return the segments of a video in which a person is visible without a cut, a gap or a jump."""
    visible = person_visible(detected.poses)
    gaps = np.diff(detected.ticks, prepend=detected.ticks[:1])
    broken = detected.cuts | find_jumps(detected.poses, gaps / fps) | (gaps > GAP)
    segments, first = [], 0
    for row in range(len(visible) + 1):
        if row == len(visible) or not visible[row] or broken[row]:
            if row - first >= SHORT:
                segments.append(Segment(film, first, row))
            first = row if row < len(visible) and visible[row] else row + 1
    return segments


def find_jumps(poses: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Return whether the whole body of ``[T, 17, 3]`` has jumped since the previous frame, bool ``[T]``.

    ``seconds`` ``[T]`` is the time since that frame.
    """
    result = np.zeros(len(poses), bool)
    for row in range(1, len(poses)):
        both = seen(poses[row]) & seen(poses[row - 1])
        edges = box(poses[row])
        if edges is not None and both.sum() >= JOINTS:
            far = np.linalg.norm(poses[row, both, :2] - poses[row - 1, both, :2], axis=1)
            result[row] = np.median(far) > max(JUMP, SPEED * seconds[row]) * (edges[2:] - edges[:2]).max()
    return result


def hold_out(segments: list[Segment], fps: float) -> list[Segment]:
    """Return the segments with the last tenth of their frames as test split, and a pause left out before it."""
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
