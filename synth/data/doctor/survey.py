"""Survey a folder of images: its layout, and properties of each image."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import ExifTags, Image

from synth.card import Color
from synth.data.sets.pairs import SPLITS, picture_files
from synth.files import not_regular
from synth.pixels import images
from synth.pixels import palette as palettes
from synth.pixels.label_map import is_numbers
from synth.pixels.numbering import NUMBERINGS, recognised

FEW_COLORS = 64
"""An image with no more distinct colours counts as a label map: antialiased drawings and photographs have more."""
FEW_GRAYS = 20
"""The same for gray images: a line drawing has more, because its edges are antialiased."""
FAR = 24.0
"""Distance in RGB beyond which a colour is not a slightly blurred palette colour but another one."""

Side = Literal["x", "y"]


@dataclass(frozen=True)
class Item:
    """One side of one pair: a whole file, or its left (0) or right (1) half."""

    split: str
    name: str
    side: Side
    path: Path
    half: int = -1


@dataclass(frozen=True)
class Facts:
    """Properties of an item. ``error`` is a message if it could not be read; then the rest is empty.

    ``size`` is the item's upright width and height; ``digest`` a hash of its pixels, ``phash`` a perceptual hash (uint8
    [8]), ``mirrored_phash`` that of its mirror image, ``small`` (uint8 [8, 8, 3]) a thumbnail; ``colors`` are its
    distinct colours (uint8 [K, 3]) with their ``shares``, only if these are few or a palette was given, and then only
    those outside it. ``numbers`` says that it looks like class numbers, ``numbering`` which ones if that can be told: a
    key of ``synth.pixels.numbering.NUMBERINGS``.
    """

    item: Item
    error: str = ""
    size: tuple[int, int] = (0, 0)
    traits: tuple[str, ...] = ()
    digest: str = ""
    phash: bytes = b""
    mirrored_phash: bytes = b""
    small: bytes = b""
    distinct: int = 0
    gray: bool = False
    colors: np.ndarray | None = None
    shares: np.ndarray | None = None
    numbers: bool = False
    numbering: str = ""


@dataclass(frozen=True)
class Layout:
    """Layout of a folder: names of the two side folders (None if side by side), and all items."""

    sides: tuple[str, str] | None
    splits: tuple[str, ...]
    items: tuple[Item, ...]
    root: Path = Path()


def find_layout(folder: Path, x: str, y: str) -> Layout:
    """Return a folder's layout as training sees it. Raises ``ValueError`` if training does not support it.

    Two folders of images (named ``x`` and ``y``, else in alphabetical order) or one folder of side-by-side images, each
    with or without train, test or val above it.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}. Check the path.")
    names = [name for group in SPLITS.values() for name in group if (folder / name).is_dir()]
    found = [_sides(folder / name, name, x, y) for name in names] or [_sides(folder, "", x, y)]
    kinds = {sides for sides, _ in found}
    if len(kinds) > 1:
        raise ValueError(f"{', '.join(names)} in {folder} have different layouts. Use one layout for all.")
    return Layout(kinds.pop(), tuple(names) or ("",), tuple(item for _, items in found for item in items), folder)


def _sides(root: Path, split: str, x: str, y: str) -> tuple[tuple[str, str] | None, list[Item]]:
    folders = [root / x, root / y]
    if not all(folder.is_dir() for folder in folders):
        inside = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
        folders = [path for path in inside if picture_files(path)]
    if len(folders) == 2:
        items = [
            Item(split, file.stem, side, file)
            for side, folder in zip(("x", "y"), folders, strict=True)
            for file in picture_files(folder)
        ]
        return (folders[0].name, folders[1].name), items
    files = picture_files(root)
    if files and not folders:
        return None, [Item(split, f.stem, side, f, half) for f in files for half, side in enumerate(("x", "y"))]
    seen = ", ".join(folder.name for folder in folders) or "no images"
    raise ValueError(
        f"{root} is not laid out as pairs: it holds {seen}. Put inputs and targets in two folders with the same file "
        "names, or put side-by-side images directly into it."
    )


def inspect_items(items: tuple[Item, ...], palette: tuple[Color, ...], labels: Side | None, tick: Callable[[], object]):
    """Return the facts of every item, calling ``tick`` after each; the ``labels`` side is compared with ``palette``."""

    def one(item: Item) -> Facts:
        facts = _facts(item, palette if item.side == labels else ())
        tick()
        return facts

    with ThreadPoolExecutor() as pool:
        return list(pool.map(one, items))


