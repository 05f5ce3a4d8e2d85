"""Test that every common image format is read into uint8 RGB."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synth.pixels import file_kinds, images
from synth.pixels.palette import CITYSCAPES, FACADES, nearest, paint

HEIC = (
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAA"
    "AAAERAAAEAAQAAAAABoAABAAAAAAAAADQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/GlwcnAA"
    "AADcaXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkA"
    "AAAwAAAwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAA"
    "AChjbGFwAAAAEAAAAAEAAAAQAAAAAf///9AAAAAC////0AAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAPG"
    "1kYXQAAAAwKAGvCchZmNA5I1d//2T1//h12h+p421Z/E6/oOxlOspDn0Sxk847vgyAh4O4Xstw"
)
"""A HEIC of 16 x 16 pixels of one colour, in base64: Pillow writes none."""


def encoded(image: Image.Image, kind: str = "png", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def test_gray_palette_and_one_bit():
    gray = np.array([[0, 128], [200, 255]], np.uint8)
    assert np.array_equal(images.read(encoded(Image.fromarray(gray))), np.repeat(gray[..., None], 3, 2))
    indexed = Image.new("P", (2, 2))
    indexed.putpalette([10, 20, 30, 40, 50, 60])
    indexed.putdata([0, 1, 1, 0])
    assert images.read(encoded(indexed))[0].tolist() == [[10, 20, 30], [40, 50, 60]]
    assert images.read(encoded(Image.new("1", (2, 2), 1))).min() == 255


def test_sixteen_bits_are_scaled_not_clipped():
    deep = np.array([[0, 257], [32896, 65535]], np.uint16)
    assert images.read(encoded(Image.fromarray(deep)))[..., 0].tolist() == [[0, 1], [128, 255]]
    assert images.read(encoded(Image.fromarray(deep), "tiff"))[..., 0].tolist() == [[0, 1], [128, 255]]


def test_dark_sixteen_bit_pictures_stay_dark():
    assert images.read(encoded(Image.fromarray(np.full((2, 2), 200, np.uint16)))).max() == 1


def test_a_deep_tiff_whose_minimum_is_white_is_no_negative():
    gray = np.linspace(0, 255, 60).astype(np.uint8).reshape(6, 10)
    data = encoded(Image.fromarray(65535 - gray.astype(np.uint16) * 257), "tiff", tiffinfo={262: 0})
    with Image.open(io.BytesIO(data)) as file:
        assert (file.mode, dict(file.getexif())[262]) == ("I;16", 0)
    assert np.abs(images.read(data)[..., 0].astype(int) - gray).max() <= 1


def test_files_are_found_by_all_endings_of_the_formats_that_are_read():
    kinds = (*images.FORMATS, images.TGA, "MPO")
    endings = {ending for ending, kind in Image.registered_extensions().items() if kind in kinds}
    assert endings == file_kinds.IMAGES - file_kinds.HEIF
    assert not file_kinds.IMAGES & {*file_kinds.UNREAD}


@pytest.mark.parametrize("kind", ["TGA", "JPEG2000", "PPM", "MPO"])
def test_less_common_formats_are_read(tmp_path: Path, kind: str):
    path = tmp_path / f"a.{'jp2' if kind == 'JPEG2000' else kind.lower()}"
    pixels = np.full((20, 30, 3), (200, 90, 30), np.uint8)
    Image.fromarray(pixels).save(path, kind)
    assert np.abs(images.read(path).astype(int) - pixels).max() <= 3


def test_tga_has_no_signature_so_its_name_must_say_so(tmp_path: Path):
    data = encoded(Image.new("RGB", (4, 4), "red"), "tga")
    with pytest.raises(ValueError, match="not a picture"):
        images.read(data)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jxl", b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL is not read"),
        ("a.jpg", b"8BPS\0\1" + bytes(60), "export them as PNG or TIFF"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "vector drawings"),
        ("a.png", b"<?xml version='1.0'?><svg/>", "vector drawings"),
        ("a.cr2", b"something", "camera raw"),
        ("a.pdf", b"%PDF-1.7", "document"),
        ("a.zip", b"PK\3\4" + bytes(30), "unpack it"),
        ("a.png", b"\0\0\0\x18ftypmp42" + bytes(30), "it is a video"),
    ],
)
def test_kinds_that_are_not_read_are_named(tmp_path: Path, name: str, content: bytes, words: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=rf"“{re.escape(name)}” cannot be used: .*{words}"):
        images.read(tmp_path / name)


@pytest.mark.skipif(file_kinds.HAS_HEIF, reason="the package that reads HEIC is installed")
def test_heic_says_what_to_install():
    with pytest.raises(ValueError, match=r"\[heif\].*Most Compatible"):
        images.read(b"\0\0\0\x24ftypheic\0\0\0\0mif1heic" + bytes(60))


@pytest.mark.skipif(not file_kinds.HAS_HEIF, reason='pip install -e ".[heif]"')
def test_heic_is_read(tmp_path: Path):
    path = tmp_path / "IMG_0001.HEIC"
    path.write_bytes(base64.b64decode(HEIC))
    assert np.abs(images.read(path).astype(int) - (200, 90, 30)).max() <= 6


def test_formats_that_start_other_programs_are_never_tried():
    with pytest.raises(ValueError, match="vector drawings are not read"):
        images.read(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n%%EOF\n")


def test_transparency_is_laid_on_white():
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 0))
    image.putpixel((1, 0), (0, 0, 0, 128))
    assert images.read(encoded(image))[0].tolist() == [[255, 255, 255], [127, 127, 127]]


def test_cmyk_and_orientation():
    cmyk = Image.new("CMYK", (8, 8), (0, 255, 255, 0))
    red = images.read(encoded(cmyk, "jpeg"))[4, 4]
    assert red[0] > 200
    assert max(red[1:]) < 60
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: rotate by 90 degrees
    image = Image.new("RGB", (3, 2))
    image.putpixel((0, 0), (255, 255, 255))
    turned = images.read(encoded(image, "png", exif=exif))
    assert turned.shape == (3, 2, 3)
    assert turned[0, 1].tolist() == [255, 255, 255]


def test_an_animation_gives_its_first_frame():
    frames = [Image.new("RGB", (4, 4), color) for color in ("red", "blue")]
    animation = encoded(frames[0], "gif", save_all=True, append_images=frames[1:])
    assert images.read(animation)[0, 0].tolist() == [255, 0, 0]


def test_a_wrong_suffix_does_not_matter(tmp_path: Path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(encoded(Image.new("RGB", (1, 1), (9, 8, 7))))
    assert images.read(path).tolist() == [[[9, 8, 7]]]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a picture"),
        (b"hello, I am text", "not a picture"),
        (encoded(Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)))[:500], "damaged"),
        (encoded(Image.new("1", (12_000, 9_000))), "108 megapixels"),
    ],
)
def test_what_cannot_be_read_ends_in_a_sentence(content: bytes, words: str):
    with pytest.raises(ValueError, match=words):
        images.read(content)


def test_a_missing_file_ends_in_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match=r"“no\.png” cannot be opened"):
        images.read(tmp_path / "no.png")


@pytest.mark.parametrize("palette", [FACADES, CITYSCAPES])
def test_labels_there_and_back(palette):
    index = np.random.default_rng(0).integers(0, len(palette), (20, 30)).astype(np.uint8)
    assert np.array_equal(nearest(paint(index, palette), palette), index)
    assert len({c[1:] for c in palette}) == len(palette)
