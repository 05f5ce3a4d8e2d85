"""A person made of coloured dots, a pose graph that finds them, and a character's graph: for tests, without torch."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from synth.card import KEY, Card, Input
from synth.pixels.body.measure import measure
from synth.runtime.dance import demo
from tests.support.bodies import body, moves
from tests.support.paths import WEIGHTS

# Full in one channel at least, so that no colour is another one's edge against black.
COLORS = np.array([c for c in itertools.product((0, 85, 170, 255), repeat=3) if max(c) == 255 and sum(c) > 300][:17])
POSE = Card(name="pose", title="Pose", task="dots → 17 joints", tabs=(), gives="keypoints", multiple=32, size=192)


def person(height: int = 480, width: int = 640, tall: float = 380, x: float | None = None, feet: float | None = None):
    """Return a frame uint8 ``[height, width, 3]`` with a person, and their joints ``[17, 3]`` as they are painted."""
    joints = body(tall, height - 20 if feet is None else feet, width / 2 if x is None else x)
    return paint(np.zeros((height, width, 3), np.uint8), joints, max(2, round(tall / 80))), joints


def paint(frame: np.ndarray, joints: np.ndarray, radius: int) -> np.ndarray:
    """Paint a square of each joint's colour, hit exactly in the middle where it is seen; return the frame."""
    for (x, y, score), color in zip(joints, COLORS, strict=True):
        column, row = int(np.floor(x)), int(np.floor(y))
        if score > 0 and row + radius >= 0 and column + radius >= 0:
            frame[max(row - radius, 0) : row + radius + 1, max(column - radius, 0) : column + radius + 1] = color
    return frame


def error(found: np.ndarray | None, joints: np.ndarray) -> float:
    """Return the largest distance in pixels of what was found of the body; the dots of a face melt together."""
    assert found is not None
    assert found.shape == (17, 3)
    assert found.dtype == np.float32
    return float(np.abs(found - joints)[5:, :2].max())


class Counting:
    """An estimator that counts and keeps the sizes of its pictures."""

    def __init__(self, graph: Any):
        self.graph, self.sizes = graph, []

    def __call__(self, picture: np.ndarray) -> np.ndarray:
        self.sizes.append(picture.shape[:2])
        return self.graph.run(picture)


def finder(movenet: int = 0, card: Card = POSE) -> onnx.ModelProto:
    """Return a graph that gives the middle of each colour's pixels; score 1 from about three pixels on.

    As a pose graph of this project, with where it sees each colour if the card has extras, or with the signature of
    MoveNet at that side.
    """
    shape = [1, movenet, movenet, 3] if movenet else ["N", "H", "W", 3]
    entry = TensorProto.INT32 if movenet else TensorProto.UINT8
    nodes = [
        helper.make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["real", "at_joint"], ["wide"]),  # [N, H, W, 1, 3]
        helper.make_node("Sub", ["wide", "colors"], ["difference"]),
        helper.make_node("Abs", ["difference"], ["distance"]),
        helper.make_node("ReduceSum", ["distance", "last"], ["far"], keepdims=0),  # [N, H, W, 17]
        helper.make_node("Sub", ["tolerance", "far"], ["near"]),
        helper.make_node("Relu", ["near"], ["mask"]),
        helper.make_node("ReduceSum", ["mask", "plane"], ["mass"], keepdims=0),  # [N, 17]
        helper.make_node("Add", ["mass", "little"], ["divisor"]),
        helper.make_node("Shape", ["image"], ["shape"]),
        *itertools.chain(*(_middle(axis, name) for axis, name in ((1, "y"), (2, "x")))),
        helper.make_node("Div", ["mass", "enough"], ["score"]),
        helper.make_node("Min", ["score", "one"], ["sure"]),
        *[helper.make_node("Unsqueeze", [name, "last"], [f"{name}_"]) for name in ("x", "y", "sure")],
    ]
    if movenet:
        nodes += [helper.make_node("Div", [f"{name}_", "side"], [f"{name}_share"]) for name in "xy"]
        nodes += [helper.make_node("Concat", ["y_share", "x_share", "sure_"], ["rows"], axis=2)]
        nodes += [helper.make_node("Unsqueeze", ["rows", "first"], ["result"])]
    else:
        nodes += [helper.make_node("Concat", ["x_", "y_", "sure_"], ["result"], axis=2)]
    constants = {
        "at_joint": np.array([3]), "colors": COLORS.astype(np.float32)[None, None, None], "last": np.array([-1]),
        "plane": np.array([1, 2]), "tolerance": np.float32(50), "little": np.float32(1e-3), "half": np.float32(0.5),
        "enough": np.float32(150), "one": np.float32(1), "zero": np.int64(0), "step": np.int64(1),
        "side": np.float32(movenet), "first": np.array([0]), "n1": np.int64(1), "n2": np.int64(2),
    }  # fmt: skip
    result = [1, 1, 17, 3] if movenet else ["N", 17, 3]
    made = _model(nodes, [("image", entry, shape)], ("result", TensorProto.FLOAT, result), constants, card)
    for extra in card.extras:
        made.graph.node.append(helper.make_node("Transpose", ["mask"], [f"{extra}_50"], perm=[0, 3, 1, 2]))
        made.graph.node.append(helper.make_node("Div", [f"{extra}_50", "tolerance"], [extra]))
        made.graph.output.append(helper.make_tensor_value_info(extra, TensorProto.FLOAT, ["N", 17, "H", "W"]))
    return made


