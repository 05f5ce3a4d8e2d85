"""Build tiny valid graphs with cards, without torch, for the tests and for a look at the app.

``python tests/support/graphs.py FOLDER`` writes a small set of them for ``python app.py --weights FOLDER``.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from synth.card import KEY, Card, Input

LABELS = Input(kind="labels", palette=(("wall", 0, 0, 170), ("window", 0, 85, 255), ("sky", 85, 255, 170)))
CARD = Card(
    name="invert", title="Invert", task="A picture's negative", tabs=("translate", "draw"), multiple=32, licence="CC0",
    data="none", parameters=0,
)  # fmt: skip

LARGER = replace(CARD, name="enlarge", title="Quality", tabs=("enlarge",), multiple=1, scale=4)
HINTS = (Input("hints", kind="hints"), Input("hinted", kind="hints"))
WARMTH = Input("temperature", kind="number", value=0.5, low=0.05, high=1.0)
TINTED = replace(
    CARD, name="colorize", title="Classes", tabs=("colorize",), multiple=1, inputs=(Input(), *HINTS, WARMTH)
)
MASKED = (Input(), Input("mask", kind="mask"))
HOLES = replace(CARD, name="fill", title="With D", tabs=("fill",), multiple=1, size=64, inputs=MASKED)


def invert(card: Card = CARD) -> onnx.ModelProto:
    """Return a graph that inverts colours and, like a U-Net, refuses sizes that are no multiple of ``card.multiple``.

    SpaceToDepth and back is the part that refuses: it changes no pixel.
    """
    block = max(card.multiple, 1)
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Sub", ["white", "real"], ["negative"]),
        helper.make_node("Transpose", ["negative"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("SpaceToDepth", ["planes"], ["deep"], blocksize=block),
        helper.make_node("DepthToSpace", ["deep"], ["flat"], blocksize=block),
        helper.make_node("Transpose", ["flat"], ["pixels"], perm=[0, 2, 3, 1]),
        helper.make_node("Cast", ["pixels"], ["result"], to=TensorProto.UINT8),
    ]
    return model(nodes, {"white": np.float32(255)}, card)


def bigger(card: Card) -> onnx.ModelProto:
    """Return a graph that repeats every pixel ``card.scale`` times to the right and below."""
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Resize", ["real", "", "scales"], ["large"], mode="nearest", nearest_mode="floor",
                         coordinate_transformation_mode="asymmetric"),
        helper.make_node("Cast", ["large"], ["result"], to=TensorProto.UINT8),
    ]  # fmt: skip
    return model(nodes, {"scales": np.array([1, card.scale, card.scale, 1], np.float32)}, card)


def model(nodes: list[onnx.NodeProto], constants: Mapping[str, np.ndarray | np.generic], card: Card) -> onnx.ModelProto:
    """Return a model of ``nodes`` from uint8 ``image`` to uint8 ``result`` with ``card`` embedded."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info("image", TensorProto.UINT8, ["N", "H", "W", 3])],
        [helper.make_tensor_value_info("result", TensorProto.UINT8, ["N", "H", "W", 3])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    helper.set_model_props(made, {KEY: card.to_json()})
    return made


def tint(card: Card) -> onnx.ModelProto:
    """Return a graph of the inputs of colorization: the hints where there are any, else the picture times twice the
    temperature."""
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["real", "temperature"], ["half"]),
        helper.make_node("Mul", ["half", "two"], ["warm"]),
        helper.make_node("Clip", ["warm", "black", "white"], ["inside"]),
        helper.make_node("Cast", ["inside"], ["pixels"], to=TensorProto.UINT8),
        helper.make_node("Cast", ["hinted"], ["marked"], to=TensorProto.BOOL),
        helper.make_node("Where", ["marked", "hints", "pixels"], ["result"]),
    ]
    made = model(nodes, {"two": np.float32(2), "black": np.float32(0), "white": np.float32(255)}, card)
    image = made.graph.input[0]
    for name in ("hints", "hinted"):
        made.graph.input.append(helper.make_tensor_value_info(name, TensorProto.UINT8, ["N", "H", "W", 3]))
    if any(entry.kind == "number" for entry in card.inputs):
        made.graph.input.append(helper.make_tensor_value_info("temperature", TensorProto.FLOAT, [1]))
    else:
        made.graph.initializer.append(numpy_helper.from_array(np.array([0.5], np.float32), "temperature"))
    assert image.name == card.inputs[0].name
    return made


