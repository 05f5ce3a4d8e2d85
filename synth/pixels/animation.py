"""Animated images (GIF, WebP, APNG, AVIF) as videos: frames with their own durations, on white."""

import struct
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from synth import files
from synth.pixels import images, tiff
from synth.pixels.resize import fit

SHORT, SHOWN = 10, 100
"""Milliseconds: browsers show frames of at most ``SHORT`` for ``SHOWN``."""
MOST_CHUNKS = 1000
NEW_SUBFILE_TYPE = 254
"""Tag of a TIFF's page; its lowest bit marks a smaller copy."""
PNG, WEBP, GIF, AVIF = b"\x89PNG\r\n\x1a\n", b"WEBP", (b"GIF87a", b"GIF89a"), b"ftypavis"
MOST_PAGES = 20
"""Pages of a TIFF that are looked at: those after the first may be smaller copies of it."""
FIRST_FRAME = "This is an animation: only its first frame is used."
FIRST_PAGE = "This TIFF has more than one page: only its first page is used."


def is_animated(source: str | PathLike[str]) -> bool:
    """Return whether an image file has several frames that are shown one after another; no pixel is decoded.

    The pages of a TIFF and the views of an MPO are not an animation.
    """
    path = Path(source)
    if files.not_regular(path):
        return False
    try:
        with path.open("rb") as file:
            head = file.read(32)
            if head.startswith(PNG):
                return _has_frames(file)
        webp = head[8:12] == WEBP and head[12:16] == b"VP8X" and len(head) > 20 and head[20] & 2
        if not (webp or head.startswith(GIF) or head[4:12] == AVIF):
            return False
        with images.no_warnings(), images.opened(path) as image:
            return bool(getattr(image, "is_animated", False))
    except (*images.DAMAGE, ValueError, Image.DecompressionBombError):
        return False


def only_first(source: str | PathLike[str]) -> str:
    """Return what to say where an image file is read as one image, but has more frames or pages; else nothing."""
    if is_animated(source):
        return FIRST_FRAME
    return FIRST_PAGE if _has_pages(Path(source)) else ""


def _has_pages(path: Path) -> bool:
    """Return whether a file is a TIFF with several pages, smaller copies of a page not counted."""
    if files.not_regular(path):
        return False
    try:
        with path.open("rb") as file:
            if file.read(4) not in tiff.MAGIC:
                return False
        with images.no_warnings(), images.opened(path) as image:
            for number in range(1, MOST_PAGES):
                image.seek(number)
                if not int(getattr(image, "tag_v2", {}).get(NEW_SUBFILE_TYPE, 0)) & 1:
                    return True
    except (*images.DAMAGE, TypeError, ValueError, Image.DecompressionBombError):
        pass  # the last page, or none: the caller says what is wrong with it
    return False


def _has_frames(file: BinaryIO) -> bool:
    """Return whether a PNG declares more than one frame, which it does before its pixels."""
    file.seek(len(PNG))
    for _ in range(MOST_CHUNKS):
        length, kind = struct.unpack(">I4s", file.read(8))
        if kind == b"acTL":
            return struct.unpack(">I", file.read(4))[0] > 1
        if kind in (b"IDAT", b"IEND"):
            return False
        file.seek(length + 4, 1)
    return False


class Animation:
    """Iterable over the frames of an animated image as ``(time, image)``, like ``video_reader.VideoFrames``.

    ``end`` is when the last frame yielded so far ends, in seconds; ``notice`` says if the file is damaged.
    """

    def __init__(self, path: Path, side: int | None = None, seconds: float | None = None):
        self.path, self.side, self.seconds = path, side, seconds
        self.notice, self.end = "", 0.0

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        self.notice, self.end = "", 0.0
        with images.no_warnings(), images.opened(self.path) as image:
            for number in _numbers(image):
                try:
                    image.seek(number)
                    image.load()
                    pixels = images.decode(image)
                except (*images.DAMAGE, ValueError) as error:
                    if not self.end:
                        raise ValueError(f"“{self.path.name}” is damaged or incomplete ({error}).") from error
                    self.notice = f"“{self.path.name}” is damaged or incomplete: {number} frames could be read."
                    return
                time, self.end = self.end, self.end + _duration(image)
                if self.seconds and time >= self.seconds:
                    self.end = self.seconds
                    return
                yield time, fit(pixels, self.side) if self.side else pixels


def measure(path: Path) -> tuple[int, int, int, float]:
    """Return height, width, number of frames and duration in seconds; ``ValueError`` for a damaged file."""
    try:
        with images.no_warnings(), images.opened(path) as image:
            width, height = image.size
            count, seconds = 0, 0.0
            for number in _numbers(image):
                image.seek(number)
                if image.format != "GIF":  # the others know the duration of a frame when it is decoded
                    image.load()
                count, seconds = count + 1, seconds + _duration(image)
            return height, width, count, seconds
    except (*images.DAMAGE, Image.DecompressionBombError) as error:
        raise ValueError(f"“{path.name}” is damaged or incomplete ({error}). Save it again and retry.") from error


def _numbers(image: Any) -> range:
    """Return the frames that are shown: a PNG may begin with an image that is not among them."""
    return range(1 if getattr(image, "default_image", False) else 0, image.n_frames)


def _duration(image: Image.Image) -> float:
    """Return how long the current frame is shown, in seconds."""
    milliseconds = float(image.info.get("duration") or 0)
    return (milliseconds if milliseconds > SHORT else SHOWN) / 1000
