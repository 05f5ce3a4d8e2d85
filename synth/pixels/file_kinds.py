"""Kinds of files by name and content: images and videos that are read here, and others with the reason why not."""

import os
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

HEIF_PACKAGES = ("pillow_heif", "pi_heif")
"""Packages that read HEIC; one is enough."""
HAS_HEIF = any(map(find_spec, HEIF_PACKAGES))
HEIF = frozenset({".heic", ".heics", ".heif", ".heifs", ".hif"})
JPEG_2000 = frozenset({".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"})
TGA = frozenset({".tga", ".icb", ".vda", ".vst"})
IMAGES = (
    frozenset({".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".bmp", ".tif", ".tiff", ".gif"})
    | {".avif", ".avifs", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm"}
    | TGA
    | JPEG_2000
    | (HEIF if HAS_HEIF else frozenset())
)
"""Endings of the images that ``synth.pixels.images`` reads; of what kind a file is, its content says."""
VIDEOS = frozenset(
    {".mp4", ".mov", ".m4v", ".qt", ".3gp", ".3g2", ".webm", ".mkv", ".avi", ".mpg", ".mpeg", ".vob", ".ts", ".mts"}
    | {".m2ts", ".flv", ".f4v", ".wmv", ".asf", ".ogv"}
)
"""Endings of the videos that ``synth.pixels.video_reader`` reads."""

_HEIC = (
    'HEIC needs an extra package: pip install -e ".[heif]". Or convert it to JPEG; a phone takes JPEG pictures if its '
    "camera is set to “Most Compatible”"
)
_JXL = "JPEG XL is not read here; convert it to PNG or JPEG"
_RAW = "camera raw files are not read here; develop them and save JPEG or 16-bit TIFF"
_LAYERS = "files of image editors are not read here; export them as PNG or TIFF"
_VECTORS = "vector drawings are not read here; export them as PNG"
_RANGE = "files of high dynamic range are not read here; save them as PNG or TIFF with 8 or 16 bits"
_OTHER = "this format is not read here; convert it to PNG or JPEG"
_VIDEO = "this kind of video is not read here; convert it to MP4"
_REASONS = {
    _HEIC: HEIF - IMAGES,
    _JXL: (".jxl",),
    _RAW: (
        *(".dng", ".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".raf", ".orf", ".rw2", ".pef"),
        *(".srw", ".x3f", ".3fr", ".iiq", ".rwl", ".erf", ".kdc", ".dcr", ".mrw", ".mos"),
    ),
    _LAYERS: (".psd", ".psb", ".xcf", ".kra", ".afphoto", ".clip", ".ora", ".pdn"),
    _VECTORS: (".svg", ".svgz", ".ai", ".eps", ".wmf", ".emf"),
    _RANGE: (".exr", ".hdr"),
    _OTHER: (
        *(".ico", ".cur", ".icns", ".dib", ".pcx", ".dds", ".qoi", ".sgi", ".rgb", ".ras", ".xbm", ".xpm", ".jxr"),
        *(".wdp", ".jng", ".mng", ".bpg", ".djvu", ".dcm", ".pam", ".pict", ".pct"),
    ),
    _VIDEO: (
        *(".mxf", ".dv", ".rm", ".rmvb", ".m2v", ".h264", ".264", ".h265", ".265", ".hevc", ".y4m", ".r3d", ".braw"),
        *(".insv", ".mjpeg", ".mjpg", ".ivf"),
    ),
}
UNREAD = {ending: reason for reason, endings in _REASONS.items() for ending in endings}
"""By ending: why an image or video of this kind is not read."""
_AVIF = (b"avif", b"avis")
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_SIGNATURES = {
    b"\xff\x0a": _JXL,
    b"\0\0\0\x0cJXL ": _JXL,
    b"8BPS": _LAYERS,
    b"gimp xcf": _LAYERS,
    b"%!PS": _VECTORS,
    b"<svg": _VECTORS,
    b"\x76\x2f\x31\x01": _RANGE,
    b"#?RADIANCE": _RANGE,
    b"\0\0\1\0": _OTHER,
    b"icns": _OTHER,
    b"DDS ": _OTHER,
    b"qoif": _OTHER,
    b"%PDF": "a PDF is a document; export its pages as PNG",
    b"PK\3\4": "it is an archive; unpack it and choose the images in it",
    b"\x1a\x45\xdf\xa3": "it is a video, not an image",
}
_BEGINNINGS = (b"\x89PNG", b"\xff\xd8", b"GIF8", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")
_SHOWN = 3
_SKIPPED_FOLDERS = frozenset({"__MACOSX"})


def is_image(path: Path) -> bool:
    """Return whether a file has the ending of an image that is read here."""
    return path.suffix.lower() in IMAGES


def is_video(path: Path) -> bool:
    """Return whether a file has the ending of a video that is read here."""
    return path.suffix.lower() in VIDEOS


def why_unread(path: Path) -> str:
    """Return the reason why an image or video of this ending is not read; an empty string for all other files."""
    return UNREAD.get(path.suffix.lower(), "")


def why_unknown(head: bytes) -> str:
    """Return the reason why a file that begins with these bytes is not read; an empty string if it is not known."""
    if head[4:8] == b"ftyp":
        return "" if head[8:12] in _AVIF else "it is a video, not an image" if head[8:12] not in _BRANDS else _HEIC
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if start.startswith(b"<?xml") and b"<svg" in start:
        return _VECTORS
    return next((reason for sign, reason in _SIGNATURES.items() if start.startswith(sign)), "")


def begins_like_one(head: bytes) -> bool:
    """Return whether a file that begins with these bytes is meant as an image that is read here."""
    return head.startswith(_BEGINNINGS) or head[8:12] == b"WEBP" or (head[4:8] == b"ftyp" and head[8:12] in _AVIF)


def walk(folder: Path, without: Path | None = None) -> Iterator[Path]:
    """Yield all files below a folder in sorted order, except hidden ones and those below ``without``.

    Links to folders, which may lead round in a circle, are not followed; they are yielded like files.
    """
    for current, folders, names in os.walk(folder):
        kept = [name for name in folders if name[0] != "." and name not in _SKIPPED_FOLDERS]
        folders[:] = sorted(name for name in kept if without is None or (Path(current) / name).resolve() != without)
        links = [name for name in folders if (Path(current) / name).is_symlink()]
        yield from (Path(current) / name for name in sorted([*names, *links]) if name[0] != ".")


def unread(folder: Path) -> dict[str, list[Path]]:
    """Return the images and videos below a folder that cannot be read, by reason."""
    found: dict[str, list[Path]] = {}
    for path in walk(folder):
        if reason := why_unread(path):
            found.setdefault(reason, []).append(path)
    return found


def sentences(found: dict[str, list[Path]]) -> list[str]:
    """Return one sentence a reason, which names the first files."""
    return [f"{naming(paths)} cannot be used: {reason}." for reason, paths in found.items()]


def naming(paths: Iterable[Path]) -> str:
    """Return the names of the first files, and how many more there are."""
    names = [f"“{path.name}”" for path in paths]
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest:,} more" if rest > 0 else "")
