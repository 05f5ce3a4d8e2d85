"""Clips of plain colours in every unusual format, made without the code under test."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

COLORS = np.array([(230, 40, 40), (40, 200, 60), (50, 60, 220), (240, 220, 40), (128, 128, 128)], np.uint8)


def picture(index: int, height: int = 48, width: int = 64) -> np.ndarray:
    """A plain colour with a white square in the upper left corner."""
    result = np.empty((height, width, 3), np.uint8)
    result[:] = COLORS[index % len(COLORS)]
    result[: height // 4, : width // 4] = 255
    return result


def pictures(count: int, fps: float = 10.0, height: int = 48, width: int = 64):
    return [(i / fps, picture(i, height, width)) for i in range(count)]


def track(container, codec: str, rate: int = 48_000):
    stream = container.add_stream(codec, rate=rate)
    stream.codec_context.layout = "mono"
    return stream


def tone(container, stream, seconds: float, start: float = 0.0, rate: int = 48_000) -> None:
    wave = (np.sin(np.arange(int(seconds * rate)) * 440 * 2 * np.pi / rate) * 8000).astype(np.int16)
    for first in range(0, len(wave), 960):
        piece = av.AudioFrame.from_ndarray(wave[None, first : first + 960], "s16", "mono")
        piece.sample_rate, piece.pts, piece.time_base = rate, round(start * rate) + first, Fraction(1, rate)
        for frame in av.AudioResampler(stream.codec_context.format, "mono", rate).resample(piece):
            container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def clip(
    path: Path,
    times: Sequence[float] = tuple(i / 10 for i in range(10)),
    sound: str = "",
    turn: int = 0,
    size: tuple[int, int] = (48, 64),
    start: float = 0.0,
    codec: str = "libx264",
    heard: float = 0.0,
) -> Path:
    """Write a clip without the code under test; its sound lasts ``heard`` seconds, or as long as the pictures."""
    with av.open(str(path), "w", options={"movflags": "+faststart"} if path.suffix == ".mp4" else {}) as container:
        stream = container.add_stream(codec, rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        if turn:
            stream.set_display_rotation(turn)
        audio = track(container, sound) if sound else None  # all tracks before the first packet
        for i, time in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(i, *size)).reformat(format="yuv420p")
            frame.pts, frame.time_base = round((start + time) * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio:
            tone(container, audio, heard or times[-1] + 0.1, start)
    return path


def packets(path: Path, kind: str) -> list:
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        start = float((container.start_time or 0) / 1e6)
        return [(float(p.pts * p.time_base) - start, bytes(p)) for p in container.demux(stream) if p.pts is not None]
