"""Pad images to a multiple and crop back; shrink to fit. Nothing else in synth changes an image's size."""

import cv2
import numpy as np


def pad_to_multiple(image: np.ndarray, multiple: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Return ``image`` padded at the bottom and the right, and its original ``(height, width)`` for ``crop``.

    ``image`` is ``[H, W, C]`` or ``[N, H, W, C]`` of any type; the result's height and width are divisible by
    ``multiple``. The padding is a reflection, a plausible continuation for a network; a side of one pixel is
    repeated. The same array is returned if nothing has to be added. Raises ``ValueError`` for an empty image or a
    multiple below 1.
    """
    height, width = image.shape[-3:-1]
    if multiple < 1 or not image.size:
        raise ValueError(f"A picture of {width}x{height} pixels cannot be padded to a multiple of {multiple}.")
    below, right = -height % multiple, -width % multiple
    if below or right:
        rest = [(0, 0)] * (image.ndim - 3)
        image = np.pad(image, [*rest, (0, below), (0, right), (0, 0)], mode="reflect")
    return image, (height, width)


def crop(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the top left ``(height, width)`` of ``[..., H, W, C]``: the inverse of ``pad_to_multiple``."""
    return image[..., : size[0], : size[1], :]


def fit(image: np.ndarray, side: int, labels: bool = False) -> np.ndarray:
    """Shrink uint8 ``[H, W, C]`` so that its longer side is at most ``side``; never enlarges.

    Area averaging for photographs and drawings; nearest neighbour for ``labels``, whose colours must not mix.
    """
    height, width = image.shape[:2]
    scale = side / max(height, width)
    if scale >= 1:
        return image
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_NEAREST_EXACT if labels else cv2.INTER_AREA)
