"""Write a video: H.264 in MP4, with the audio of another clip and a comment that marks it as synthesized."""

import contextlib
import os
from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from synth import files
from synth.pixels.sound import Sound

if TYPE_CHECKING:
    from av.video.stream import VideoStream

SYNTHESIZED = "The pictures of this clip are synthesized by synth: they show nobody who did this."
CLOCK = 90_000  # ticks per second: exact for 24, 25, 30, 50 and 60 frames per second
CODING = {"preset": "veryfast", "crf": "18"}


class Cancelled(Exception):
    """Raised when the user cancels; no file is left on disk."""


class VideoWriter:
    """Video file being written: ``with VideoWriter(path, height, width) as video: video.add(time, image)``.

    H.264 in MP4 (yuv420p, BT.709, index at the front); an odd side is padded by one repeated line. Frame times may be
    uneven. ``sound`` is a clip whose first audio track is copied for as long as the images last; ``notice`` says so if
    it has none. The file appears under its name only when complete; after an error no file is left. Raises
    ``CannotWrite`` where there is no room, no permission or no such folder.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        height: int,
        width: int,
        fps: float = 30.0,
        sound: str | os.PathLike[str] | None = None,
        comment: str = SYNTHESIZED,
    ):
        import av

        self.path, self.size, self.notice = Path(path), (height, width), ""
        self._part = files.unfinished(self.path)
        self._period, self._last = max(1, round(CLOCK / max(fps, 0.1))), -1
        self._sound: Sound | None = None
        with files.writing(self.path):
            self._container = av.open(str(self._part), "w", format="mp4", options={"movflags": "+faststart"})
        try:
            self._container.metadata["comment"] = comment
            self._stream = self._picture_stream(fps)
            if sound is not None:
                self._sound = Sound(Path(sound), self._container)
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
        # Only the last frame's duration matters: the others last until the next frame.
        frame.duration = self._period = frame.pts - self._last if self._last >= 0 else self._period
        self._last = frame.pts
        with files.writing(self.path):
            self._container.mux(self._stream.encode(frame))
            if self._sound:
                self._sound.until(time)

    def close(self) -> None:
        """Finish the file. Raises ``ValueError`` if no frame was added."""
        try:
            if self._last < 0:
                raise ValueError("Not one frame was produced, so no video was written. Check the input.")
            with files.writing(self.path):
                self._container.mux(self._stream.encode(None))
                if self._sound:
                    self._sound.until((self._last + self._period) / CLOCK)
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
        return stream

    def _discard(self) -> None:
        """Release everything and remove an unfinished file; does nothing after a successful ``close``."""
        if self._sound:
            self._sound.close()
        with contextlib.suppress(Exception):  # the unfinished file is thrown away anyway
            self._container.close()
        self._part.unlink(missing_ok=True)


def write_video(
    path: str | os.PathLike[str],
    frames: Iterable[tuple[float, np.ndarray]],
    fps: float = 30.0,
    sound: str | os.PathLike[str] | None = None,
    comment: str = SYNTHESIZED,
    progress: Callable[[int, float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> int:
    """Write ``frames`` of ``(time, image)`` as they arrive and return their number; see ``VideoWriter``.

    ``progress`` is called with the count and the time after each frame, ``cancelled`` before each. Raises ``Cancelled``
    if it returns true and ``ValueError`` if there is no frame; in both cases nothing is left on disk.
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
    film.close()
    return count
