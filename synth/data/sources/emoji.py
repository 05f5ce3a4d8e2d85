"""Emoji as pairs: a line drawing and the coloured image, rasterised once to 256x256 PNG on white.

OpenMoji publishes every emoji twice, as black lines and in colour, on the same 72-unit grid: these already form pairs.
Fluent 3D emoji have no drawing; it is derived here from the outline of their alpha channel and the edges inside it
(Canny 1986 on the strongest colour channel), as dark strokes three pixels wide.

Left out, because the lines do not determine the image: skin-tone variants, flags, logos, images with the same drawing
in several colours (the coloured circles and hearts: the first is kept), and those that consist of lines only.
"""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

SIZE = 256
TEST_PERCENT = 5
SKIN_TONES = range(0x1F3FB, 0x1F400)
SAME_DRAWING = 0.985
"""Correlation of two blurred drawings above which they count as the same drawing."""
NEAR_DRAWING = 0.93
"""Correlation above which two drawings must be on the same side of the train/test split."""

Item = tuple[str, np.ndarray, np.ndarray]
"""Name, drawing and image, both uint8 RGB [256, 256, 3]."""


def codes(name: str) -> tuple[int, ...]:
    """Return the code points in an emoji's file name (``1F468-200D-2695-FE0F``), without variation selectors."""
    points = (int(part, 16) for part in re.split("[-_]", name))
    return tuple(point for point in points if point != 0xFE0F)


def wanted(name: str) -> bool:
    """Return whether an emoji's lines can determine its colours: no skin tones, flags, letters or logos."""
    try:
        points = codes(name)
    except ValueError:
        return False
    flag = points[0] in (0x1F3F3, 0x1F3F4) or any(0x1F1E6 <= point <= 0x1F1FF for point in points)
    logo = 0xE040 <= points[0] <= 0xE070 or points[0] in (0xE0FF, 0xF000, 0xF77A, 0xF8FF)
    pride = 0xE420 <= points[0] <= 0xE435
    return not (flag or logo or pride or any(point in SKIN_TONES for point in points))


def family(name: str) -> str:
    """Return a key shared by the man/woman/person variants of an emoji (``1F469-200D-1F680``, ``1F468-...``)."""
    people, signs = (0x1F466, 0x1F467, 0x1F468, 0x1F469, 0x1F9D1, 0x1F9D2), (0x200D, 0x2640, 0x2642, 0x27A1)
    points = [0x1F9D1 if point in people else point for point in codes(name) if point not in signs]
    rest = [point for point in points if point != 0x1F9D1]
    if len(points) - len(rest) > 1 or points == [0x1F46A]:
        return "family"
    return "-".join(f"{point:04X}" for point in rest or points)


def openmoji(black: Path, color: Path) -> Iterator[Item]:
    """Yield the pairs of OpenMoji from its folders of black and of coloured SVG files."""
    for line in _sorted(black.glob("*.svg")):
        full = color / line.name
        if not wanted(line.stem) or not full.exists():
            continue
        drawing, picture = _rasterise(line), _rasterise(full)
        ink = drawing.min(axis=-1) < 128
        lost = (ink & (picture.max(axis=-1) > 110)).sum() / max(
            1, ink.sum()
        )  # share of the lines that the colours cover
        painted = (np.abs(drawing.astype(int) - picture).max(axis=-1) > 40).mean()
        if ink.mean() > 0.002 and painted > 0.01 and lost < 0.3:
            yield line.stem, drawing, picture


def fluent(pictures: Iterable[tuple[str, Path]]) -> Iterator[Item]:
    """Yield pairs of the Fluent 3D emoji, given as (code points, file with transparency)."""
    seen = set()
    for name, file in sorted(pictures, key=lambda item: (_codes_or_empty(item[0]), item[0])):
        if not wanted(name) or codes(name) in seen:
            continue
        seen.add(codes(name))
        with Image.open(file) as image:
            rgba = np.asarray(image.convert("RGBA").resize((SIZE, SIZE), Image.Resampling.LANCZOS))
        drawing = trace(rgba)
        if (drawing < 128).mean() > 0.002:
            white = Image.new("RGBA", (SIZE, SIZE), "white")
            picture = np.asarray(Image.alpha_composite(white, Image.fromarray(rgba)).convert("RGB"))
            yield "-".join(f"{point:04X}" for point in codes(name)), np.repeat(drawing[..., None], 3, axis=-1), picture


