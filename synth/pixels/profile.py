"""Colour profiles (ICC): images in Display P3, Adobe RGB, ProPhoto or CMYK become sRGB, as every viewer shows them."""

import functools
import io

import numpy as np
from PIL import Image, ImageCms
from PIL.ImageCms import Direction, Flags, Intent

SAME = 2
"""Largest difference in grey levels on a grid of colours up to which a profile counts as sRGB and is left alone."""
MOST_BYTES = 16 * 2**20
"""A larger profile is ignored: those of printers have up to a few megabytes."""
INTENT, FLAGS = Intent.RELATIVE_COLORIMETRIC, Flags.BLACKPOINTCOMPENSATION


def to_srgb(image: Image.Image) -> Image.Image:
    """Return an image in sRGB, converted by LittleCMS if it carries a profile of another colour space.

    Gray, RGB, CMYK and Lab keep their transparency; the result is RGB or RGBA. An image without a profile, with
    sRGB's, or with one that is broken or of another kind of image is returned as it is.
    """
    data = image.info.get("icc_profile")
    if not data or len(data) > MOST_BYTES or image.mode in ("1", "I", "F") or image.mode.startswith("I;"):
        return image
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if image.mode in ("P", "PA", "RGBA", "RGBa", "RGBX"):
        plain = image.convert("RGBA").convert("RGB")
    elif image.mode in ("LA", "La"):
        plain = image.convert("LA").getchannel("L")
    else:
        plain = image
    transform = _transform(data, plain.mode)
    if transform is None:
        return image
    try:
        converted = ImageCms.applyTransform(plain, transform)
    except ImageCms.PyCMSError:
        return image
    assert converted is not None, "the transform is not in place"
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


@functools.lru_cache(8)
def _transform(data: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the way from a profile to sRGB; None for sRGB itself, and for a profile of no use.

    Either answer is remembered: trying a large broken profile again for every image would take long.
    """
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if not ImageCms.isIntentSupported(source, INTENT, Direction.INPUT):
            return None
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", INTENT, FLAGS)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    if mode == "RGB":
        steps = np.linspace(0, 255, 9).astype(np.uint8)
        grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3)
        shown = ImageCms.applyTransform(Image.fromarray(grid), transform)
        if np.abs(np.asarray(shown).astype(int) - grid).max() <= SAME:
            return None
    return transform
