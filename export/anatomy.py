"""The tables of a body as a JavaScript module, so that page and Python draw and measure by the same ones."""

import json

import numpy as np

from synth.pixels.body.body import STATURE, TREE, TYPICAL
from synth.pixels.body.face import TYPICAL_FACE
from synth.pixels.body.pose import COCO, mirror
from synth.pixels.body.skeleton import FACE, LIMBS


def module() -> str:
    """Return the module: ``TREE``, ``STATURE``, ``TYPICAL``, ``TYPICAL_FACE``, ``MIRRORED``, ``LIMBS``, ``DOTS``.

    ``LIMBS`` are two joints (17 neck, 18 middle of the hips), a colour and whether thin, in the order of drawing.
    """
    place = {name: index for index, name in enumerate(COCO)} | {"neck": 17, "mid_hip": 18}
    color = {end: f"rgb{rgb}" for _, end, rgb in LIMBS}
    tables = {
        "TREE": TREE,
        "STATURE": STATURE,
        "TYPICAL": TYPICAL.tolist(),
        "TYPICAL_FACE": TYPICAL_FACE,
        "MIRRORED": mirrored(),
        "LIMBS": [
            (place[a], place[b], f"rgb{rgb}", b in FACE and a != "neck")
            for a, b, rgb in LIMBS
            if a in place and b in place
        ],
        "DOTS": [(place[name], color[name]) for name in FACE],
    }
    return "".join(f"export const {name} = {json.dumps(value)};\n" for name, value in tables.items())


def mirrored() -> list[int]:
    """Return for each joint which one it is in a mirror."""
    numbered = np.zeros((len(COCO), 3), np.float32)
    numbered[:, 1] = range(len(COCO))
    return [int(y) for y in mirror(numbered, 0)[:, 1]]
