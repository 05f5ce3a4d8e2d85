"""Damaged sets of pairs for the doctor, and its findings."""

from pathlib import Path

import numpy as np
from PIL import Image

from synth.data.doctor import survey
from synth.data.doctor.checks import check
from synth.data.doctor.finding import Finding
from synth.data.palette_file import read_palette
from tests.support.pictures import save

SIDE = 64


def findings(folder: Path, palette: str = "", x: str = "x", y: str = "y") -> dict[str, Finding]:
    layout = survey.find_layout(folder, x, y)
    colors = read_palette(palette)
    labels = survey.label_side(layout.items, colors)
    facts = survey.inspect_items(layout.items, colors, labels, lambda: None)
    found = check(layout, facts, labels, colors)
    assert len({finding.what for finding in found}) == len(found)
    return {finding.what: finding for finding in found}


def noise(seed: int, height: int = SIDE, width: int = SIDE) -> np.ndarray:
    """Return something like a photograph: smooth, with many colours, uint8 [height, width, 3]."""
    coarse = Image.fromarray(np.random.default_rng(seed).integers(0, 256, (6, 6, 3), np.uint8))
    return np.array(coarse.resize((width, height), Image.Resampling.BICUBIC))


def photos(root: Path, count: int = 8) -> Path:
    """Write ``root/{x,y}/N.png`` of pictures with many colours: neither side is a label map."""
    for number in range(count):
        save(root / "x" / f"{number}.png", noise(number))
        save(root / "y" / f"{number}.png", 255 - noise(number))
    return root
