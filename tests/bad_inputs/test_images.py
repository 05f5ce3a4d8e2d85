"""Test bad images and masks, as they are dropped on the app: each ends in its sentence."""

import base64
import io
import struct
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from synth.app import controls
from synth.pixels import masks
from tests.bad_inputs.said import checked, refusal
from tests.support.pictures import noise, saved

PNG, JPEG, TIFF, GIF = (saved(noise(), kind) for kind in ("PNG", "JPEG", "TIFF", "GIF"))
LETTER = "Dear Ann, this is a letter, not an image. Yours, Bob."


def png(width: int, height: int, depth: int = 8, color: int = 2, data: bytes = b"") -> bytes:
    """Return a PNG whose header says what it likes."""
    made = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    for kind, content in ((b"IHDR", header), (b"IDAT", zlib.compress(data)), (b"IEND", b"")):
        made += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return made


def kept(content: bytes, share: float) -> bytes:
    return content[: int(len(content) * share)]


NOT_READ = "is not a picture that can be read here"
DAMAGED = "is damaged or incomplete"
IMAGES: dict[str, tuple[bytes, str]] = {
    "empty.png": (b"", NOT_READ),
    "zeros.png": (bytes(5000), NOT_READ),
    "letter.png": (LETTER.encode(), NOT_READ),
    "letter_utf16.png": (LETTER.encode("utf-16"), NOT_READ),
    "page.jpg": (b"<!DOCTYPE html><html><body>404 Not Found</body></html>", NOT_READ),
    "base64.png": (b"data:image/png;base64," + base64.b64encode(PNG), NOT_READ),
    "list.jpg": (b'{"images": [1, 2, 3]}', NOT_READ),
    "program.png": (b"MZ\x90\0" + bytes(200), NOT_READ),
    "elf.png": (b"\x7fELF" + bytes(200), NOT_READ),
    "pointer.png": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", NOT_READ),
    "signature.png": (PNG[:8], DAMAGED),
    "header.png": (PNG[:33], DAMAGED),
    "half.png": (kept(PNG, 0.5), DAMAGED),
    "bits.png": (PNG[:60] + bytes(byte ^ 255 for byte in PNG[60:90]) + PNG[90:], DAMAGED),
    "crc.png": (PNG[:16] + b"\xff" + PNG[17:], DAMAGED),
    "short.png": (png(40, 30, data=bytes(100)), DAMAGED),
    "no_width.png": (png(0, 30), DAMAGED),
    "odd_depth.png": (png(40, 30, depth=7), DAMAGED),
    "huge.png": (png(40_000, 30_000), "the limit is 40"),
    "wide.png": (png(2**31 - 1, 1), "the limit is 40"),
    "bomb.png": (saved(Image.new("1", (12_000, 9_000))), "the limit is 40"),
    "start.jpg": (JPEG[:2], DAMAGED),
    "half.jpg": (kept(JPEG, 0.5), DAMAGED),
    "tables.jpg": (JPEG[:200], DAMAGED),
    "half.webp": (kept(saved(noise(), "WEBP"), 0.5), DAMAGED),
    "riff.webp": (b"RIFF\x10\0\0\0WEBP", DAMAGED),
    "half.gif": (kept(GIF, 0.3), DAMAGED),
    "header.gif": (GIF[:6], DAMAGED),
    "half.tif": (kept(TIFF, 0.5), DAMAGED),
    "header.tif": (TIFF[:8], DAMAGED),
    "far.tif": (b"II*\0" + struct.pack("<I", 2**31), DAMAGED),
    "half.bmp": (kept(saved(noise(), "BMP"), 0.5), DAMAGED),
    "half.avif": (kept(saved(noise(), "AVIF"), 0.6), DAMAGED),
    "half.jp2": (kept(saved(noise(), "JPEG2000"), 0.3), DAMAGED),
    "half.ppm": (kept(saved(noise(), "PPM"), 0.5), DAMAGED),
    "words.ppm": (b"P6 forty thirty 255\n" + bytes(3600), DAMAGED),
    "half.tga": (kept(saved(noise(), "TGA"), 0.5), DAMAGED),
    "layers.psd": (b"8BPS\0\1" + bytes(500), "image editors"),
    "drawing.svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "vector drawings"),
    "drawing.png": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "vector drawings"),
    "scan.pdf": (b"%PDF-1.7\n" + bytes(300), "a PDF is a document"),
    "page.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "vector drawings"),
    "light.exr": (b"\x76\x2f\x31\x01" + bytes(300), "high dynamic range"),
    "icon.ico": (saved(noise(16, 16), "ICO"), "convert it to PNG or JPEG"),
    "next.jxl": (b"\xff\x0a" + bytes(100), "JPEG XL"),
    "many.zip": (b"PK\3\4" + bytes(100), "unpack it"),
    "letter.docx": (b"PK\3\4" + bytes(100), "unpack it"),
    "film.png": (b"\0\0\0\x18ftypisom" + bytes(200), "it is a video"),
    "film.jpg": (b"\x1a\x45\xdf\xa3" + bytes(200), "it is a video"),
}
"""By name: the content of a file, and a part of the sentence about it."""


@pytest.mark.parametrize("name", IMAGES)
def test_a_bad_image(name: str, tmp_path: Path) -> None:
    content, fragment = IMAGES[name]
    (tmp_path / name).write_bytes(content)
    dropped: Any = SimpleNamespace(path=str(tmp_path / name))
    said = refusal(lambda: controls.picture_input().preprocess(dropped))
    checked(said, fragment)
    assert f"“{name}”" in said


def layer(alpha: int, color: tuple[int, int, int] = (255, 255, 255)) -> bytes:
    return saved(Image.new("RGBA", (40, 30), (*color, alpha)))


dark = np.random.default_rng(0).integers(0, 12, (30, 40), np.uint8)
MASKS: dict[str, tuple[bytes, str]] = {
    "black": (saved(Image.new("L", (40, 30))), "marks no pixel"),
    "black with noise": (saved(Image.fromarray(dark)), "marks no pixel"),
    "transparent": (layer(0), "marks no pixel"),
    "opaque black": (layer(255, (0, 0, 0)), "marks no pixel"),
    "tall": (saved(Image.new("L", (30, 40), 255)), "the same proportions"),
    "one pixel": (saved(Image.new("L", (1, 1), 255)), "the same proportions"),
    "empty": (b"", "not a picture"),
    "letter": (LETTER.encode(), "not a picture"),
    "half": (kept(PNG, 0.5), "damaged or incomplete"),
    "huge": (png(40_000, 30_000), "the limit is 50"),
}


@pytest.mark.parametrize("name", MASKS)
def test_a_bad_mask(name: str) -> None:
    content, fragment = MASKS[name]
    checked(refusal(lambda: masks.read(io.BytesIO(content), (30, 40))), fragment)
