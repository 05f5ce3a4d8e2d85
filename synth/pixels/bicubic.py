"""Resize images like MATLAB's bicubic ``imresize``, the convention of the super-resolution literature.

Keys' kernel with a = -0.5 (Keys 1981), widened by the scale factor when an image shrinks (antialiasing). Weights are
normalised to 1; the image is mirrored at its edges, the edge pixel included. Rows are resized before columns, and uint8
images are rounded after each pass. Published super-resolution results can be compared for exactly this resampling only.
"""

from functools import lru_cache

import numpy as np

A = -0.5
Taps = tuple[np.ndarray, np.ndarray]


def resize(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return uint8 ``[H, W, C]`` resized to ``[height, width, C]``, rounded. Raises ``ValueError`` for an empty image
    or size.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or not image.size or min(height, width) < 1:
        raise ValueError(
            f"Pixels of type {image.dtype} and shape {list(image.shape)} cannot be resized to {width}x{height}."
        )
    for axis, length in ((0, height), (1, width)):
        image = _along(image, axis, length)
    return image


def scaled(image: np.ndarray, factor: float) -> np.ndarray:
    """Return uint8 ``[H, W, C]`` scaled by ``factor``; each side is rounded up, as ``imresize`` does."""
    height, width = (int(np.ceil(side * factor - 1e-9)) for side in image.shape[:2])
    return resize(image, height, width)


def _along(image: np.ndarray, axis: int, length: int) -> np.ndarray:
    weights, places = taps(image.shape[axis], length)
    shape = [1] * image.ndim
    shape[axis] = length
    total = np.zeros((*image.shape[:axis], length, *image.shape[axis + 1 :]), np.float32)
    for weight, place in zip(weights.T, places.T, strict=True):  # one tap at a time saves memory
        total += weight.reshape(shape) * image.take(place, axis)
    return np.clip(np.rint(total, out=total), 0, 255, out=total).astype(np.uint8)


@lru_cache(maxsize=32)
def taps(inputs: int, outputs: int) -> Taps:
    """Return, for each of ``outputs`` samples, the weights and indices of its input samples, each ``[outputs, n]``."""
    factor = outputs / inputs
    stretch = min(factor, 1.0)
    reach = 4 / stretch
    centre = (np.arange(outputs) + 0.5) / factor - 0.5
    first = np.floor(centre - reach / 2)
    at = first[:, None] + np.arange(int(np.ceil(reach)) + 2)
    weights = kernel((centre[:, None] - at) * stretch)
    weights /= weights.sum(1, keepdims=True)
    used = np.abs(weights).max(0) > 0
    mirror = np.concatenate([np.arange(inputs), np.arange(inputs)[::-1]])
    places = mirror[at.astype(np.int64) % (2 * inputs)]
    return weights[:, used].astype(np.float32), places[:, used]


def matrix(inputs: int, outputs: int) -> np.ndarray:
    """Return ``taps`` as a dense float32 matrix ``[outputs, inputs]``, for use in network training."""
    weights, places = taps(inputs, outputs)
    made = np.zeros((outputs, inputs), np.float32)
    np.add.at(made, (np.arange(outputs)[:, None], places), weights)
    return made


def kernel(x: np.ndarray) -> np.ndarray:
    """Evaluate Keys' cubic at distances ``x`` in samples: 1 at 0; 0 at other integers and beyond 2."""
    x = np.abs(x)
    near = (A + 2) * x**3 - (A + 3) * x**2 + 1
    far = A * (x**3 - 5 * x**2 + 8 * x - 4)
    return np.where(x <= 1, near, np.where(x < 2, far, 0.0))
