"""Masks: which pixels of an image somebody marked, in all the ways in which programs save that."""

import cv2
import numpy as np

from synth.pixels import images

FAINT = 32
"""Grey levels: a mask that is nowhere brighter, and has more than two values, is a black image with noise."""
PLAIN = 24
"""Largest standard deviation in grey levels of an opaque part that counts as one colour: paint, not a photograph."""
PROPORTIONS = 0.02
"""By how much the proportions of a mask may differ from those of its image, if it has another size."""


def read(source: images.Source, shape: tuple[int, int], max_pixels: int = images.MAX_PIXELS) -> np.ndarray:
    """Return the marked pixels of a mask file for an image of ``shape`` (height, width): bool ``[H, W]``.

    If the transparency varies, opaque paint of one colour marks pixels; in a photograph, or a black layer that covers
    most of the image, the part that was erased does.
    Without transparency, what is brighter than the middle of the mask's own range is marked, so that 0 and 1 serve
    like 0 and 255. A mask of another size but the same proportions is scaled. Raises ``ValueError`` if it cannot be
    read, has other proportions, or marks nothing.
    """
    marked = _marked(images.read_with_alpha(source, max_pixels))
    if not marked.any():
        raise ValueError("The mask marks no pixel. Paint white over what is to be filled, and leave the rest black.")
    if marked.shape == shape:
        return marked
    height, width = marked.shape
    if abs(np.log(width * shape[0] / (height * shape[1]))) > PROPORTIONS:
        raise ValueError(
            f"The mask has {width} x {height} pixels, the picture {shape[1]} x {shape[0]}. "
            "Make them the same size, or at least of the same proportions."
        )
    return cv2.resize(marked.astype(np.uint8), shape[::-1], interpolation=cv2.INTER_NEAREST) > 0


def _marked(pixels: np.ndarray) -> np.ndarray:
    gray = pixels[..., :3].max(2)
    if pixels.shape[2] == 4:
        opaque = pixels[..., 3] > 127
        if not opaque.any():  # whatever colour is hidden under full transparency
            return opaque
        if not opaque.all():
            return ~opaque if _is_erased(gray[opaque], opaque.mean()) else opaque
    low, high = int(gray.min()), int(gray.max())
    if low == high:
        return np.full(gray.shape, low > 127)
    if high < FAINT and len(np.unique(gray)) > 2:
        return np.zeros(gray.shape, bool)
    return gray > (low + high) / 2


def _is_erased(values: np.ndarray, share: float) -> bool:
    """Return whether opaque gray values are what was left of an image, not paint over it; ``share`` is their area."""
    return values.std() > PLAIN or (values.mean() < 128 and share > 0.5)
