"""``python -m export check FILE``: list the operators of a graph and the runtimes known to support all of them."""

from collections import Counter
from pathlib import Path

import onnx
import tyro
from onnx import TensorProto

from export.support import RUNTIMES, verdict
from synth.card import KEY, Card
from synth.runtime import acceptance

STANDARD = ("", "ai.onnx")


def check(file: tyro.conf.Positional[Path]) -> int:
    """Describe a graph without running it: inputs, outputs, operators, card, and the runtimes known to support it.

    The exit code is 1 if the app refuses the graph; the last lines say why.

    Args:
        file: an ONNX file.
    """
    print(describe(file), end="\n\n")
    found = acceptance.refusals(file)
    print("\n".join(f"{place}: {why or 'accepted'}" for place, why in found.items()))
    return 1 if found[acceptance.FOLDER] else 0


def describe(file: Path) -> str:
    """Return the description of an ONNX file. Raises ``ValueError`` if the file is missing or not an ONNX graph."""
    if not file.is_file():
        raise ValueError(f"There is no file {file}. Check the path.")
    try:
        model = onnx.load(file, load_external_data=False)
    except Exception as error:  # the errors of protobuf have no common base class that is useful
        raise ValueError(
            f"{file} is not an ONNX graph, or it is damaged. Check the path, or export it again."
        ) from error
    if not model.graph.node:
        raise ValueError(f"{file} is not an ONNX graph, or it is damaged. Check the path, or export it again.")
    opset = max((entry.version for entry in model.opset_import if entry.domain in STANDARD), default=0)
    used = operators(model)
    lines = [f"{file}: {file.stat().st_size / 2**20:.2f} MiB, opset {opset}", *_interface(model), ""]
    lines += ["operators: " + ", ".join(f"{name} {count}" for name, count in sorted(used.items())), ""]
    lines += [f"  {runtime.name:9}{verdict(runtime, set(used), opset)}" for runtime in RUNTIMES]
    return "\n".join([*lines, "", *_card(model)])


def operators(model: onnx.ModelProto) -> Counter[str]:
    """Count the operators of a model, including those in branches, loops and functions.

    Non-standard operators are named with their domain: ``com.microsoft:QuickGelu``.
    """
    found: Counter[str] = Counter()
    pending = [*model.graph.node, *(node for function in model.functions for node in function.node)]
    own = {function.name for function in model.functions}
    while pending:
        node = pending.pop()
        if node.op_type not in own:
            found[node.op_type if node.domain in STANDARD else f"{node.domain}:{node.op_type}"] += 1
        for attribute in node.attribute:
            for graph in [attribute.g, *attribute.graphs]:
                pending.extend(graph.node)
    return found


def _interface(model: onnx.ModelProto) -> list[str]:
    """Return one line with name, dtype and shape for each input and output."""
    stored = {tensor.name for tensor in model.graph.initializer}
    groups = (("in", [value for value in model.graph.input if value.name not in stored]), ("out", model.graph.output))
    return [f"  {side:4}{value.name}: {_tensor(value)}" for side, values in groups for value in values]


def _tensor(value: onnx.ValueInfoProto) -> str:
    kind = value.type.tensor_type
    sizes = ", ".join(size.dim_param or str(size.dim_value) for size in kind.shape.dim)
    return f"{TensorProto.DataType.Name(kind.elem_type).lower()} [{sizes}]"


def _card(model: onnx.ModelProto) -> list[str]:
    """Return the card of a graph as lines to print."""
    text = next((entry.value for entry in model.metadata_props if entry.key == KEY), "")
    if not text:
        return ["no synth card"]
    try:
        card = Card.from_json(text)
    except ValueError as error:
        return [str(error)]
    given = ", ".join(f"{entry.name} ({entry.kind})" for entry in card.inputs)
    return [
        f"card: {card.title or card.name}, {card.task}",
        f"  takes {given}, sizes a multiple of {card.multiple}, trained at {card.size}; gives {card.gives}",
        f"  {card.parameters / 1e6:.2f} M parameters, {card.gmac} GMAC; preset {card.preset or 'none'}",
        f"  licence: {card.licence}",
    ]
