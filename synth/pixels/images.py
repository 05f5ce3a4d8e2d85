"""Read image files of any common format as uint8 RGB ``[H, W, 3]``, the format used throughout synth."""

import contextlib
import functools
import importlib
import io
import struct
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from synth import files
from synth.pixels import file_kinds, tiff
from synth.pixels.profile import to_srgb

MAX_PIXELS = 50_000_000
HEAD = 512
"""Bytes at the start of a file that tell its kind."""
# Only these formats are tried: others in Pillow start programs (EPS) or access the network.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF", "AVIF", "PPM", "JPEG2000")
TGA = "TGA"
"""Format without a signature: tried only for files that are named so."""
HEIF = "HEIF"
MOST_JPEG_2000 = 25_000_000
"""Pixels: the decoder of JPEG 2000 takes 16 times as long and four times as much memory as that of JPEG."""
DAMAGE = (OSError, SyntaxError, EOFError, ArithmeticError, TypeError, IndexError, RuntimeError, struct.error)
"""Exceptions that Pillow raises for damaged files, besides ``ValueError``."""

Source = str | PathLike[str] | bytes | BinaryIO | Image.Image


def read(source: Source, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Return an image as uint8 RGB ``[H, W, 3]``: upright, transparency composited on white, first frame of an
    animation.

    ``source`` is a path, the bytes of a file, an open binary file or a PIL image. The format is detected from the
    content, never from the name. Raises ``ValueError`` if it is not an image, is damaged, or has more than
    ``max_pixels`` pixels (checked before decoding).
    """
    return _read(source, max_pixels, decode)


def read_with_alpha(source: Source, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Return uint8 RGBA ``[H, W, 4]`` if any pixel is transparent, else the same as ``read``."""
    return _read(source, max_pixels, decode_with_alpha)


def _read(source: Source, max_pixels: int, decode: Callable[[Image.Image], np.ndarray]) -> np.ndarray:
    name = f"“{Path(source).name}”" if isinstance(source, (str, PathLike)) else "This file"
    if isinstance(source, (str, PathLike)):
        files.require_regular(Path(source))
    try:
        with no_warnings(), opened(source) as image:
            width, height = image.size
            most = min(max_pixels, MOST_JPEG_2000) if image.format == "JPEG2000" else max_pixels
            refused = _too_large(name, width, height, most) if width * height > most else ""
            if not refused and (what := tiff.refused(getattr(image, "tag_v2", {}))):
                refused = _not_this_kind(name, what)
            if not refused:
                return decode(image)
    except UnidentifiedImageError as error:
        raise ValueError(_unknown(name, source)) from error
    except Image.DecompressionBombError as error:
        raise ValueError(f"{name} is too large: the limit is {max_pixels / 1e6:.0f} megapixels. Shrink it.") from error
    except (*DAMAGE, ValueError) as error:
        if isinstance(error, (FileNotFoundError, IsADirectoryError, PermissionError)):
            raise ValueError(f"{name} cannot be opened: {error.strerror}.") from error
        raise ValueError(f"{name} is damaged or incomplete ({error}). Save it again and retry.") from error
    raise ValueError(refused)


def decode(image: Image.Image) -> np.ndarray:
    """Convert an open PIL image of any mode to uint8 RGB ``[H, W, 3]``; see ``read``."""
    tags, kind = getattr(image, "tag_v2", {}), image.format
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        levels = np.asarray(image)
        if levels.dtype == np.uint16 and _are_numbers(levels):
            return _gray(levels / 255.0)
        return _gray(levels / 65535.0 if kind == "PPM" and image.mode == "I" else tiff.gray_in_range(levels, tags))
    image = to_srgb(image)
    return on_white(np.array(image.convert("RGBA"))) if _has_alpha(image) else np.array(image.convert("RGB"))


def decode_with_alpha(image: Image.Image) -> np.ndarray:
    """Convert an open PIL image as ``read_with_alpha`` does."""
    if _has_alpha(image) and not image.mode.startswith(("I", "F")):
        pixels = np.array(to_srgb(ImageOps.exif_transpose(image)).convert("RGBA"))
        return pixels if pixels[..., 3].min() < 255 else pixels[..., :3]
    return decode(image)


def _are_numbers(levels: np.ndarray) -> bool:
    """Return whether 16-bit levels are class numbers, up to 63 and 255: as grey levels they would all be black."""
    return bool(levels.any() and ((levels < 64) | (levels == 255)).all())


def on_white(pixels: np.ndarray) -> np.ndarray:
    """Return uint8 RGBA ``[H, W, 4]`` composited on white: uint8 RGB ``[H, W, 3]``, which itself stays as it is."""
    if pixels.shape[2] == 3:
        return pixels
    image = Image.fromarray(np.ascontiguousarray(pixels), "RGBA")
    return np.array(Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB"))


def _has_alpha(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


@contextlib.contextmanager
def no_warnings() -> Iterator[None]:
    """Let Pillow not warn about large images, since ``read`` has a lower limit, nor about damaged tags."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        warnings.simplefilter("ignore", UserWarning)
        yield


def opened(source: Source) -> Image.Image:
    """Open an image without decoding it; the caller closes it. Raises what Pillow does, see ``DAMAGE``."""
    if isinstance(source, Image.Image):
        return source.copy()  # the caller's image stays open
    with no_warnings():
        return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source, formats=_formats(source))


def _formats(source: Source) -> list[str]:
    """Return the formats of Pillow to try for a file."""
    formats: list[str] = [*FORMATS]
    if file_kinds.HAS_HEIF:
        _register_heif()
        formats.append(HEIF)
    if isinstance(source, (str, PathLike)) and Path(source).suffix.lower() in file_kinds.TGA:
        formats.append(TGA)
    return formats


@functools.cache
def _register_heif() -> None:
    """Let Pillow read HEIC with the package that is installed."""
    package = next(name for name in file_kinds.HEIF_PACKAGES if find_spec(name))
    importlib.import_module(package).register_heif_opener(thumbnails=False, depth_images=False, aux_images=False)


def _unknown(name: str, source: Source) -> str:
    """Return why a file is not an image that can be read, by its content, else by its name."""
    path = Path(source) if isinstance(source, (str, PathLike)) else Path()
    head = source[:HEAD] if isinstance(source, bytes) else b""
    if path.name:
        with path.open("rb") as file:
            head = file.read(HEAD)
    with no_warnings():
        what = tiff.described_file(_start(source)) if head[:4] in tiff.MAGIC else ""
    if what:
        return _not_this_kind(name, what)
    if file_kinds.begins_like_one(head):
        return f"{name} is damaged or incomplete. Save it again and retry."
    if reason := file_kinds.why_unknown(head) or file_kinds.why_unread(path):
        return f"{name} cannot be used: {reason}."
    return f"{name} is not a picture that can be read here. Use PNG, JPEG, WebP or TIFF."


def _start(source: Source) -> bytes:
    """Return the beginning of a file, in which the tags of a TIFF are looked for."""
    if not isinstance(source, (str, PathLike)):
        return source[: tiff.MOST_HEADER] if isinstance(source, bytes) else b""
    with Path(source).open("rb") as file:
        return file.read(tiff.MOST_HEADER)


def _not_this_kind(name: str, what: str) -> str:
    return (
        f"{name} is {what}, which is not read here. Save it with 8 or 16 bits a channel, interleaved, in RGB or gray."
    )


def _gray(gray: np.ndarray) -> np.ndarray:
    """Convert gray in 0..1 to uint8 in three channels: Pillow's own conversion clips at 255 instead of scaling."""
    return np.repeat(np.clip(gray * 255 + 0.5, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _too_large(name: str, width: int, height: int, limit: int) -> str:
    return (
        f"{name} has {width * height / 1e6:.0f} megapixels ({width} x {height}); the limit is {limit / 1e6:.0f}. "
        "Make it smaller and try again."
    )
