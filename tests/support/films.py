"""Lossless films of a person made of coloured dots, so that detected poses can be compared with the truth."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.support.bodies import body
from tests.support.dancers import paint

HEIGHT, WIDTH = 240, 320


def dance(count: int, tall: float = 150, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Return poses ``[count, 17, 3]`` of somebody who walks to and fro, waves and bobs."""
    poses = []
    for i in range(count):
        phase = i / 8
        pose = body(tall, height - 20 + 3 * np.sin(phase / 3), width / 2 + 40 * np.sin(phase / 4))
        pose[7:11, 1] -= 14 * (1 + np.sin(phase + np.arange(4)))
        poses.append(pose)
    return np.stack(poses)


def room(seed: int = 0, height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Return a background uint8 ``[height, width, 3]``: dark grey blocks, far from all colours of the dots."""
    blocks = np.random.default_rng(seed).integers(0, 60, (height // 20 + 1, width // 20 + 1))
    grey = np.kron(blocks, np.ones((20, 20)))[:height, :width].astype(np.uint8)
    return np.repeat(grey[..., None], 3, 2)


def frames(poses: Iterable[np.ndarray], back: np.ndarray) -> list[np.ndarray]:
    """Return a frame for each pose, the person of dots before ``back``; no dots where nothing is seen."""
    return [paint(back.copy(), pose, 3) for pose in poses]


def film(path: Path, pictures: Sequence[np.ndarray], fps: float = 20, times: Sequence[float] = ()) -> Path:
    """Write pictures as they are (FFV1 in Matroska, RGB), evenly or at ``times``."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=Fraction(fps).limit_denominator(1000))
        assert isinstance(stream, av.VideoStream)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "bgr0"
        stream.codec_context.time_base = Fraction(1, 1000)
        for i, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture).reformat(format="bgr0")
            frame.pts, frame.time_base = round((times[i] if len(times) else i / fps) * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
