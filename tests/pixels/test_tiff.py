"""Test that every kind of TIFF gives the right pixels, or a sentence that says what it holds."""

import struct

import numpy as np
import pytest

from synth.pixels import images

GRAY = np.linspace(0, 255, 12 * 20).astype(np.uint8).reshape(12, 20)
RGB = np.stack([GRAY, GRAY[::-1], 255 - GRAY], -1)
WHITE_IS_ZERO, BLACK_IS_ZERO, COLORS, YCBCR = 0, 1, 2, 6
WHOLE, SIGNED, FLOAT = 1, 2, 3


def tiff(data: bytes, photometric: int, bits: int, kind: int = WHOLE, channels: int = 1, planes: int = 1) -> bytes:
    """Return an uncompressed TIFF of 20 x 12 pixels."""
    parts = channels if planes == 2 else 1
    tags = {256: (20,), 257: (12,), 258: (bits,) * channels, 259: (1,), 262: (photometric,), 277: (channels,)}
    tags |= {278: (12,), 284: (planes,), 339: (kind,) * channels}
    extra = 8 + 2 + 12 * (len(tags) + 2) + 4
    each = len(data) // parts
    body, entries = bytearray(), []
    tags |= {273: (0,) * parts, 279: (each,) * parts}
    start = extra + sum(4 * len(v) for v in tags.values() if len(v) > 1)
    tags[273] = tuple(start + each * i for i in range(parts))
    for tag, values in sorted(tags.items()):
        packed = struct.pack(f"<{len(values)}I", *values)
        if len(values) > 1:
            body += packed
            packed = struct.pack("<I", extra + len(body) - len(packed))
        entries.append(struct.pack("<HHI", tag, 4, len(values)) + packed)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4) + bytes(body) + data


def packed12(values: np.ndarray) -> bytes:
    """Pack numbers of 12 bits, two in three bytes."""
    bits = np.unpackbits(values.astype(">u2").view(np.uint8).reshape(-1, 2), axis=1)[:, 4:]
    return np.packbits(bits).tobytes()


WIDE = GRAY.astype(np.uint32)
RIGHT = {
    "8 bits": tiff(GRAY.tobytes(), BLACK_IS_ZERO, 8),
    "12 bits": tiff(packed12((GRAY * (4095 / 255)).astype(np.uint16)), BLACK_IS_ZERO, 12),
    "16 bits": tiff(np.uint16(WIDE * 257).tobytes(), BLACK_IS_ZERO, 16),
    "16 bits, white is zero": tiff(np.uint16(65535 - WIDE * 257).tobytes(), WHITE_IS_ZERO, 16),
    "16 bits, signed": tiff(np.int16(WIDE * 128).tobytes(), BLACK_IS_ZERO, 16, SIGNED),
    "32 bits": tiff(np.uint32(WIDE * 16843009).tobytes(), BLACK_IS_ZERO, 32),
    "float, 0 to 1": tiff(np.float32(GRAY / 255).tobytes(), BLACK_IS_ZERO, 32, FLOAT),
    "float, 0 to 255": tiff(np.float32(GRAY).tobytes(), BLACK_IS_ZERO, 32, FLOAT),
    "float with infinity": tiff(
        np.array([np.inf, *(GRAY.ravel()[1:] / 255)], np.float32).tobytes(), BLACK_IS_ZERO, 32, FLOAT
    ),
    "colours of 16 bits": tiff(np.uint16(RGB * 257.0).tobytes(), COLORS, 16, channels=3),
}


@pytest.mark.parametrize("what", RIGHT)
def test_the_range_of_numbers_is_known(what: str):
    found = images.read(RIGHT[what]).astype(int)
    wanted = RGB if what.startswith("colours") else np.repeat(GRAY[..., None], 3, 2)
    assert np.abs(found - wanted)[1:].max() <= 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (tiff(np.float32(RGB / 255).tobytes(), COLORS, 32, FLOAT, 3), "3 channels of 32-bit floating-point numbers"),
        (tiff(np.float16(GRAY / 255).tobytes(), BLACK_IS_ZERO, 16, FLOAT), "1 channel of 16-bit floating-point"),
        (tiff(np.uint32(RGB).tobytes(), COLORS, 32, WHOLE, 3), "3 channels of 32-bit whole numbers"),
        (tiff(RGB.astype(np.uint16).transpose(2, 0, 1).tobytes(), COLORS, 16, WHOLE, 3, 2), "in separate planes"),
        (tiff(RGB.tobytes(), YCBCR, 8, WHOLE, 3), r"8-bit whole numbers \(YCbCr\)"),
        (tiff(np.int8(GRAY // 2).tobytes(), BLACK_IS_ZERO, 8, SIGNED), "8-bit signed numbers"),
    ],
)
def test_what_pillow_reads_wrongly_or_not_at_all_is_named(data: bytes, words: str):
    with pytest.raises(ValueError, match=rf"is a TIFF of .*{words}.* is not read here\. Save it with 8 or 16 bits"):
        images.read(data)


def test_a_tiff_with_illegible_tags_ends_in_a_sentence():
    for length in (4, 8, 9, 30, 100):
        with pytest.raises(ValueError, match=r"not a picture|is not read here|damaged"):
            images.read(RIGHT["8 bits"][:length])
