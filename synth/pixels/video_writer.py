"""Write a video: H.264 in MP4, with the audio of another clip and a comment that marks it as synthesized."""

import contextlib
import os
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from synth import files
from synth.pixels.sound import WHOLE, Sound
from synth.pixels.video_reader import OVERHANG

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

SYNTHESIZED = "The pictures of this clip are synthesized by synth: they show nobody who did this."
CLOCK = 90_000  # ticks per second: exact for 24, 25, 30, 50 and 60 frames per second
LONGEST = 2**31 - 1  # ticks of one frame, which MP4 stores in 32 bits
CODING = {"preset": "veryfast", "crf": "18"}


class Cancelled(Exception):
    """Raised when the user cancels; no file is left on disk."""


class VideoWriter:
    """Video file being written: ``with VideoWriter(path, height, width) as video: video.add(time, image)``.

    H.264 in MP4 (yuv420p, BT.709, index at the front); an odd side is padded by one repeated line. Frame times may be
    uneven. ``sound`` is a clip whose default audio track is copied for as long as the images last, of which ``heard``
    names two times in seconds between which it is heard; ``notice`` tells the user of no track, or several. The last
    image lasts until ``end``, if that is set (see ``VideoFrames.end``), else as long as the one before. The file
    appears under its name only when complete; after an error no file is left. Raises ``CannotWrite`` where there is no
    room, no permission or no such folder.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        height: int,
        width: int,
        fps: float = 30.0,
        sound: str | os.PathLike[str] | None = None,
        comment: str = SYNTHESIZED,
        heard: tuple[float, float] = WHOLE,
    ):
        import av

        self.path, self.size, self.notice = Path(path), (height, width), ""
        self._part = files.unfinished(self.path)
        self._period, self._last = max(1, round(CLOCK / max(fps, 0.1))), -1
        self.end: float | None = None
        self._held: VideoFrame | None = None  # until the time of the next one, or the end, is known
        self._sound: Sound | None = None
        with files.writing(self.path):
            self._container = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})
        try:
            self._container.metadata["comment"] = comment
            self._stream = self._picture_stream(fps)
            if sound is not None:
                self._sound = Sound(Path(sound), self._container, heard)
                self.notice = self._sound.notice
            with files.writing(self.path):
                self._container.start_encoding()  # creates the file
        except BaseException:
            self._discard()
            raise

    def add(self, time: float, picture: np.ndarray) -> None:
        """Append uint8 RGB ``[H, W, 3]``, shown from ``time`` (seconds) on.

        A time that does not advance is moved to one tick after the previous one. Raises ``ValueError`` for another
        frame size.
        """
        import av

        if picture.shape[:2] != self.size:
            given, wanted = (f"{width}x{height}" for height, width in (picture.shape[:2], self.size))
            raise ValueError(f"A frame of {given} pixels does not fit this video of {wanted}.")
        height, width = self.size
        if height % 2 or width % 2:
            picture = np.pad(picture, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture))
        frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        frame.time_base = Fraction(1, CLOCK)
        frame.pts = max(round(time * CLOCK), self._last + 1)
        if self._last >= 0:
            self._period = frame.pts - self._last
        with files.writing(self.path):
            self._encode(self._period)
            if self._sound:
                self._sound.until(time)
        self._held, self._last = frame, frame.pts

    def _encode(self, duration: int) -> None:
        """Encode the held frame, shown for a duration in ticks."""
        if self._held is not None:
            self._held.duration = min(duration, LONGEST)
            self._container.mux(self._stream.encode(self._held))
            self._held = None

    def close(self) -> None:
        """Finish the file. Raises ``ValueError`` if no frame was added."""
        try:
            if self._last < 0:
                raise ValueError("Not one frame was produced, so no video was written. Check the input.")
            ticks = self._period if self.end is None else max(1, round(self.end * CLOCK) - self._last)
            with files.writing(self.path):
                self._encode(ticks)
                self._container.mux(self._stream.encode(None))
                if self._sound:
                    self._sound.until((self._last + ticks) / CLOCK + (OVERHANG if self.end else 0))
                    self._sound.close()
                self._container.close()
                self._part.replace(self.path)
        finally:
            self._discard()

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self._discard()

    def _picture_stream(self, fps: float) -> "VideoStream":
        import av
        from av.codec.context import Flags

        codec = "libx264" if "libx264" in av.codecs_available else "h264"
        rate = Fraction(fps).limit_denominator(1001)
        options = CODING if codec == "libx264" else {}
        stream = self._container.add_stream(codec, rate=max(rate, Fraction(1, 10)), options=options)
        context = stream.codec_context
        stream.width, stream.height = (side + side % 2 for side in self.size[::-1])
        stream.pix_fmt = "yuv420p"
        context.time_base = Fraction(1, CLOCK)
        context.colorspace = context.color_primaries = context.color_trc = 1  # BT.709
        context.color_range = 1
        context.flags |= Flags.frame_duration  # without it every frame lasts 1 / fps seconds
        context.max_b_frames = 0  # MP4 stores durations in the order of decoding, which for uneven times must be ours
        return stream

    def _discard(self) -> None:
        """Release everything and remove an unfinished file; does nothing after a successful ``close``."""
        if self._sound:
            self._sound.close()
        with contextlib.suppress(Exception):  # the unfinished file is thrown away anyway
            self._container.close()
        self._part.unlink(missing_ok=True)


class Written(NamedTuple):
    """Result of ``write_video``: the number of frames, and a notice for the user about the sound."""

    frames: int
    notice: str


def write_video(
    path: str | os.PathLike[str],
    frames: Iterable[tuple[float, np.ndarray]],
    fps: float = 30.0,
    sound: str | os.PathLike[str] | None = None,
    comment: str = SYNTHESIZED,
    progress: Callable[[int, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    end: Callable[[], float] | None = None,
) -> Written:
    """Write ``frames`` of ``(time, image)`` as they arrive; see ``VideoWriter``.

    ``progress`` is called with the count and the time after each frame, ``cancelled`` before each, ``end`` after the
    last: it returns ``VideoWriter.end``. Raises ``Cancelled`` if ``cancelled`` returns true and ``ValueError`` if there
    is no frame; in both cases nothing is left on disk.
    """
    count, film = 0, None
    try:
        for time, picture in frames:
            if cancelled and cancelled():
                raise Cancelled("Stopped: nothing was written.")
            film = film or VideoWriter(path, *picture.shape[:2], fps=fps, sound=sound, comment=comment)
            film.add(time, picture)
            count += 1
            if progress:
                progress(count, time)
    except BaseException as error:
        if film:
            film.__exit__(type(error))
        raise
    if film is None:
        raise ValueError("Not one frame was produced, so no video was written. Check the input.")
    film.end = end() if end else None
    film.close()
    return Written(count, film.notice)