def label_side(items: tuple[Item, ...], palette: tuple[Color, ...] = ()) -> Side | None:
    """Return the side that holds label maps, judged by a sample.

    It is the side whose images have the fewest colours, if these are few; else, with a palette, the one with more of
    its colours (JPEG label maps have many).
    """
    few: dict[Side, float] = {}
    foreign: dict[Side, float] = {}
    for side in ("x", "y"):
        own = [item for item in items if item.side == side]
        facts = [fact for item in own[:: max(1, len(own) // 12)] if not (fact := _facts(item, palette)).error]
        gray = all(fact.gray for fact in facts)
        counts = [1 if fact.numbers else fact.distinct for fact in facts]
        if facts and np.quantile(counts, 0.8) <= (FEW_GRAYS if gray else FEW_COLORS):
            few[side] = float(np.median(counts))
        if facts and palette:
            foreign[side] = float(np.mean([outside(fact, palette)[1].sum() for fact in facts]))
    scores = few or foreign
    return min(scores, key=lambda side: scores[side], default=None)


def outside(fact: Facts, palette: tuple[Color, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the colours (uint8 [K, 3]) of an item that are far from all palette colours, and their shares [K]."""
    assert fact.colors is not None
    assert fact.shares is not None
    squares = ((fact.colors[:, None].astype(np.int32) - palettes.colors(palette)) ** 2).sum(-1)  # [all, len(palette)]
    far = squares.min(-1) > FAR**2
    return fact.colors[far], fact.shares[far]


def _facts(item: Item, palette: tuple[Color, ...]) -> Facts:
    try:
        traits = _traits(item.path)
        pixels = images.read(item.path)
    except ValueError as error:
        return Facts(item, error=str(error))
    if item.half >= 0:
        middle = pixels.shape[1] // 2
        if middle == 0:
            return Facts(item, error=f"“{item.path.name}” is too narrow to hold two images side by side.")
        traits += ("odd width",) if pixels.shape[1] % 2 else ()
        pixels = np.ascontiguousarray(pixels[:, :middle] if item.half == 0 else pixels[:, -middle:])
    height, width = pixels.shape[:2]
    digest = hashlib.sha256(pixels.tobytes() + str(pixels.shape).encode()).hexdigest()
    colors, shares = _colors(pixels)
    distinct, gray = len(colors), bool((colors == colors[:, :1]).all())
    if palette:
        inside = (colors[:, None] == palettes.colors(palette)).all(-1).any(-1)
        colors, shares = colors[~inside], shares[~inside]
    elif distinct > FEW_COLORS:
        colors = shares = None
    small = cv2.resize(pixels, (8, 8), interpolation=cv2.INTER_AREA).tobytes()
    looks = (digest, *_perceptual_hashes(pixels), small, distinct, gray, colors, shares)
    return Facts(item, "", (width, height), traits, *looks, *_numbers(pixels, palette))


def _numbers(pixels: np.ndarray, palette: tuple[Color, ...]) -> tuple[bool, str]:
    """Return whether an image [H, W, 3] looks like class numbers, and the word of their numbering or ""."""
    if not is_numbers(pixels, palette):
        return False, ""
    index = pixels[..., 0]
    known = recognised(index, palette or palettes.CITYSCAPES)
    return True, next((word for word, numbering in NUMBERINGS.items() if numbering is known), "")


def _traits(path: Path) -> tuple[str, ...]:
    """Return a file's unusual properties, as text. Empty if it cannot be read: ``images.read`` raises the error."""
    traits = []
    if not_regular(path):
        return ()
    try:
        with Image.open(path) as image:
            if image.getexif().get(ExifTags.Base.Orientation, 1) not in (0, 1):
                traits.append("EXIF rotation")
            if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                traits.append("transparency")
            if image.mode == "CMYK":
                traits.append("CMYK colours")
            if image.mode.startswith(("I", "F")):
                traits.append("16 bits or more")
            if getattr(image, "n_frames", 1) > 1:
                traits.append("several frames")
            if image.format and Image.registered_extensions().get(path.suffix.lower()) not in (image.format, "MPO"):
                traits.append("extension does not match the content")
    except (*images.DAMAGE, ValueError, Image.DecompressionBombError):
        pass  # ``images.read`` raises a better error
    return tuple(traits)


def _colors(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct colours, uint8 [K, 3], and their shares of an image [H, W, 3]."""
    packed = pixels.reshape(-1, 3).astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    unique, counts = np.unique(packed, return_counts=True)
    colors = np.stack([unique >> 16, unique >> 8 & 255, unique & 255], axis=-1).astype(np.uint8)
    return colors, counts / packed.size


def _perceptual_hashes(pixels: np.ndarray) -> tuple[bytes, bytes]:
    """Return perceptual hashes of an image [H, W, 3] and of its mirror image.

    They are the signs of its 64 lowest DCT coefficients, the mean aside; mirroring flips those that are odd
    horizontally.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(gray, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(small)[:8, :8]
    return _signs(waves), _signs(waves * (-1) ** np.arange(8))


def _signs(waves: np.ndarray) -> bytes:
    return np.packbits(waves > np.median(waves.ravel()[1:])).tobytes()
