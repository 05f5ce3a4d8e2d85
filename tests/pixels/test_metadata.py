"""Test what is kept of what an image file says of itself, and that nothing else is."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.PngImagePlugin import PngInfo

from synth.pixels import metadata
from synth.runtime import provenance
from tests.support.pictures import saved

PLACE = {1: "N", 2: (48.0, 8.0, 15.0), 3: "E", 4: (11.0, 34.0, 0.0)}


def photo(kind: str, orientation: int = 6) -> bytes:
    """Return a photograph with all kinds of tags, turned by its orientation."""
    tags = Image.Exif()
    tags.update({Base.Make: "Maker", Base.Model: "Model 1", Base.DateTime: "1962:07:14 10:00:00"})
    tags.update({Base.Artist: "Jürgen".encode(), Base.Copyright: "© 1962".encode(), Base.Orientation: orientation})
    own = {Base.DateTimeOriginal: "1962:07:14 10:00:00", Base.MakerNote: b"secret" * 9, Base.BodySerialNumber: "SN-1"}
    tags[IFD.Exif] = own | {Base.FNumber: 2.8, Base.LensModel: "50mm", Base.ExifVersion: b"0230"}
    tags[IFD.GPSInfo] = PLACE
    return saved(Image.new("RGB", (40, 30), "red"), kind, exif=tags.tobytes(), dpi=(300, 200))


def made(data: bytes, ending: str, place: bool = False) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any], Any]:
    """Return the tags of a result made from a file: main, exposure and place, and its resolution."""
    kept = metadata.read(data, place)
    result = provenance.encode(np.zeros((80, 60, 3), np.uint8), "model 0123456789ab", ending, kept=kept)
    with Image.open(io.BytesIO(result)) as image:
        tags = image.getexif()
        packet = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
        assert provenance.SOURCE in (packet.decode() if isinstance(packet, bytes) else packet), "the mark stays"
        return dict(tags), tags.get_ifd(IFD.Exif), tags.get_ifd(IFD.GPSInfo), image.info.get("dpi")


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_date_author_and_camera_are_kept_and_the_place_is_not(kind: str, ending: str):
    main, exposure, place, dpi = made(photo(kind), ending)
    assert (main[Base.Make], main[Base.DateTime], main[Base.Orientation]) == ("Maker", "1962:07:14 10:00:00", 1)
    if kind != "TIFF":  # Pillow writes other letters as "?" there
        assert main[Base.Artist].encode("latin-1").decode() == "Jürgen"
    assert (exposure[Base.DateTimeOriginal], exposure[Base.LensModel]) == ("1962:07:14 10:00:00", "50mm")
    assert exposure[Base.FNumber] == pytest.approx(2.8)
    assert (exposure[Base.ExifImageWidth], exposure[Base.ExifImageHeight], exposure[Base.ColorSpace]) == (60, 80, 1)
    assert not {Base.MakerNote, Base.BodySerialNumber} & exposure.keys()
    assert place == {}
    if kind != "WEBP":  # Pillow writes no resolution there
        turned = dpi or (main[Base.XResolution], main[Base.YResolution])
        assert turned == pytest.approx((200, 300), abs=0.01)


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_the_place_is_kept_if_asked_for(kind: str):
    assert made(photo(kind), ".jpg", place=True)[2] == PLACE


def test_thumbnails_are_not_kept():
    kept = metadata.read(photo("JPEG"))
    assert not {Base.JpegIFOffset, Base.JpegIFByteCount} & {*metadata.DESCRIPTION, *metadata.EXPOSURE}
    with Image.open(io.BytesIO(provenance.encode(np.zeros((8, 8, 3), np.uint8), ending=".jpg", kept=kept))) as image:
        assert image.getexif().get_ifd(IFD.IFD1) == {}


def test_texts_of_png_are_kept_and_serve_as_tags_elsewhere():
    info = PngInfo()
    for name, text in {"Author": "A. N. Author", "Comment": "private", "Creation Time": "1962"}.items():
        info.add_text(name, text)
    data = saved(Image.new("RGB", (4, 4)), pnginfo=info)
    kept = metadata.read(data)
    assert made(data, ".jpg")[0][Base.Artist] == "A. N. Author"
    with Image.open(io.BytesIO(provenance.encode(np.zeros((4, 4, 3), np.uint8), kept=kept))) as image:
        assert (image.info["Author"], image.info["Creation Time"]) == ("A. N. Author", "1962")
        assert "Comment" not in image.info


def test_a_file_that_says_nothing_gives_nothing():
    data = saved(Image.new("RGB", (4, 4)))
    assert metadata.read(data) == metadata.Metadata()
    with Image.open(io.BytesIO(provenance.encode(np.zeros((4, 4, 3), np.uint8), kept=metadata.read(data)))) as image:
        assert dict(image.getexif()) == {}
        assert image.info.keys() == {"XML:com.adobe.xmp", "xmp"}


@pytest.mark.parametrize("keep", [30, 60, 100, 140, 200])
def test_damaged_tags_are_left_out(keep: int, tmp_path: Path):
    tags = bytearray(Image.open(io.BytesIO(photo("JPEG"))).getexif().tobytes())
    tags[keep:] = np.random.default_rng(keep).bytes(len(tags) - keep)
    data = saved(Image.new("RGB", (40, 30)), "JPEG", exif=bytes(tags))
    result = provenance.encode(np.zeros((8, 8, 3), np.uint8), ending=".jpg", kept=metadata.read(data, place=True))
    with Image.open(io.BytesIO(result)) as image:
        assert image.size == (8, 8)
        assert image.getexif().get(Base.Orientation, 1) == 1


def test_endless_texts_are_left_out():
    tags = Image.Exif()
    tags.update({Base.Artist: "A", Base.ImageDescription: "x" * 50_000})
    main = made(saved(Image.new("RGB", (4, 4)), "JPEG", exif=tags), ".jpg")[0]
    assert main[Base.Artist] == "A"
    assert Base.ImageDescription not in main
