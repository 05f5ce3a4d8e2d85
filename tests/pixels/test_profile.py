"""Test that images with a colour profile are read as sRGB, and that nothing else changes."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from synth.pixels import images
from synth.pixels.profile import _transform

ADOBE = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
"""Red, green and blue of Adobe RGB (1998) as XYZ, adapted to D50 as in its ICC profile."""
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
GAMMA = 563 / 256
COLORS = np.array([[230, 40, 50], [60, 170, 80], [70, 80, 200], [128, 128, 128], [250, 250, 250]], np.uint8)


def profile(primaries: tuple[tuple[float, ...], ...], gamma: float) -> bytes:
    """Return a minimal ICC profile of version 2: three primaries and one gamma."""

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    xyz = [b"XYZ \0\0\0\0" + fixed(*values) for values in ((0.9642, 1.0, 0.8249), *primaries)]
    text = b"desc\0\0\0\0" + struct.pack(">I", 2) + b"a\0" + bytes(78)
    tags = dict(zip((b"wtpt", b"rXYZ", b"gXYZ", b"bXYZ"), xyz, strict=True))
    tags |= {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve, b"desc": text, b"cprt": b"text\0\0\0\0a\0\0\0"}
    offset, index, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        data += bytes(-len(data) % 4)
        index += name + struct.pack(">II", offset + len(body), len(data))
        body += data
    head = struct.pack(
        ">I4sI4s4s4s12s4s", offset + len(body), b"\0" * 4, 0x02400000, b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp"
    )
    head += bytes(28) + fixed(0.9642, 1.0, 0.8249) + bytes(48)
    return head + struct.pack(">I", len(tags)) + index + body


def shown(colors: np.ndarray) -> np.ndarray:
    """Return what Adobe RGB colours look like in sRGB, by the formulas of the two standards."""
    linear = (colors / 255.0) ** GAMMA @ np.array(ADOBE) @ np.linalg.inv(np.array(SRGB))
    linear = linear.clip(0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def saved(image: Image.Image, kind: str = "png", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["png", "tiff", "webp"])
def test_adobe_rgb_becomes_srgb(kind: str):
    image = Image.fromarray(np.repeat(COLORS[None], 4, 0))
    options = {"lossless": True} if kind == "webp" else {}
    found = images.read(saved(image, kind, icc_profile=profile(ADOBE, GAMMA), **options))
    assert np.abs(found[0] - shown(COLORS)).max() < 2.5
    assert np.abs(shown(COLORS) - COLORS).max() > 20, "the profile matters"


def test_transparency_is_kept_beside_a_profile():
    pixels = np.dstack([np.repeat(COLORS[None], 2, 0), np.full((2, 5), 128, np.uint8)])
    data = saved(Image.fromarray(pixels), icc_profile=profile(ADOBE, GAMMA))
    found = images.read_with_alpha(data)
    assert np.abs(found[0, :, :3] - shown(COLORS)).max() < 2.5
    assert (found[..., 3] == 128).all()
    on_white = (shown(COLORS) * 128 + 255.0 * 127) / 255
    assert np.abs(images.read(data)[0] - on_white).max() < 2.5


def test_palette_images_with_a_profile():
    indexed = Image.fromarray(np.repeat(COLORS[None], 2, 0)).quantize(8)
    found = images.read(saved(indexed, icc_profile=profile(ADOBE, GAMMA)))
    assert np.abs(found[0] - shown(np.array(indexed.convert("RGB"))[0])).max() < 2.5


def test_the_profile_of_srgb_changes_no_pixel():
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    assert np.array_equal(images.read(saved(Image.fromarray(pixels), icc_profile=own)), pixels)


@pytest.mark.parametrize("data", [b"no profile", profile(ADOBE, GAMMA)[:200], profile(ADOBE, GAMMA)[:60]])
def test_a_broken_profile_is_ignored(data: bytes):
    pixels = np.repeat(COLORS[None], 2, 0)
    assert np.array_equal(images.read(saved(Image.fromarray(pixels), icc_profile=data)), pixels)


def test_a_profile_of_another_kind_of_image_is_ignored():
    cmyk = Image.new("CMYK", (4, 4), (0, 200, 200, 0))
    plain, marked = (images.read(saved(cmyk, "tiff", **more)) for more in ({}, {"icc_profile": profile(ADOBE, GAMMA)}))
    assert np.array_equal(plain, marked)


def test_a_broken_profile_is_tried_once():
    data = profile(ADOBE, GAMMA)[:200] + b"another"
    before = _transform.cache_info().misses
    for _ in range(3):
        images.read(saved(Image.fromarray(COLORS[None]), icc_profile=data))
    assert _transform.cache_info().misses == before + 1
