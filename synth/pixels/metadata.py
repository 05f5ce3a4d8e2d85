"""What an image file says of itself: date, author, camera, resolution, for the images that are made from it.

Only what describes the photograph is kept. Orientation, thumbnails, maker notes and serial numbers are not, and the
place (GPS) only if that is asked for.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import ExifTags, Image
from PIL.ExifTags import IFD, Base

from synth.pixels import images

DESCRIPTION = (
    *(Base.ImageDescription, Base.Make, Base.Model, Base.DateTime, Base.Artist, Base.Copyright),
    *(Base.XPTitle, Base.XPComment, Base.XPAuthor, Base.XPKeywords, Base.XPSubject),
)
"""Tags that are kept of an image's main directory."""
EXPOSURE = (
    *(Base.ExposureTime, Base.FNumber, Base.ExposureProgram, Base.ISOSpeedRatings, Base.SensitivityType),
    *(Base.ExifVersion, Base.DateTimeOriginal, Base.DateTimeDigitized, Base.OffsetTime, Base.OffsetTimeOriginal),
    *(Base.OffsetTimeDigitized, Base.SubsecTime, Base.SubsecTimeOriginal, Base.SubsecTimeDigitized),
    *(Base.ShutterSpeedValue, Base.ApertureValue, Base.BrightnessValue, Base.ExposureBiasValue, Base.MaxApertureValue),
    *(Base.SubjectDistance, Base.MeteringMode, Base.LightSource, Base.Flash, Base.FocalLength, Base.UserComment),
    *(Base.ExposureMode, Base.WhiteBalance, Base.DigitalZoomRatio, Base.FocalLengthIn35mmFilm, Base.SceneCaptureType),
    *(Base.CameraOwnerName, Base.LensSpecification, Base.LensMake, Base.LensModel),
)
"""Tags that are kept of the directory that says how the photograph was taken."""
TEXTS = {"Author": Base.Artist, "Copyright": Base.Copyright, "Description": Base.ImageDescription, "Title": None}
"""Text chunks of PNG that are kept, and the tag that says the same."""
CREATED = "Creation Time"
MOST_LETTERS = 2000
"""Longest value that is kept."""
MOST_BYTES = 60_000
"""Most bytes of all tags: JPEG has room for 64 KB."""
LEAST_DPI, MOST_DPI = 2, 100_000
TURNED = (5, 6, 7, 8)
"""Orientations that swap width and height."""


@dataclass(frozen=True)
class Metadata:
    """Tags by number: ``main``, ``exposure``, ``place``; pixels per inch, across and down; the texts of a PNG."""

    main: dict[int, Any] = field(default_factory=dict)
    exposure: dict[int, Any] = field(default_factory=dict)
    place: dict[int, Any] = field(default_factory=dict)
    dpi: tuple[float, float] | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def exif(self, width: int, height: int) -> bytes:
        """Return the tags as EXIF for an upright sRGB image of this size; empty if there are none."""
        main: dict[int, Any] = {**self.main}
        if self.dpi:
            main |= {Base.XResolution: self.dpi[0], Base.YResolution: self.dpi[1], Base.ResolutionUnit: 2}
        if not (main or self.exposure or self.place):
            return b""
        tags = Image.Exif()
        tags.update(main | {Base.Orientation: 1})
        size = {Base.ColorSpace: 1, Base.ExifImageWidth: width, Base.ExifImageHeight: height}
        tags[IFD.Exif] = self.exposure | size
        if self.place:
            tags[IFD.GPSInfo] = self.place
        try:
            data = tags.tobytes()
        except (*images.DAMAGE, ValueError, KeyError):
            return b""
        return data if len(data) < MOST_BYTES else b""


def read(source: images.Source, place: bool = False) -> Metadata:
    """Return what a file says of itself, with GPS only if ``place`` is true; nothing if that is damaged."""
    try:
        with images.no_warnings(), images.opened(source) as image:
            tags = image.getexif()
            texts = {name: str(image.info[name]) for name in (*TEXTS, CREATED) if _is_short(image.info.get(name))}
            main = {TEXTS[name]: text for name, text in texts.items() if TEXTS.get(name)}
            main |= _kept(tags, DESCRIPTION)
            where = _kept(tags.get_ifd(IFD.GPSInfo), ExifTags.GPS) if place else {}
            return Metadata(main, _kept(tags.get_ifd(IFD.Exif), EXPOSURE), where, _dpi(image, tags), texts)
    except (*images.DAMAGE, ValueError, KeyError, Image.DecompressionBombError):
        return Metadata()


def _kept(tags: Mapping[int, Any], wanted: Any) -> dict[int, Any]:
    return {int(tag): _stored(tags[tag]) for tag in wanted if tag in tags and _is_short(tags[tag])}


def _is_short(value: Any) -> bool:
    return value is not None and value not in ("", b"") and len(str(value)) <= MOST_LETTERS


def _stored(value: Any) -> Any:
    """Return a value as Pillow writes it unchanged: it reads text as Latin-1, but writes other letters as "?"."""
    return value.encode("latin-1", "replace") if isinstance(value, str) and not value.isascii() else value


def _dpi(image: Image.Image, tags: Mapping[int, Any]) -> tuple[float, float] | None:
    """Return the resolution across and down of the upright image: the format's own, else that of EXIF."""
    unit = {2: 1.0, 3: 2.54}.get(tags.get(Base.ResolutionUnit, 2), 0.0)
    own: Any = image.info.get("dpi") or (tags.get(Base.XResolution), tags.get(Base.YResolution))
    try:
        across, down = (round(float(value) * (1.0 if "dpi" in image.info else unit), 2) for value in own)
    except (TypeError, ValueError, ArithmeticError):
        return None
    if not all(math.isfinite(value) and LEAST_DPI <= value <= MOST_DPI for value in (across, down)):
        return None
    return (down, across) if tags.get(Base.Orientation) in TURNED else (across, down)
