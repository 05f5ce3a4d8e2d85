"""Encode images as files in memory and as ``data:`` addresses, which a page shows without a file on the server."""

import base64
from typing import Any

import cv2
import numpy as np

QUALITY = {
    "png": [cv2.IMWRITE_PNG_COMPRESSION, 3],
    "webp": [cv2.IMWRITE_WEBP_QUALITY, 90],
    "jpeg": [cv2.IMWRITE_JPEG_QUALITY, 90, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444],
}


def encode(image: np.ndarray, kind: str) -> bytes:
    """Encode uint8 RGB ``[H, W, 3]``, or gray ``[H, W]``, as the bytes of a file.

    ``kind`` is ``png`` (lossless), ``webp`` (small) or ``jpeg``.
    """
    ordered = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(f".{kind}", ordered, QUALITY[kind])
    assert done, "encoding an image in memory does not fail"
    return data.tobytes()


def png(image: np.ndarray) -> bytes:
    """Encode uint8 RGB ``[H, W, 3]`` as the bytes of a PNG file."""
    return encode(image, "png")


def content(address: Any, prefix: str, most_letters: int, wrong: str) -> bytes:
    """Return the bytes in a ``data:`` address from a browser, which must begin with ``prefix``.

    Raises ``ValueError`` with the message ``wrong`` for anything else, and for more than ``most_letters``.
    """
    if not isinstance(address, str) or not address.startswith(prefix) or len(address) > most_letters:
        raise ValueError(wrong)
    try:
        return base64.b64decode(address.removeprefix(prefix), validate=True)
    except ValueError as error:
        raise ValueError(wrong) from error


def data_address(image: np.ndarray, kind: str = "png") -> str:
    """Encode uint8 RGB ``[H, W, 3]``, or gray ``[H, W]``, as a ``data:image/...`` address."""
    return f"data:image/{kind};base64,{base64.b64encode(encode(image, kind)).decode()}"
