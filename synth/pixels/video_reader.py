"""Read a video frame by frame: upright uint8 RGB images with their times."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.pixels.animation import Animation, is_animated, measure
from synth.pixels.clip.deinterlacing import Deinterlacer
from synth.pixels.clip.extent import ClipExtent
from synth.pixels.clip.file import audio_streams, open_file, origin, rate, seconds, video_stream
from synth.pixels.clip.seeking import NEAR, Missed, landed
from synth.pixels.video_frame import hdr_notice, interlaced_notice, picture, upright_size

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_PIXELS = 8192 * 4320
OVERHANG = 0.1
"""Seconds that sound may go on after the last image without the image being held: codecs fill up their last block."""


@dataclass(frozen=True)
class Clip:
    """Metadata from a clip's header and first frame. ``height`` and ``width`` are those of the upright images.

    ``seconds`` and ``frames`` are 0 if the file does not give them (browser recordings); ``fps`` is the average rate.
    """

    path: Path
    height: int
    width: int
    fps: float
    seconds: float
    frames: int
    sound: bool


def probe(path: str | PathLike[str], max_seconds: float | None = None, max_pixels: int = MAX_PIXELS) -> Clip:
    """Return a clip's metadata without reading all of it.

    Raises ``ValueError`` if it is not a video, has no video stream or no decodable frame, is larger than
    ``max_pixels``, or claims to be longer than ``max_seconds``.
    """
    path = Path(path)
    if is_animated(path):
        return _probe_animation(path, max_seconds, max_pixels)
    with open_file(path) as container:
        stream = video_stream(container, path)
        length, context = seconds(container, stream), stream.codec_context
        _check_limits(path, context.height, context.width, length, max_seconds, max_pixels)
        # Interlaced or not, all frames have the same size.
        first = next(_decoded(container, stream, ClipExtent(path, container, [stream])), None)
        if first is None:
            raise ValueError(_no_frames(path))
        height, width = upright_size(first, stream)
        return Clip(path, height, width, rate(stream), length, stream.frames, bool(audio_streams(container)))


def _probe_animation(path: Path, max_seconds: float | None, max_pixels: int) -> Clip:
    height, width, count, length = measure(path)
    _check_limits(path, height, width, length, max_seconds, max_pixels)
    return Clip(path, height, width, count / length, length, count, False)


def _check_limits(
    path: Path, height: int, width: int, length: float, max_seconds: float | None, max_pixels: int
) -> None:
    if width * height > max_pixels:
        raise ValueError(f"“{path.name}” has frames of {width} x {height} pixels, which is too large. Scale it down.")
    if max_seconds and length > max_seconds:
        raise ValueError(
            f"“{path.name}” lasts {length:.0f} seconds; the limit is {max_seconds:.0f}. Cut it and try again."
        )


class VideoFrames:
    """Iterable over a clip's frames as ``(time, image)``, in order; can be iterated repeatedly.

    ``time`` is in seconds from the clip's beginning; a variable frame rate is kept. ``image`` is uint8 RGB
    ``[H, W, 3]``, upright, with square pixels, all of one size, the longer side at most ``side``. Reading begins with
    the image that is shown at ``start``, whose own time may be earlier, and stops at ``seconds``, both times of the
    clip. Frames that cannot be decoded are skipped. Raises ``ValueError`` like ``probe``, and if the clip ends before
    ``start``. Holds one frame at a time in memory.

    ``end`` is when the last image yielded so far ends; after the last one of the clip, when its longest stream ends:
    an image may stand still while the sound goes on. ``notice`` then tells the user of damage and conversions.
    """

    def __init__(
        self, path: str | PathLike[str], side: int | None = None, seconds: float | None = None, start: float = 0.0
    ):
        self.path, self.side, self.seconds, self.start = Path(path), side, seconds, start
        self.notice, self.end = "", 0.0

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        if is_animated(self.path):
            yield from self._animation()
            return
        if self.start > NEAR:
            with contextlib.suppress(Missed):  # raised before the first frame
                yield from self._read(self.start - NEAR)
                return
        yield from self._read()

    def _read(self, jump: float = 0.0) -> Iterator[tuple[float, np.ndarray]]:
        """Yield the frames; decode from the key frame before the time ``jump`` on. Raises ``Missed`` as ``seek``."""
        from av.video.reformatter import VideoReformatter

        self.notice, self.end, size, before = "", 0.0, None, None
        reformatter = VideoReformatter()  # one for all frames: that of HDR takes seconds to set up
        with open_file(self.path) as container:
            stream = video_stream(container, self.path)
            stream.thread_type = "AUTO"
            extent = ClipExtent(self.path, container, [stream, *audio_streams(container)[:1]])
            if jump:
                extent.skip(jump)
            frames = self._timed(container, stream, extent)
            for time, end, frame in landed(frames, self.start) if jump else frames:
                if size is None:
                    size = self._size(*upright_size(frame, stream))
                    self._say(hdr_notice(self.path, frame))
                if time < self.start:
                    before, self.end = (time, frame), end
                    continue
                if before and time > self.start:
                    yield before[0], picture(before[1], size, reformatter)
                if self.seconds and time >= self.seconds:
                    self.end = self.seconds
                    return
                before, self.end = None, end
                yield time, picture(frame, size, reformatter)
            if size is None:
                raise ValueError(_no_frames(self.path))
            self._say(extent.notice(self.end))
            self.end = self._longest(extent.end(self.end))
            self._check_begun()
            if before:
                yield before[0], picture(before[1], size, reformatter)

    def _timed(
        self, container: "InputContainer", stream: "VideoStream", extent: ClipExtent
    ) -> Iterator[tuple[float, float, "VideoFrame"]]:
        """Yield (time, end, frame) with times that increase."""
        period, start, last, interlaced = 1 / rate(stream), origin(container), -1.0, False
        frames = Deinterlacer(stream)
        for frame in frames(_decoded(container, stream, extent)):
            time = last + period if frame.pts is None or frame.time is None else frame.time - start
            if time <= last:  # timestamps that repeat or go backwards
                time = last + period / 2
            if frames.used and not interlaced:
                interlaced = True
                self._say(interlaced_notice(self.path))
            last = max(time, 0.0)
            own = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else period
            yield last, last + own, frame

    def _check_begun(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"“{self.path.name}” ends at {self.end:.1f} seconds: there is nothing at {self.start:g}.")

    def _say(self, notice: str) -> None:
        self.notice = f"{self.notice} {notice}".strip()

    def _animation(self) -> Iterator[tuple[float, np.ndarray]]:
        found = Animation(self.path, self.side, self.seconds)
        for time, image in found:
            self.end = found.end
            if self.end > self.start:
                yield time, image
        self.notice, self.end = found.notice, found.end
        self._check_begun()

    def _size(self, height: int, width: int) -> tuple[int, int]:
        scale = min(1.0, self.side / max(height, width)) if self.side else 1.0
        return max(1, round(height * scale)), max(1, round(width * scale))

    def _longest(self, end: float) -> float:
        """Return the end of the last image, given that of the longest stream."""
        end = end if end > self.end + OVERHANG else self.end
        return min(end, self.seconds) if self.seconds else end


def _decoded(container: "InputContainer", stream: "VideoStream", extent: ClipExtent) -> Iterator["VideoFrame"]:
    """Yield the frames that can be decoded; damaged ones are skipped, a truncated file ends where it breaks off.

    Errors before the first frame do not count: a recording may begin between two key frames.
    """
    from av.error import EOFError as EndOfFile
    from av.error import FFmpegError

    packets, begun = container.demux(extent.streams), False
    while True:
        try:
            packet = next(packets, None)
        except EndOfFile:
            return
        except IndexError:  # PyAV, at the end of a file in which another stream began meanwhile (FLV)
            yield from _flushed(stream)
            return
        except (FFmpegError, OSError):
            extent.errors += 1
            return
        if packet is None:
            return
        extent.add(packet)
        if packet.stream_index != stream.index:
            continue
        try:
            frames: list[Any] = packet.decode()
        except FFmpegError:
            extent.errors += begun
            continue
        begun = begun or bool(frames)
        yield from frames


def _flushed(stream: "VideoStream") -> Iterator["VideoFrame"]:
    """Yield the frames that the decoder still holds."""
    from av.error import FFmpegError

    try:
        yield from stream.codec_context.decode(None)
    except FFmpegError:
        return


def _no_frames(path: Path) -> str:
    return f"“{path.name}” holds no frame that can be decoded: it is empty, damaged or incomplete. Record it again."