def _middle(axis: int, name: str) -> list[onnx.NodeProto]:
    """Return the nodes for the masks' centre of gravity along one axis of ``[N, H, W, 17]``, in pixels."""
    other = helper.make_node("ReduceSum", ["mask", f"but_{name}"], [f"{name}_line"], keepdims=0)  # [N, side, 17]
    return [
        helper.make_node("Constant", [], [f"but_{name}"], value=numpy_helper.from_array(np.array([3 - axis]))),
        other,
        helper.make_node("Gather", ["shape", f"n{axis}"], [f"{name}_side"]),
        helper.make_node("Range", ["zero", f"{name}_side", "step"], [f"{name}_count"]),
        helper.make_node("Cast", [f"{name}_count"], [f"{name}_real"], to=TensorProto.FLOAT),
        helper.make_node("Add", [f"{name}_real", "half"], [f"{name}_place"]),
        helper.make_node("Unsqueeze", [f"{name}_place", "last"], [f"{name}_places"]),
        helper.make_node("Mul", [f"{name}_line", f"{name}_places"], [f"{name}_weighted"]),
        helper.make_node("ReduceSum", [f"{name}_weighted", "n1_list"], [f"{name}_sum"], keepdims=0),
        helper.make_node("Div", [f"{name}_sum", "divisor"], [name]),
    ]


def character(name: str = "dance-dots", size: int = 64, layers: bool = False) -> onnx.ModelProto:
    """Return a character's graph: half of the figure plus half of the previous picture, so that both can be told.

    With ``layers`` it says where its picture is covered: where one channel of it is above 20; its plate is black.
    """
    card = Card(
        name=name, title=name.removeprefix("dance-").capitalize(), task="figure → picture", tabs=("dance",), size=size,
        inputs=(Input("figure", "figure"), Input("previous", "previous")),
        body=measure(moves(), (256, 256)).scaled(size / 256).to_json(), extras=("cover", "plate") if layers else (),
    )  # fmt: skip
    nodes = [
        helper.make_node("Cast", ["figure"], ["a"], to=TensorProto.INT32),
        helper.make_node("Cast", ["previous"], ["b"], to=TensorProto.INT32),
        helper.make_node("Add", ["a", "b"], ["both"]),
        helper.make_node("Div", ["both", "two"], ["half"]),
        helper.make_node("Cast", ["half"], ["result"], to=TensorProto.UINT8),
    ]
    shape = ["N", size, size, 3]
    ends = [(name, TensorProto.UINT8, shape) for name in ("figure", "previous", "result")]
    made = _model(nodes, ends[:2], ends[2], {"two": np.int32(2)}, card)
    if layers:
        _add_layers(made.graph, size)
    return made


def _add_layers(graph: onnx.GraphProto, size: int) -> None:
    constants = {"little": np.int32(20), "full": np.int32(255), "channels": np.array([3])}
    graph.initializer.extend(numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items())
    black = numpy_helper.from_array(np.zeros((1, size, size, 3), np.uint8))
    graph.node.extend([
        helper.make_node("ReduceMax", ["half", "channels"], ["most"], keepdims=1),
        helper.make_node("Greater", ["most", "little"], ["there"]),
        helper.make_node("Cast", ["there"], ["ones"], to=TensorProto.INT32),
        helper.make_node("Mul", ["ones", "full"], ["levels"]),
        helper.make_node("Cast", ["levels"], ["cover"], to=TensorProto.UINT8),
        helper.make_node("Constant", [], ["plate"], value=black),
    ])  # fmt: skip
    for name, count, channels in (("cover", "N", 1), ("plate", 1, 3)):
        shape = [count, size, size, channels]
        graph.output.append(helper.make_tensor_value_info(name, TensorProto.UINT8, shape))


def _model(nodes, inputs, output, constants, card: Card) -> onnx.ModelProto:
    values = [helper.make_tensor_value_info(*value) for value in inputs]
    stored = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    stored += [numpy_helper.from_array(np.array([1]), "n1_list")]
    graph = helper.make_graph(nodes, "graph", values, [helper.make_tensor_value_info(*output)], stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)
    helper.set_model_props(model, {KEY: card.to_json()})
    onnx.checker.check_model(model)
    return model


def fill(folder: Path, *names: str) -> Path:
    """Write the pose graph and a character of each name (one where none is given) into ``folder``; return it.

    Those whose name ends in ``layers`` have some.
    """
    onnx.save(finder(), folder / "pose.onnx")
    for name in names or ("dance-dots",):
        onnx.save(character(name, layers=name.endswith("layers")), folder / f"{name}.onnx")
    return folder


def stage(folder: Path, *names: str) -> Path:
    """Fill a folder as ``fill`` does, and with the stored dance; return it."""
    (folder / demo.FILE).parent.mkdir(parents=True)
    (folder / demo.FILE).write_text((WEIGHTS / demo.FILE).read_text())
    return fill(folder, *names)
