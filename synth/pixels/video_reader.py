"""Read a video frame by frame: upright uint8 RGB images with their times."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.files import require_regular
from synth.pixels.deinterlacing import progressive
from synth.pixels.video_frame import hdr_notice, picture, upright_size

if TYPE_CHECKING:  # FFmpeg's libraries load slowly, so they are imported only when a clip is opened
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

MAX_PIXELS = 8192 * 4320
# No playlists: they name other files, which an untrusted upload must not make us read. No still images: see images.py.
FORMATS = "mov,mp4,matroska,webm,avi,mpegts,mpeg,m4v,flv,asf,ogg,gif,mp3,wav,aac,flac"
PROTOCOLS = "file"


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
    with open_file(path) as container:
        stream = _stream(container, path)
        width, height = stream.codec_context.width, stream.codec_context.height
        if width * height > max_pixels:
            raise ValueError(
                f"“{path.name}” has frames of {width} x {height} pixels, which is too large. Scale it down."
            )
        seconds = _seconds(container, stream)
        if max_seconds and seconds > max_seconds:
            raise ValueError(
                f"“{path.name}” lasts {seconds:.0f} seconds; the limit is {max_seconds:.0f}. Cut it and try again."
            )
        first = next(_decoded(container, stream), None)  # interlaced or not, of the same size
        if first is None:
            raise ValueError(_no_frames(path))
        height, width = upright_size(first, stream)
        return Clip(path, height, width, _rate(stream), seconds, stream.frames, _has_sound(container))


class VideoFrames:
    """Iterable over a clip's frames as ``(time, image)``, in order; can be iterated repeatedly.

    ``time`` is in seconds from the clip's beginning; a variable frame rate is kept. ``image`` is uint8 RGB
    ``[H, W, 3]``, upright, with square pixels, all of one size, the longer side at most ``side``. Reading stops after
    ``seconds``. Frames that cannot be decoded are skipped; ``notice`` says so afterwards. Raises ``ValueError`` like
    ``probe``. Holds one frame at a time in memory.
    """

    def __init__(self, path: str | PathLike[str], side: int | None = None, seconds: float | None = None):
        self.path, self.side, self.seconds = Path(path), side, seconds
        self.notice = ""

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        from av.video.reformatter import VideoReformatter

        self.notice, last = "", -1.0
        reformatter = VideoReformatter()  # one for all frames: that of HDR takes seconds to set up
        with open_file(self.path) as container:
            stream = _stream(container, self.path)
            stream.thread_type = "AUTO"
            period, start, size = 1 / _rate(stream), origin(container), None
            for frame in progressive(_decoded(container, stream), stream):
                time = last + period if frame.pts is None or frame.time is None else frame.time - start
                if time <= last:  # timestamps that repeat or go backwards
                    time = last + period / 2
                if self.seconds and time >= self.seconds:
                    return
                if size is None:
                    size = self._size(*upright_size(frame, stream))
                    self.notice = hdr_notice(self.path, frame)
                yield max(time, 0.0), picture(frame, size, reformatter)
                last = max(time, 0.0)
            self._finish(last, period, _seconds(container, stream))

    def _size(self, height: int, width: int) -> tuple[int, int]:
        scale = min(1.0, self.side / max(height, width)) if self.side else 1.0
        return max(1, round(height * scale)), max(1, round(width * scale))

    def _finish(self, last: float, period: float, seconds: float) -> None:
        if last < 0:
            raise ValueError(_no_frames(self.path))
        if last + 3 * period + 0.25 < seconds:
            self.notice = (
                self.notice
                + " " * bool(self.notice)
                + (
                    f"“{self.path.name}” is damaged or incomplete: {last + period:.1f} of its {seconds:.1f} seconds "
                    "could be read."
                )
            )


def origin(container: "InputContainer") -> float:
    """Return the clip's start on its own clock, in seconds: video and audio times are both relative to it."""
    return (container.start_time or 0) / 1_000_000


def open_file(path: Path) -> "InputContainer":
    """Open a clip for reading; the caller closes it. Raises ``ValueError`` if it cannot be read."""
    import av
    from av.error import FFmpegError

    require_regular(path)
    try:
        # With an explicit protocol, a colon in a file name has no special meaning.
        options = {"format_whitelist": FORMATS, "protocol_whitelist": PROTOCOLS}
        return av.open(f"file:{path}", "r", options=options, metadata_errors="replace")
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise ValueError(f"“{path.name}” cannot be opened: {error.strerror}.") from error
    except (FFmpegError, OSError) as error:
        raise ValueError(_no_video(path)) from error


def _stream(container: "InputContainer", path: Path) -> "VideoStream":
    from av.stream import Disposition

    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # cover art of a song is not a video
            if stream.codec_context is None:
                raise ValueError(f"“{path.name}” uses a codec that is not supported. Convert it to MP4 (H.264).")
            return stream
    if not container.streams.audio:
        raise ValueError(_no_video(path))
    raise ValueError(f"“{path.name}” has no pictures, only sound. Choose a video.")


def _has_sound(container: "InputContainer") -> bool:
    return any(stream.codec_context is not None for stream in container.streams.audio)


def _rate(stream: "VideoStream") -> float:
    """Return the average frame rate; implausible values are ignored (browser recordings claim 1000)."""
    rates = [float(rate) for rate in (stream.average_rate, stream.guessed_rate) if rate and 1 <= rate <= 240]
    return rates[0] if rates else 30.0


def _seconds(container: "InputContainer", stream: "VideoStream") -> float:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return (container.duration or 0) / 1_000_000


def _decoded(container: "InputContainer", stream: "VideoStream") -> Iterator["VideoFrame"]:
    """Yield the frames that can be decoded; damaged ones are skipped, a truncated file ends where it breaks off."""
    from av.error import FFmpegError

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (FFmpegError, OSError):
            packet = None
        if packet is None:
            return
        try:
            frames: list[Any] = packet.decode()
        except FFmpegError:
            continue
        yield from frames


def _no_video(path: Path) -> str:
    return (
        f"“{path.name}” is not a video that can be read here, or it is damaged or incomplete. "
        "Use MP4, MOV, WebM, MKV or AVI; if it is one of these, copy or record it again."
    )


def _no_frames(path: Path) -> str:
    return f"“{path.name}” holds no frame that can be decoded: it is empty, damaged or incomplete. Record it again."
