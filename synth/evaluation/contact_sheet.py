"""Write contact sheets: labelled images side by side, to check a metric by eye."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synth import files

ROWS = 8
HEADER = 20
GAP = 4


def pages(columns: dict[str, np.ndarray], rows: int = ROWS) -> list[Image.Image]:
    """Return sheets of up to ``rows`` rows; each row has one image of every column ``{name: uint8 [N, H, W, 3]}``."""
    count, height, width = next(iter(columns.values())).shape[:3]
    return [_page(columns, range(start, min(start + rows, count)), height, width) for start in range(0, count, rows)]


def save(columns: dict[str, np.ndarray], folder: Path, name: str) -> list[Path]:
    """Write the sheets as ``folder/NAME-01.jpg`` and so on; return their paths."""
    sheets = pages(columns)
    paths = [folder / f"{name}-{number:02d}.jpg" for number in range(1, len(sheets) + 1)]
    for sheet, path in zip(sheets, paths, strict=True):
        with files.replacing(path) as part:
            sheet.save(part, "JPEG", quality=92)
    return paths


def _page(columns: dict[str, np.ndarray], rows: range, height: int, width: int) -> Image.Image:
    sheet = Image.new("RGB", (len(columns) * (width + GAP) - GAP, HEADER + len(rows) * (height + GAP) - GAP), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for column, (name, pictures) in enumerate(columns.items()):
        left = column * (width + GAP)
        draw.text((left + 2, 2), name, "black", font)
        for row, index in enumerate(rows):
            sheet.paste(Image.fromarray(pictures[index]), (left, HEADER + row * (height + GAP)))
    return sheet
