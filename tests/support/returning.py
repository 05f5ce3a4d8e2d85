"""A registry of graphs with partners that translate back, for the tests of the cycle view."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper
from PIL import Image

from synth.card import Card
from tests.support import graphs

LOSS = 40
"""Grey levels that the way back takes off: what comes back of a picture brighter than that is so much darker."""
THERE = replace(graphs.CARD, name="day2night", title="Night", task="Day to night", tabs=("translate",), size=64,
                partner="night2day")  # fmt: skip
BACK = replace(THERE, name="night2day", title="Day", task="Night to day", partner="day2night", multiple=8)
ALONE = replace(THERE, name="alone", title="Alone", task="One way", partner="gone")


def darker(card: Card) -> onnx.ModelProto:
    """Return a graph that inverts colours and takes ``LOSS`` grey levels off."""
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["most", "real"], ["negative"]),
        helper.make_node("Relu", ["negative"], ["pixels"]),
        helper.make_node("Cast", ["pixels"], ["result"], to=TensorProto.UINT8),
    ]
    return graphs.model(nodes, {"most": np.float32(255 - LOSS)}, card)


def fill(folder: Path) -> Path:
    """Write a graph there, one back, one whose partner is missing and one of label maps, with examples; return it."""
    for card in (THERE, ALONE, replace(graphs.CARD, name="labels", title="Labels", inputs=(graphs.LABELS,))):
        graphs.save(folder, card)
    onnx.save(darker(BACK), folder / "night2day.onnx")
    for name, color in (("day2night", (200, 150, 100)), ("night2day", (60, 80, 100)), ("labels", (0, 85, 255))):
        (folder / "examples" / name / "input").mkdir(parents=True)
        for number in range(2):
            image = Image.new("RGB", (96, 64), color)
            image.paste((255, 255, 255), (10 + 30 * number, 10, 40 + 30 * number, 50))
            image.save(folder / "examples" / name / "input" / f"{number}.png")
    return folder


if __name__ == "__main__":
    import sys

    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    fill(target)
