"""Read and check an ONNX file before ONNX Runtime opens it: only self-contained graphs with a synth card pass."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto

from synth.card import KEY, Card
from synth.runtime import untrusted as limits

MAX_BYTES = 400 * 2**20
MAX_CARD = 2**18
STANDARD = ("", "ai.onnx")


def read(path: str | Path, max_bytes: int = MAX_BYTES, untrusted: bool = False) -> tuple[Card, bytes]:
    """Read the card and the bytes of a graph; an ``untrusted`` one must also pass ``synth.runtime.untrusted.check``.

    Raises ``ValueError`` for a file that does not pass.
    """
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"There is no file {path.name}. Check the path.")
    size = path.stat().st_size
    if size > max_bytes:
        why = limits.how_to_trust() if untrusted and size <= MAX_BYTES else "That is too large for a model of synth."
        raise ValueError(f"{path.name} is larger than {max_bytes // 2**20} MB. {why}")
    data = path.read_bytes()
    try:
        model = onnx.load_model_from_string(data)
    except (DecodeError, ValueError) as error:
        raise ValueError(f"{path.name} is not an ONNX graph, or it is damaged.") from error
    card = check(model, path.name)
    if untrusted:
        limits.check(model, path.name)
    return card, data


def fingerprint(path: str | Path) -> str:
    """Return the first 12 hexadecimal digits of a file's SHA-256."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def check(model: onnx.ModelProto, name: str) -> Card:
    """Return the card of a model that is safe to open and fits its card; ``ValueError`` otherwise."""
    if not model.graph.node:
        raise ValueError(f"{name} is not an ONNX graph, or it is damaged.")
    props = {entry.key: entry.value for entry in model.metadata_props}
    if KEY not in props:
        raise ValueError(f"{name} has no synth card. Only graphs written by synth's own export can be opened.")
    if len(props[KEY]) > MAX_CARD:
        raise ValueError(f"The card of {name} is longer than {MAX_CARD // 2**10} KB. Export the graph again.")
    card = Card.from_json(props[KEY])
    if any(tensor.data_location == TensorProto.EXTERNAL for tensor in _tensors(model)):
        raise ValueError(f"{name} keeps its weights in another file. Export it again as one file.")
    _check_operators(model, name)
    _check_card(card, name)
    _check_ends(model.graph, card, name)
    return card


def _check_operators(model: onnx.ModelProto, name: str) -> None:
    """Reject operators that are neither standard ONNX nor defined inside the file: they would need external code."""
    own = {function.domain for function in model.functions}
    used = {node.domain for graph in _graphs(model) for node in graph.node}
    used |= {node.domain for function in model.functions for node in function.node}
    foreign = sorted(used - own - set(STANDARD))
    if foreign:
        raise ValueError(f"{name} uses operators that are not standard ONNX ({', '.join(foreign)}). Export it again.")


def _check_ends(graph: onnx.GraphProto, card: Card, name: str) -> None:
    """Reject graphs whose inputs (uint8 ``[N, H, W, 3]`` or numbers) or outputs are not those of the card."""
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    pixels, number, keypoints = (TensorProto.UINT8, 4), (TensorProto.FLOAT, 1), (TensorProto.FLOAT, 3)
    takes = [number if entry.kind == "number" else pixels for entry in card.inputs]
    gives = keypoints if card.gives == "keypoints" else pixels
    outputs = list(graph.output)
    wanted = (("input", inputs, takes), ("output", outputs[:1], [gives]))
    for what, values, kinds in wanted:
        if [_kind(value) for value in values] != kinds:
            has = "keypoints [N, 17, 3]" if kinds == [keypoints] else "uint8 pixels [N, H, W, 3]"
            count = "exactly one" if len(kinds) == 1 else f"exactly {len(kinds)}"
            raise ValueError(f"{name} does not have {count} {what} of {has}. Export it again.")
    if [value.name for value in outputs[1:]] != list(card.extras):
        raise ValueError(f"{name} has other outputs than its card declares. Export it again.")


def _kind(value: onnx.ValueInfoProto) -> tuple[int, int]:
    """Return the element type of an input or output, and how many dimensions it has."""
    tensor = value.type.tensor_type
    return tensor.elem_type, len(tensor.shape.dim)


def _check_card(card: Card, name: str) -> None:
    """Reject numbers in a card that would make the app allocate without bounds."""
    sizes = 1 <= card.multiple <= 1024 and 1 <= card.size <= 4096 and 1 <= card.scale <= 8
    palettes = [card.palette, *(entry.palette for entry in card.inputs)]
    colours = all(0 <= part <= 255 for palette in palettes for color in palette for part in color[1:])
    many = not 1 <= len(card.inputs) <= 4 or any(len(palette) > 256 for palette in palettes)
    if not sizes or not colours or many or not card.pictures or len(card.extras) > 4:
        raise ValueError(f"The card of {name} has a size or a palette outside of the limits. Export the graph again.")


def _graphs(model: onnx.ModelProto) -> Iterator[onnx.GraphProto]:
    """Yield the graph and every graph inside its branches and loops, and inside the model's functions."""
    waiting = [model.graph]
    nodes = [node for function in model.functions for node in function.node]
    while waiting or nodes:
        if waiting:
            graph = waiting.pop()
            nodes.extend(graph.node)
            yield graph
        for node in nodes:
            for attribute in node.attribute:
                waiting.extend([attribute.g] if attribute.HasField("g") else [])
                waiting.extend(attribute.graphs)
        nodes = []


def _tensors(model: onnx.ModelProto) -> Iterator[TensorProto]:
    """Yield every stored tensor of a model: weights, sparse weights, and constants in attributes."""
    nodes = [node for function in model.functions for node in function.node]
    for graph in _graphs(model):
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
        nodes.extend(graph.node)
    for node in nodes:
        for attribute in node.attribute:
            yield from ([attribute.t] if attribute.HasField("t") else [])
            yield from attribute.tensors
            for sparse in [attribute.sparse_tensor, *attribute.sparse_tensors]:
                yield from (sparse.values, sparse.indices)
