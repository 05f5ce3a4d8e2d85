"""TIFF tags that decide what its numbers mean: which kinds Pillow would read wrongly, and how to scale gray."""

import io
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import TiffImagePlugin
from PIL.TiffImagePlugin import (
    BITSPERSAMPLE,
    COMPRESSION,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
    SAMPLEFORMAT,
    SAMPLESPERPIXEL,
)

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
MIN_IS_WHITE, MIN_IS_BLACK, YCBCR = 0, 1, 6
UNCOMPRESSED, JPEG = 1, (6, 7)
SEPARATE = 2
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
FORMATS = {UNSIGNED: "whole", SIGNED: "signed", FLOAT: "floating-point", 5: "complex", 6: "complex"}
MOST_HEADER = 10_000_000
"""Bytes at the start of a file in which its tags are looked for."""


def refused(tags: Mapping[int, Any]) -> str:
    """Return what a TIFF is, if Pillow would read it wrongly: empty for all others."""
    bits, kind, channels = _values(tags)
    wrong = (
        (kind == FLOAT and channels > 1)
        or (kind == SIGNED and bits == 8)
        or (_of(tags, PHOTOMETRIC_INTERPRETATION) == YCBCR and _of(tags, COMPRESSION, 1) not in JPEG)
        or (_of(tags, PLANAR_CONFIGURATION, 1) == SEPARATE and bits > 8 and _of(tags, COMPRESSION, 1) == UNCOMPRESSED)
    )
    return described(tags) if wrong else ""


def described(tags: Mapping[int, Any]) -> str:
    """Return what a TIFF holds, for instance "a TIFF of 3 channels of 32-bit floating-point numbers"."""
    bits, kind, channels = _values(tags)
    many = "1 channel" if channels == 1 else f"{channels} channels"
    planes = " in separate planes" if _of(tags, PLANAR_CONFIGURATION, 1) == SEPARATE else ""
    color = " (YCbCr)" if _of(tags, PHOTOMETRIC_INTERPRETATION) == YCBCR else ""
    return f"a TIFF of {many} of {bits}-bit {FORMATS.get(kind, 'other')} numbers{color}{planes}"


def described_file(data: bytes) -> str:
    """Return what a file that Pillow does not read holds, if it is a TIFF with legible tags, else an empty string."""
    if data[:4] not in MAGIC:
        return ""
    try:
        header = data[:16] if data[2:3] == b"+" or data[3:4] == b"+" else data[:8]
        directory = TiffImagePlugin.ImageFileDirectory_v2(header)
        file = io.BytesIO(data)
        file.seek(directory.next)
        directory.load(file)
        return described(directory) if len(directory) else ""
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, EOFError, struct.error):
        return ""


def gray_in_range(values: np.ndarray, tags: Mapping[int, Any]) -> np.ndarray:
    """Return gray of more than 8 bits as 0..1, black to white, by the range of its type.

    Floating-point and 32-bit files do not store their range, so it is guessed from the largest value: 1, 255 or 65535.
    """
    bits, kind, _ = _values(tags)
    if values.dtype == np.uint16:
        gray = values / (4095.0 if bits == 12 else 65535.0)
    elif bits == 32 and kind == UNSIGNED and values.dtype == np.int32:
        gray = _guessed(values.view(np.uint32).astype(np.float64))
    elif bits == 16 and kind == SIGNED:
        gray = values / 32767.0
    else:
        gray = _guessed(values.astype(np.float64))
    gray = gray.clip(0, 1)
    return 1 - gray if _of(tags, PHOTOMETRIC_INTERPRETATION, MIN_IS_BLACK) == MIN_IS_WHITE else gray


def _guessed(gray: np.ndarray) -> np.ndarray:
    finite = gray[np.isfinite(gray)]
    top = float(finite.max(initial=0.0))
    gray = np.nan_to_num(gray, nan=0.0, posinf=top, neginf=0.0)
    return gray / (1.0 if top <= 1.0 else 255.0 if top <= 255.0 else max(65535.0, top))


def _values(tags: Mapping[int, Any]) -> tuple[int, int, int]:
    """Return the bits of a number, its kind, and the channels."""
    return int(_of(tags, BITSPERSAMPLE, 1)), int(_of(tags, SAMPLEFORMAT, UNSIGNED)), int(_of(tags, SAMPLESPERPIXEL, 1))


def _of(tags: Mapping[int, Any], tag: int, default: int = -1) -> Any:
    value = tags.get(tag, default)
    return value[0] if isinstance(value, tuple) and value else value
