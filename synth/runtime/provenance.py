"""Provenance marks: metadata that says that a file was synthesized, and by which model.

Images carry XMP with IPTC's digital source type for output of a trained model, which other programs read; videos carry
a comment (``synth.pixels.video_writer``).
"""

import html
import io
import re
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from synth.card import Card
from synth.pixels import images
from synth.pixels.metadata import Metadata
from synth.pixels.video_writer import SYNTHESIZED
from synth.runtime.graph_file import fingerprint

KINDS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""Image formats that ``encode`` writes, by file ending; PNG is lossless."""
SOURCE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PICTURE = "This picture is synthesized by synth."
BY = re.compile(r"Graph: (\S+ [0-9a-f]{12}(?: \([^()]*\))?)\.")
PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
    f' Iptc4xmpExt:DigitalSourceType="{SOURCE}"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">{{}}</rdf:li>'
    '</rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def model_id(card: Card, path: Path, *settings: str) -> str:
    """Return the identity of a model's file in provenance marks: name, start of its SHA-256, non-default settings."""
    suffix = f" ({re.sub('[()]', '', ', '.join(settings))})" if settings else ""
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', card.name) or 'graph'} {fingerprint(path)}{suffix}"


def comment(maker: str, sentence: str = SYNTHESIZED) -> str:
    """Return the text of a provenance mark; ``maker`` is a ``model_id``, or empty."""
    return f"{sentence} Graph: {maker}." if maker else sentence


def made_by(text: str) -> str:
    """Return the ``model_id`` that a file's metadata names, or an empty string."""
    found = BY.search(text)
    return found[1] if found else ""


def encode(
    image: np.ndarray, maker: str = "", ending: str = ".png", notice: str = "", kept: Metadata | None = None
) -> bytes:
    """Encode uint8 RGB ``[H, W, 3]`` as a file of one of ``KINDS`` with a provenance mark; ``maker`` is a ``model_id``.

    A ``notice`` for the user follows in the same description. A fourth channel is opacity; for JPEG, which has none,
    the image is laid on white. ``kept`` is what the original said of itself.
    """
    kept = kept or Metadata()
    more: dict[str, Any] = {"dpi": kept.dpi} if kept.dpi else {}
    if exif := kept.exif(image.shape[1], image.shape[0]):
        more["exif"] = exif
    packet = PACKET.format(html.escape(f"{comment(maker, PICTURE)} {notice}".strip()))
    file, kind = io.BytesIO(), KINDS[ending.lower()]
    if kind == "PNG":
        info = PngInfo()
        info.add_itxt("XML:com.adobe.xmp", packet)
        for name, text in kept.texts.items():
            info.add_itxt(name, text)
        Image.fromarray(image).save(file, kind, pnginfo=info, compress_level=3, **more)
    else:
        if kind == "JPEG":
            image = images.decode(Image.fromarray(image))
        Image.fromarray(image).save(file, kind, quality=95, xmp=packet.encode(), **more)
    return file.getvalue()


def read_xmp(path: Path) -> str:
    """Read the XMP of an image file as text without decoding pixels; an empty string if it has none.

    Raises ``OSError`` for a file that is not an image.
    """
    with Image.open(path, formats=tuple(set(KINDS.values()))) as image:
        packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
    return html.unescape(packet.decode(errors="replace") if isinstance(packet, bytes) else str(packet))
