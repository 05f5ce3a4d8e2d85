"""Jump to a time of a clip, so that what comes before it need not be decoded."""

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

NEAR = 1.0
"""Seconds by which a jump aims before its goal: indexes list times of decoding, and some formats only guess a place."""


class Missed(Exception):
    """Raised when a jump did not arrive before its goal; read the clip from its beginning instead."""


def seek(container: "InputContainer", time: float) -> None:
    """Go to the last key frame before ``time``, in seconds of the file's own clock. Raises ``Missed``."""
    from av.error import FFmpegError

    try:
        container.seek(round(time * 1_000_000))
    except (FFmpegError, OSError, ValueError, OverflowError) as error:
        raise Missed from error


def landed(
    frames: Iterator[tuple[float, float, "VideoFrame"]], goal: float
) -> Iterator[tuple[float, float, "VideoFrame"]]:
    """Yield the (time, end, frame) that are read after a jump; raise ``Missed`` if the first one is after ``goal``."""
    first = next(frames, None)
    if first is None or first[0] > goal or first[2].pts is None:
        raise Missed
    yield from itertools.chain([first], frames)
