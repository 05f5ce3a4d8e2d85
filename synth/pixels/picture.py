"""Read any picture a person may have into the one form everything here works on: uint8 RGB ``[H, W, 3]``."""

import io
import warnings
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".ppm"})
MAX_PIXELS = 50_000_000

Source = str | PathLike[str] | bytes | BinaryIO | Image.Image


def read(source: Source, max_pixels: int = MAX_PIXELS) -> np.ndarray:
    """Return the picture as uint8 RGB ``[H, W, 3]``, upright, transparency laid on white, first frame of an animation.

    ``source`` is a path, the bytes of a file, an open binary file or a PIL image. The kind is taken from the content,
    never from the name. Raises ``ValueError`` with a sentence if it is no picture, is damaged, or has more than
    ``max_pixels`` pixels (checked before anything is decoded).
    """
    name = f"“{Path(source).name}”" if isinstance(source, (str, PathLike)) else "This file"
    try:
        with _open(source) as image:
            width, height = image.size
            if width * height > max_pixels:
                raise ValueError(_too_large(name, width, height, max_pixels))
            return decode(image)
    except UnidentifiedImageError as error:
        raise ValueError(f"{name} is not a picture that can be read here. Use PNG, JPEG, WebP or TIFF.") from error
    except Image.DecompressionBombError as error:
        raise ValueError(f"{name} is too large: the limit is {max_pixels / 1e6:.0f} megapixels. Shrink it.") from error
    except (OSError, SyntaxError, EOFError, ArithmeticError, TypeError, IndexError) as error:
        if isinstance(error, (FileNotFoundError, IsADirectoryError, PermissionError)):
            raise ValueError(f"{name} cannot be opened: {error.strerror}.") from error
        raise ValueError(f"{name} is damaged or incomplete ({error}). Save it again and retry.") from error


def decode(image: Image.Image) -> np.ndarray:
    """Return an open PIL image of any mode as uint8 RGB ``[H, W, 3]``; see ``read``."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        return _deep_gray(np.asarray(image))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return np.array(image.convert("RGB"))


def _open(source: Source) -> Image.Image:
    if isinstance(source, Image.Image):
        return source.copy()  # the caller's image stays open
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # ``read`` has its own, lower limit
        return Image.open(io.BytesIO(source) if isinstance(source, bytes) else source)


def _deep_gray(gray: np.ndarray) -> np.ndarray:
    """16-bit, 32-bit and float gray to 8 bits: Pillow's own conversion clips at 255 instead of scaling."""
    gray = np.nan_to_num(gray.astype(np.float64))
    top = gray.max(initial=0.0)
    scale = 255.0 if top <= 1.0 else 1.0 if top <= 255.0 else 255.0 / max(65535.0, top)
    gray = np.clip(gray * scale + 0.5, 0, 255).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)


def _too_large(name: str, width: int, height: int, limit: int) -> str:
    return (
        f"{name} has {width * height / 1e6:.0f} megapixels ({width} x {height}); the limit is {limit / 1e6:.0f}. "
        "Make it smaller and try again."
    )
