"""Colour profiles (ICC): images in Display P3, Adobe RGB, ProPhoto or CMYK become sRGB, as every viewer shows them."""

import functools
import io

import numpy as np
from PIL import Image, ImageCms
from PIL.ImageCms import Direction, Flags, Intent

SAME = 2
"""Largest difference in grey levels on a grid of colours up to which a profile counts as sRGB and is left alone."""
INTENT, FLAGS = Intent.RELATIVE_COLORIMETRIC, Flags.BLACKPOINTCOMPENSATION


def to_srgb(image: Image.Image) -> Image.Image:
    """Return an image in sRGB, converted by LittleCMS if it carries a profile of another colour space.

    Gray, RGB, CMYK and Lab keep their transparency; the result is RGB or RGBA. An image without a profile, with
    sRGB's, or with one that is broken or of another kind of image is returned as it is.
    """
    data = image.info.get("icc_profile")
    if not data or image.mode in ("1", "I", "F") or image.mode.startswith("I;"):
        return image
    alpha = image.convert("RGBA").getchannel("A") if image.has_transparency_data else None
    if image.mode in ("P", "PA", "RGBA", "RGBa", "RGBX"):
        plain = image.convert("RGBA").convert("RGB")
    elif image.mode in ("LA", "La"):
        plain = image.convert("LA").getchannel("L")
    else:
        plain = image
    try:
        transform = _transform(data, plain.mode)
        if transform is None:
            return image
        converted = ImageCms.applyTransform(plain, transform)
    except ImageCms.PyCMSError:
        return image
    assert converted is not None, "the transform is not in place"
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


@functools.lru_cache(8)
def _transform(data: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the way from a profile to sRGB, None for sRGB itself. Raises ``PyCMSError`` for a profile of no use."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if not ImageCms.isIntentSupported(source, INTENT, Direction.INPUT):
            raise ImageCms.PyCMSError("the profile does not describe an input")
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB", INTENT, FLAGS)
    except (OSError, ValueError, TypeError) as error:
        raise ImageCms.PyCMSError(str(error)) from error
    if mode == "RGB":
        steps = np.linspace(0, 255, 9).astype(np.uint8)
        grid = np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3)
        shown = ImageCms.applyTransform(Image.fromarray(grid), transform)
        if np.abs(np.asarray(shown).astype(int) - grid).max() <= SAME:
            return None
    return transform