def trace(rgba: np.ndarray, width: int = 3) -> np.ndarray:
    """Return a line drawing, uint8 [H, W], dark strokes on white, of an image uint8 RGBA [H, W, 4]."""
    solid = (rgba[..., 3] > 127).astype(np.uint8)
    lab = cv2.cvtColor(rgba[..., :3], cv2.COLOR_RGB2LAB)
    lab[solid == 0] = lab[solid == 1].mean(axis=0) if solid.any() else 0  # no edges at the border except the outline
    smooth = cv2.GaussianBlur(cv2.bilateralFilter(lab, 9, 30, 5), (0, 0), 1.2)
    dx, dy = (cv2.Sobel(smooth, cv2.CV_16S, *order) for order in ((1, 0), (0, 1)))
    best = (np.abs(dx.astype(int)) + np.abs(dy)).argmax(axis=-1)[..., None]
    dx, dy = (np.ascontiguousarray(np.take_along_axis(d, best, axis=-1)[..., 0]) for d in (dx, dy))
    edges = cv2.Canny(dx, dy, 50, 110, L2gradient=True)
    edges[cv2.erode(solid, np.ones((7, 7), np.uint8)) == 0] = 0  # the outline is drawn below
    page = np.full(solid.shape, 255, np.uint8)
    _, label, stats, _ = cv2.connectedComponentsWithStats(edges, connectivity=8)
    keep = stats[:, cv2.CC_STAT_AREA] >= 14
    keep[0] = False  # the background
    page[np.asarray(keep)[np.asarray(label, np.intp)]] = 0
    page = cv2.erode(page, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width)))
    page = cv2.GaussianBlur(page, (0, 0), 0.7)
    outline, _ = cv2.findContours(solid, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    return cv2.drawContours(page, outline, -1, 0, width, cv2.LINE_AA)


def write(items: Iterable[Item], folder: Path, y: str) -> dict[str, int]:
    """Write the pairs to ``folder/{train,test}/{drawing,y}/NAME.png`` and return the count of each split.

    Of several images with the same drawing the first is kept; likewise of a man, a woman and a person that look alike
    (only their shirts differ, and no line says how). The split is by a hash of the first name of a group of related
    emoji (variants of one person, drawings that look alike), so it does not change when emoji are added.
    """
    names, families, files = [], np.array([], str), []
    thumbs = np.zeros((0, 32 * 32), np.float32)
    for name, drawing, picture in items:
        thumb, kin = _thumb(drawing), family(name)
        alike = thumbs @ thumb
        if (alike > SAME_DRAWING).any() or (alike[families == kin] > NEAR_DRAWING).any():
            continue
        thumbs, families = np.vstack([thumbs, thumb]), np.append(families, kin)
        names.append(name)
        files.append((_png(drawing), _png(picture)))  # the split is known only after all were seen
    counts = {"train": 0, "test": 0}
    for name, key, sides in zip(names, _groups(names, thumbs), files, strict=True):
        split = "test" if int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100 < TEST_PERCENT else "train"
        counts[split] += 1
        for side, data in zip(("drawing", y), sides, strict=True):
            file = folder / split / side / f"{name}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    return counts


def _png(image: np.ndarray) -> bytes:
    """Encode a uint8 RGB image [H, W, 3] as PNG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _groups(names: list[str], thumbs: np.ndarray) -> list[str]:
    """Return, for every name, the first name of its group: same family, or drawings that look alike."""
    parent = list(range(len(names)))

    def root(i: int) -> int:
        while parent[i] != i:
            i = parent[i] = parent[parent[i]]
        return i

    first: dict[str, int] = {}
    pairs = [(first.setdefault(family(name), i), i) for i, name in enumerate(names)]
    pairs += [(int(i), int(j)) for i, j in np.argwhere(np.triu(thumbs @ thumbs.T > NEAR_DRAWING, 1))]
    for i, j in pairs:
        low, high = sorted((root(i), root(j)))
        parent[high] = low
    return [names[root(i)] for i in range(len(names))]


def _thumb(drawing: np.ndarray) -> np.ndarray:
    """Return a drawing [H, W, 3] as a zero-mean unit vector [1024], blurred against shifts of a pixel."""
    small = cv2.resize(cv2.GaussianBlur(drawing[..., 0], (0, 0), 3), (32, 32), interpolation=cv2.INTER_AREA)
    vector = small.astype(np.float32).ravel()
    vector -= vector.mean()
    return vector / max(1e-6, float(np.linalg.norm(vector)))


def _rasterise(file: Path) -> np.ndarray:
    """Render an SVG file on white, uint8 RGB [256, 256, 3]."""
    import resvg_py  # a training dependency, needed only here

    png = resvg_py.svg_to_bytes(
        svg_path=str(file), width=SIZE, height=SIZE, background="#ffffff", skip_system_fonts=True
    )
    with Image.open(io.BytesIO(bytes(png))) as image:
        return np.asarray(image.convert("RGB"))


def is_code(name: str) -> bool:
    """Return whether a file's name is a sequence of code points."""
    return bool(_codes_or_empty(name)) and all(len(part) >= 2 for part in re.split("[-_]", name))


def _codes_or_empty(name: str) -> tuple[int, ...]:
    """Return the code points of a name; empty if it has none."""
    try:
        return codes(name)
    except ValueError:
        return ()


def _sorted(files: Iterable[Path]) -> list[Path]:
    """Sort files by their code points: the older and simpler emoji first."""
    return sorted(files, key=lambda file: (len(_codes_or_empty(file.stem)), _codes_or_empty(file.stem)))
