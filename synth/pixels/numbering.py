"""Class numbers of label maps: the colours of the usual numberings, and which of them a map of numbers uses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from synth.card import Color
from synth.pixels.palette import CITYSCAPES, CITYSCAPES_IDS, FACADES, IDS, STREETS, numbered

VOID = 255
"""Grey level that marks pixels without a class, in nearly every numbering."""
LEAST = 3
"""Fewest classes in a map from which a numbering of streets can be told."""
GROUND = ("road", "sidewalk", "parking", "ground", "terrain")
SHARE, LOW, UNSURE_LOW = 0.05, 0.45, 0.55
"""Least share of the ground in a street, and least mean row of it (0: top, 1: bottom). The second row counts where the
numbers alone say little."""
FIRST = 11
"""Highest number up to which many numberings look alike, CamVid's among them."""
SURE = 18
"""Highest training id: with a higher number only ids are left, so that the ground need not be a road."""
HIGH_VOID = 0.3
"""Largest share of the upper half that may be without a class."""


@dataclass(frozen=True)
class Numbering:
    """Numbering of classes: a ``name`` for people, and the colour of each class number."""

    name: str
    colors: Mapping[int, Color]

    def holds(self, levels: Iterable[int]) -> bool:
        """Return whether each of these numbers is a class."""
        return all(level in self.colors for level in levels)

    def paint(self, index: np.ndarray) -> np.ndarray:
        """Convert class numbers uint8 ``[H, W]`` to uint8 RGB ``[H, W, 3]``; ``ValueError`` for an unknown number."""
        unknown = [int(level) for level in np.unique(index) if level not in self.colors]
        if unknown:
            raise ValueError(f"{unknown[0]} is not a class number of {self.name}.")
        table = np.zeros((256, 3), np.uint8)
        for level, color in self.colors.items():
            table[level] = color[1:]
        return table[index]


_BY_NAME = {color[0]: color for color in CITYSCAPES}
_VOID_COLOR = CITYSCAPES[-1]
_SAME = {"poles": "pole", "license plate": "car"}  # pairs that Cityscapes paints alike


def _street(names: Iterable[str]) -> dict[int, Color]:
    """Return the colours of Cityscapes for class names in the order of their numbers."""
    found = {i: _BY_NAME.get(_SAME.get(name, name), _VOID_COLOR) for i, name in enumerate(names)}
    return found | {VOID: _VOID_COLOR}


CITYSCAPES_BY_ID = Numbering("Cityscapes ids", _street(IDS))
CITYSCAPES_BY_TRAIN_ID = Numbering("Cityscapes trainIds", _street(color[0] for color in STREETS))
# CamVid (Brostow et al. 2009) in 12 classes, in the order of SegNet (Badrinarayanan et al. 2017), and its counterparts.
CAMVID = Numbering(
    "CamVid",
    _street(
        ("sky", "building", "pole", "road", "sidewalk", "vegetation", "traffic sign", "fence", "car", "person",
         "rider", "unlabelled")
    ),
)  # fmt: skip
FACADES_FROM_0 = Numbering("the CMP Facade Database, counted from 0", dict(enumerate(FACADES)))
FACADES_FROM_1 = Numbering("the CMP Facade Database", dict(enumerate(FACADES, 1)))
VOC = Numbering("PASCAL VOC", dict(enumerate(numbered(256))))
NUMBERINGS = {
    "ids": CITYSCAPES_BY_ID, "trainids": CITYSCAPES_BY_TRAIN_ID, "camvid": CAMVID, "facades": FACADES_FROM_1,
    "facades0": FACADES_FROM_0, "voc": VOC,
}  # fmt: skip
"""Numberings by the word that commands take."""


def takes_numbers(palette: tuple[Color, ...]) -> bool:
    """Return whether a graph of this palette reads gray pixels as class numbers itself: one of another project."""
    return palette == CITYSCAPES_IDS or palette == numbered(len(palette))


def recognised(index: np.ndarray, palette: tuple[Color, ...]) -> Numbering | None:
    """Return the numbering of class numbers uint8 ``[H, W]`` whose colours are those of ``palette``; None if unknown.

    For streets those of Cityscapes are known: by the numbers, and since the ground is below the sky.
    """
    levels = set(map(int, np.unique(index)))
    if palette == FACADES:
        return next((known for known in (FACADES_FROM_0, FACADES_FROM_1) if _facade(levels, known)), None)
    if not {color[1:] for color in STREETS} <= {color[1:] for color in palette}:
        return None
    fits = [(_ground(index, known), known) for known in (CITYSCAPES_BY_ID, CITYSCAPES_BY_TRAIN_ID)]
    share, best = max(fits, key=lambda fit: fit[0])
    return best if share else None


def _facade(levels: set[int], known: Numbering) -> bool:
    """Return whether a map has the first or the last number of a numbering, and none outside: else it is unclear."""
    end = 0 if known is FACADES_FROM_0 else len(FACADES)
    return len(levels) >= LEAST and end in levels and known.holds(levels)


def _ground(index: np.ndarray, known: Numbering) -> float:
    """Return the share of the ground if a map can be a street in a numbering of Cityscapes, else 0."""
    levels = [int(level) for level in np.unique(index)]
    classes = [level for level in levels if level != VOID]
    by_id = known is CITYSCAPES_BY_ID
    if len(classes) < LEAST or not known.holds(levels) or (by_id and classes[-1] <= FIRST):
        return 0.0
    names = {level: known.colors[level][0] for level in levels}
    kinds = GROUND if classes[-1] > SURE else GROUND[:1]
    ground = np.isin(index, [level for level in classes if names[level] in kinds])
    sky = np.isin(index, [level for level in classes if names[level] == "sky"])
    if ground.mean() < SHARE or _row(ground) < (LOW if classes[-1] > FIRST else UNSURE_LOW):
        return 0.0
    void = np.isin(index, [level for level in classes if names[level] == _VOID_COLOR[0]])
    if (sky.any() and _row(sky) > _row(ground)) or void[: len(void) // 2].mean() > HIGH_VOID:
        return 0.0
    return float(ground.mean())


def _row(marked: np.ndarray) -> float:
    """Return the mean row of the marked pixels of a map, from 0 (top) to 1 (bottom)."""
    rows = marked.sum(1)
    return float((rows * (np.arange(len(rows)) + 0.5)).sum() / max(1, rows.sum()) / len(rows))
