"""Clips of a person made of dots who walks by, in the format of a phone."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.support import dancers
from tests.support.clips import tone, track

SIZE = (240, 320)


def pictures(count: int = 16, size: tuple[int, int] = SIZE, nobody: bool = False) -> list[np.ndarray]:
    """Somebody of dots walks from left to right."""
    height, width = size
    if nobody:
        return [np.full((height, width, 3), 40 + i, np.uint8) for i in range(count)]
    return [dancers.person(height, width, height * 0.8, width * (0.35 + 0.3 * i / count))[0] for i in range(count)]


def film(
    path: Path, frames: list[np.ndarray], times: list[float] | None = None, sound: bool = False, heard: float = 0.0
) -> Path:
    """Write a clip, sharp enough for dots, without the code under test; its sound may last longer than the frames."""
    times = times or [i / 10 for i in range(len(frames))]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "8"})
        stream.height, stream.width, stream.pix_fmt = *frames[0].shape[:2], "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        audio = track(container, "aac") if sound else None
        for time, picture in zip(times, frames, strict=True):
            frame = av.VideoFrame.from_ndarray(picture)
            frame.pts, frame.time_base = round(time * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if audio:
            tone(container, audio, heard or times[-1] + 0.1)
    return path
