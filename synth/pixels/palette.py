"""Colour-coded label maps: palettes of the data sets, and conversion between colours and class indices."""

import numpy as np

from synth.card import Color

# CMP Facade Database (Tylecek & Sara 2013), in the order of its class indices.
FACADES: tuple[Color, ...] = (
    ("background", 0, 0, 170),
    ("wall", 0, 0, 255),
    ("window", 0, 85, 255),
    ("door", 0, 170, 255),
    ("cornice", 0, 255, 255),
    ("sill", 85, 255, 170),
    ("balcony", 170, 255, 85),
    ("blind", 255, 255, 0),
    ("deco", 255, 170, 0),
    ("molding", 255, 85, 0),
    ("pillar", 255, 0, 0),
    ("shop", 170, 0, 0),
)

# Cityscapes (Cordts et al. 2016); the classes that share black are merged here.
CITYSCAPES: tuple[Color, ...] = (
    ("road", 128, 64, 128),
    ("sidewalk", 244, 35, 232),
    ("building", 70, 70, 70),
    ("wall", 102, 102, 156),
    ("fence", 190, 153, 153),
    ("pole", 153, 153, 153),
    ("traffic light", 250, 170, 30),
    ("traffic sign", 220, 220, 0),
    ("vegetation", 107, 142, 35),
    ("terrain", 152, 251, 152),
    ("sky", 70, 130, 180),
    ("person", 220, 20, 60),
    ("rider", 255, 0, 0),
    ("car", 0, 0, 142),
    ("truck", 0, 0, 70),
    ("bus", 0, 60, 100),
    ("train", 0, 80, 100),
    ("motorcycle", 0, 0, 230),
    ("bicycle", 119, 11, 32),
    ("parking", 250, 170, 160),
    ("ground", 81, 0, 81),
    ("rail track", 230, 150, 140),
    ("guard rail", 180, 165, 180),
    ("bridge", 150, 100, 100),
    ("tunnel", 150, 120, 90),
    ("caravan", 0, 0, 90),
    ("trailer", 0, 0, 110),
    ("moving thing", 111, 74, 0),
    ("own car and unlabelled", 0, 0, 0),
)

STREETS = CITYSCAPES[: [name for name, *_ in CITYSCAPES].index("bicycle") + 1]
"""The 19 classes that Cityscapes evaluates, in the order of their training ids."""

IDS = (
    "unlabelled", "own car", "border", "outside", "static", "moving thing", "ground", "road", "sidewalk", "parking",
    "rail track", "building", "wall", "fence", "guard rail", "bridge", "tunnel", "pole", "poles", "traffic light",
    "traffic sign", "vegetation", "terrain", "sky", "person", "rider", "car", "truck", "bus", "caravan", "trailer",
    "train", "motorcycle", "bicycle", "license plate",
)  # fmt: skip
_COLORS = {color[0]: color for color in CITYSCAPES}
CITYSCAPES_IDS: tuple[Color, ...] = tuple(_COLORS.get(name, (name, i, i, i)) for i, name in enumerate(IDS))
"""All 35 classes of Cityscapes in the order of their ids. Classes that share a colour there are gray here, with the id
as the grey level."""


def numbered(count: int) -> tuple[Color, ...]:
    """Return a palette for up to 256 unnamed classes: that of PASCAL VOC.

    The bits of a class number go in turn to red, green and blue, the lowest bit to the brightest. Where the result is
    gray, the class number is the grey level.
    """
    palette: list[Color] = []
    for i in range(count):
        red, green, blue = (sum((i >> 3 * k + part & 1) << 7 - k for k in range(3)) for part in range(3))
        palette.append((f"class {i}", *((i, i, i) if red == green == blue else (red, green, blue))))
    return tuple(palette)


def colors(palette: tuple[Color, ...]) -> np.ndarray:
    """Return the palette's colours as uint8 ``[K, 3]``."""
    return np.array([color[1:] for color in palette], np.uint8)


def nearest(image: np.ndarray, palette: tuple[Color, ...]) -> np.ndarray:
    """Return, for uint8 RGB ``[H, W, 3]``, the index uint8 ``[H, W]`` of the nearest palette colour (squared distance).

    Ties go to the colour that comes first.
    """
    table = colors(palette).astype(np.int64)
    # Images have few distinct colours, so distances are computed once per colour.
    unique, inverse = np.unique(numbers(image).ravel(), return_inverse=True)
    parts = np.stack([unique >> 16, unique >> 8 & 255, unique & 255], -1).astype(np.int64)  # [U, 3]
    distance = ((parts[:, None] - table) ** 2).sum(-1)  # [U, K]
    return distance.argmin(1).astype(np.uint8)[inverse].reshape(image.shape[:2])


def shares(image: np.ndarray, palette: tuple[Color, ...]) -> list[float]:
    """Return, per palette colour, the share 0..1 of pixels of uint8 RGB ``[H, W, 3]`` with exactly that colour."""
    found, own = numbers(image), numbers(colors(palette))
    return [float((found == number).mean()) for number in own]


def all_known(image: np.ndarray, palette: tuple[Color, ...]) -> bool:
    """Return whether every pixel of uint8 RGB ``[H, W, 3]`` has exactly a colour of the palette."""
    return bool(np.isin(numbers(image), numbers(colors(palette))).all())


def numbers(image: np.ndarray) -> np.ndarray:
    """Pack uint8 RGB ``[..., 3]`` into one integer per colour, uint32 ``[...]``."""
    red, green, blue = (image[..., part].astype(np.uint32) for part in range(3))
    return red << 16 | green << 8 | blue


def paint(index: np.ndarray, palette: tuple[Color, ...]) -> np.ndarray:
    """Convert class indices ``[H, W]`` to uint8 RGB ``[H, W, 3]`` in the palette's colours."""
    return colors(palette)[index]
