"""Convert sRGB to CIE Lab (D65, 2 degrees) and quantise ab into 313 bins (Zhang, Isola, Efros 2016, sec. 2.1)."""

import functools

import cv2
import numpy as np

GRID = 10.0
BINS = 313
VIVIDNESS = 0.5
"""How much of the rebalancing stays at inference: 1 is all of it, 0 predicts colours as frequent as they are."""
TEMPERATURE = 0.38
"""The paper's softmax temperature T of the annealed mean (eq. 5): lower is more vivid, higher more cautious."""
STRIP = 256
"""Rows of a large image processed at a time."""


def to_lab(image: np.ndarray) -> np.ndarray:
    """Convert uint8 sRGB ``[H, W, 3]`` to float32 Lab: L in 0..100, a and b in about -110..110."""
    return cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_RGB2Lab)


def from_lab(lab: np.ndarray) -> np.ndarray:
    """Convert float32 Lab ``[H, W, 3]`` to uint8 sRGB; out-of-gamut colours are clipped."""
    rgb = cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_Lab2RGB)
    return (rgb.clip(0, 1) * 255 + 0.5).astype(np.uint8)


@functools.cache
def bins() -> np.ndarray:
    """Return the centres of the 313 ab bins, float32 ``[313, 2]``, sorted by a, then b.

    The paper keeps 313 points of a grid with spacing 10 as "in gamut" without giving the rule. Here they are the 313
    grid points closest to the sRGB gamut, so that every colour has its five nearest grid points among them.
    """
    grid = np.arange(-13, 14, dtype=np.float32) * GRID
    points = np.stack(np.meshgrid(grid, grid, indexing="ij"), -1).reshape(-1, 2)
    face = np.stack(np.meshgrid(*[np.arange(0, 256, 3, dtype=np.uint8)] * 2, indexing="ij"), -1).reshape(-1, 2)
    # In ab the gamut is bounded by the faces of the RGB cube: colours inside the cube are less saturated.
    faces = [np.insert(face, axis, level, 1) for axis in range(3) for level in (0, 255)]
    gamut = to_lab(np.concatenate(faces)[None])[0, :, 1:]
    distance = np.array([np.square(gamut - point).sum(1).min() for point in points])
    return points[np.sort(np.argsort(distance, kind="stable")[:BINS])]


@functools.cache
def _table() -> np.ndarray:
    """Return the nearest bin of each grid point, int64 ``[27, 27]``."""
    grid = np.arange(-13, 14, dtype=np.float32) * GRID
    points = np.stack(np.meshgrid(grid, grid, indexing="ij"), -1)  # [27, 27, 2]
    return np.square(points[:, :, None] - bins()).sum(-1).argmin(-1)


def nearest_bin(ab: np.ndarray) -> np.ndarray:
    """Return the bin index of each ab colour ``[..., 2]``: an index into ``bins``."""
    place = np.clip(np.rint(ab / GRID).astype(np.int64) + 13, 0, 26)
    return _table()[place[..., 0], place[..., 1]]


def chroma(image: np.ndarray) -> float:
    """Return the mean ab distance from gray of uint8 sRGB ``[H, W, 3]``; 0 for a black-and-white photograph."""
    return float(np.linalg.norm(to_lab(image)[..., 1:], axis=-1).mean())


def with_chroma(image: np.ndarray, colored: np.ndarray) -> np.ndarray:
    """Return uint8 ``image`` ``[H, W, 3]`` with its own lightness and the ab channels of ``colored``, of any size.

    Works in strips, so that large photographs need little memory.
    """
    height, width = image.shape[:2]
    chroma = to_lab(colored)[..., 1:]
    made = np.empty_like(image)
    for top in range(0, height, STRIP):
        part = image[top : top + STRIP]
        # Each row samples the colours where resizing the whole image would.
        places = ((np.arange(top, top + len(part)) + 0.5) * len(chroma) / height - 0.5).astype(np.float32)
        columns = ((np.arange(width) + 0.5) * chroma.shape[1] / width - 0.5).astype(np.float32)
        x, y = np.meshgrid(columns, places)
        ab = cv2.remap(chroma, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        made[top : top + STRIP] = from_lab(np.concatenate((to_lab(part)[..., :1], ab), -1))
    return made