GREEN = (0, 200, 0)


def green(card: Card) -> onnx.ModelProto:
    """Return a graph of the inputs of inpainting: green where the mask is bright, else the picture."""
    nodes = [
        helper.make_node("Cast", ["mask"], ["marks"], to=TensorProto.FLOAT),
        helper.make_node("Greater", ["marks", "half"], ["missing"]),
        helper.make_node("Where", ["missing", "green", "image"], ["result"]),
    ]
    made = model(nodes, {"half": np.float32(127), "green": np.array(GREEN, np.uint8)}, card)
    made.graph.input.append(helper.make_tensor_value_info("mask", TensorProto.UINT8, ["N", "H", "W", 3]))
    return made


def save(folder: Path, card: Card = CARD) -> Path:
    """Write the smallest graph of a card's kind as ``folder/NAME.onnx`` and return the path."""
    path, kinds = folder / f"{card.name}.onnx", {entry.kind for entry in card.inputs}
    special = tint if "hints" in kinds else green if "mask" in kinds else bigger if card.scale > 1 else invert
    onnx.save(special(card), path)
    return path


def write(folder: Path, model: onnx.ModelProto) -> Path:
    """Write any model as ``folder/graph.onnx`` and return the path."""
    path = folder / "graph.onnx"
    path.write_bytes(model.SerializeToString())
    return path


def noise(*shape: int) -> np.ndarray:
    """Return random uint8 values, the same every time."""
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def registry(folder: Path) -> Path:
    """Fill ``folder`` with a graph for every tab and with example pictures; return it."""
    from PIL import Image

    facade = replace(CARD, name="facades", title="Facades", inputs=(LABELS,), task="Labels to a photograph")
    emoji = replace(CARD, name="emoji", title="Emoji", inputs=(Input(kind="drawing"),), task="Lines to an emoji")
    sketch = replace(emoji, name="sketch", title="Sketch", tabs=("draw",), examples="emoji")
    for card in (CARD, facade, emoji, sketch):
        save(folder, card)
    compared = replace(facade, tabs=("compare",), group="facades", examples="facades")
    for variant in ("l1", "cgan"):
        save(folder, replace(compared, name=f"facades-{variant}", title=variant))
    for card in (LARGER, replace(LARGER, name="enlarge-live", title="Live", examples="enlarge")):
        save(folder, card)
    plain = replace(TINTED, name="colorize-l2", title="L2", examples="colorize", inputs=TINTED.inputs[:3])
    for card in (TINTED, plain, HOLES, replace(HOLES, name="fill-l2", title="L2", examples="fill")):
        save(folder, card)
    for name in ("facades", "invert", "emoji", "enlarge", "colorize", "fill"):
        for kind in ("input", "target"):
            (folder / "examples" / name / kind).mkdir(parents=True, exist_ok=True)
            for number in range(3):
                ground, mark = {
                    "emoji": ((255, 255, 255), (0, 0, 0)), "facades": ((0, 0, 170), (0, 85, 255)),
                }.get(name, ((0, 0, 0), (0, 85, 255)))  # fmt: skip
                pixels = np.full((256, 256, 3), ground, np.uint8)
                pixels[60 + 20 * number : 180, 60:180] = mark
                Image.fromarray(pixels).save(folder / "examples" / name / kind / f"{number}.png")
    return folder


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    registry(target)
