"""Small made-up data sets for the tests: coloured blocks and their translations."""

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def blocks(seed: int, side: int = 40) -> np.ndarray:
    """Return an uint8 ``[side, side, 3]`` picture of 4x4 coloured blocks."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    return np.repeat(np.repeat(coarse, side // 4, 0), side // 4, 1)


def save(path: Path, image: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path)
    return path


def street(classes: Sequence[str], height: int = 64, width: int = 128) -> np.ndarray:
    """Return class numbers uint8 ``[height, width]`` of a street: each is the place of its name in ``classes``.

    Sky is at the top and the road at the bottom; buildings, trees, a pole, a sign, people, and a car between them.
    Classes that are missing in ``classes`` become the last one.
    """
    boxes = {
        "sky": (0, 1, 0, 1), "building": (0.1, 0.6, 0, 0.4), "vegetation": (0.2, 0.6, 0.6, 1), "road": (0.6, 1, 0, 1),
        "sidewalk": (0.6, 0.75, 0, 0.2), "pole": (0.2, 0.65, 0.5, 0.53), "traffic sign": (0.2, 0.3, 0.48, 0.55),
        "person": (0.5, 0.75, 0.1, 0.16), "car": (0.55, 0.75, 0.6, 0.8),
    }  # fmt: skip
    made = np.zeros((height, width), np.uint8)
    for name, (top, bottom, left, right) in boxes.items():
        number = classes.index(name) if name in classes else len(classes) - 1
        made[int(top * height) : int(bottom * height), int(left * width) : int(right * width)] = number
    return made


def gray(levels: np.ndarray) -> np.ndarray:
    """Return ``[H, W]`` as three equal channels ``[H, W, 3]``."""
    return np.repeat(levels[..., None], 3, 2)


def pairs_folder(root: Path, train: int = 6, test: int = 2, side: int = 40) -> Path:
    """Write ``root/{train,test}/{x,y}/N.png``, where y is the negative of x."""
    for split, count, first in (("train", train, 0), ("test", test, 100)):
        for number in range(first, first + count):
            image = blocks(number, side)
            save(root / split / "x" / f"{number}.png", image)
            save(root / split / "y" / f"{number}.png", 255 - image)
    return root


def noise(width: int = 40, height: int = 30) -> Image.Image:
    """Return a random picture, the same every time."""
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as the bytes of a file."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def opened(address: str) -> np.ndarray:
    """Return the picture in a data address."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))
