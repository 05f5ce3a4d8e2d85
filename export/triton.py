"""``python -m export triton DIR``: write a model repository for NVIDIA's Triton Inference Server.

It holds ``DIR/NAME/config.pbtxt`` and ``DIR/NAME/1/model.onnx`` per graph. Graphs take and return pixels, so the server
needs no code of this project. The server forms the batches: with ``max_batch_size`` above 0, ``dims`` leave out N and
requests of the same image size run together.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.text_encoding import CEscape
from onnx import TensorProto

from synth import files
from synth.card import Card
from synth.runtime import graph_file
from synth.suggest import did_you_mean

TYPES: dict[int, str] = {TensorProto.UINT8: "TYPE_UINT8", TensorProto.FLOAT: "TYPE_FP32"}
CONFIG = "config.pbtxt"
DELAY = 1000
"""Microseconds that a request waits for others, to form a batch."""
NEAR = {"picture": 4, "keypoints": 0.5}
"""Largest mean difference (grey levels, pixels) between a result in a batch and alone: kernels differ."""


def triton(out: Path, names: tuple[str, ...] = (), /, weights: Path = Path("weights"), batch: int = 8) -> int:
    """Write a model repository for the Triton Inference Server.

    Args:
        out: the folder of the repository; each graph gets a folder inside.
        names: the graphs; by default all in the folder of graphs.
        weights: the folder of graphs.
        batch: the largest number of images in a batch.
    """
    if batch < 1:
        raise ValueError(f"--batch is {batch}; it must be 1 or more.")
    graphs = {path.stem: path for path in sorted(weights.glob("*.onnx"))}
    missing = [name for name in names if name not in graphs]
    if missing or not graphs:
        raise ValueError(
            f"There is no graph {', '.join(missing)} in {weights}.{did_you_mean(''.join(missing[:1]), graphs)} "
            f"There are: {', '.join(graphs) or 'none'}."
        )
    other = [path.name for path in sorted(out.glob("*")) if path.name[0] != "." and not _is_model(path)]
    if other:  # the server loads every entry of the folder as a model
        raise ValueError(f"{out} holds something that is not a model: {other[0]}. Choose a new folder.")
    for name in names or graphs:
        card, data = graph_file.read(graphs[name])
        text = config(name, onnx.load_model_from_string(data), card, batch)
        check_schema(text, name)
        check_batch(data, card, name)
        write(out / name, data, text)
        print(out / name)
    print(f"Serve it: tritonserver --model-repository {out.absolute()}")
    return 0


def _is_model(path: Path) -> bool:
    """Return whether an entry of a repository is a model, or what a killed command left of one."""
    return (path / CONFIG).is_file() or (path.is_dir() and all(map(files.is_unfinished, path.iterdir())))


def config(name: str, model: onnx.ModelProto, card: Card, batch: int = 8) -> str:
    """Return a graph's model configuration as protobuf text. The server does not batch a graph with a fixed N.

    If N varies, an output that is the same for all images, such as a character's background, is left out: the server
    could not split it among the requests of a batch.
    """
    constants = {tensor.name for tensor in model.graph.initializer}
    inputs = [value for value in model.graph.input if value.name not in constants]
    free = all(not _sizes(value)[0] > 0 for value in (*inputs, model.graph.output[0]))
    outputs = [value for value in model.graph.output if not (free and _sizes(value)[0] > 0)]
    lines = [
        f"name: {_quoted(name)}",
        'platform: "onnxruntime_onnx"',
        f"max_batch_size: {batch if free else 0}",
        *(_entry("input", value, free) for value in inputs),
        *(_entry("output", value, free) for value in outputs),
    ]
    lines += [f"dynamic_batching {{ max_queue_delay_microseconds: {DELAY} }}"] * free
    # "multiple": height and width must be divisible by it, which dims cannot express.
    parameters = {"multiple": str(card.multiple), "licence": card.licence, "task": card.task}
    for key, text in parameters.items():
        lines.append(f"parameters {{ key: {_quoted(key)} value {{ string_value: {_quoted(text)} }} }}")
    return "\n".join(lines) + "\n"


def _entry(kind: str, value: onnx.ValueInfoProto, free: bool) -> str:
    """Return the configuration of an input or output; ``dims`` leave out N if it is ``free``."""
    kept, number = ", ".join(map(str, _sizes(value)[free:])), value.type.tensor_type.elem_type
    return f"{kind} {{ name: {_quoted(value.name)} data_type: {TYPES[number]} dims: [ {kept} ] }}"


def _sizes(value: onnx.ValueInfoProto) -> list[int]:
    """Return a tensor's sizes, -1 for dynamic ones."""
    return [size.dim_value or -1 for size in value.type.tensor_type.shape.dim]


def _quoted(text: str) -> str:
    return f'"{CEscape(text, as_utf8=True)}"'


def check_schema(text: str, name: str) -> None:
    """Check a configuration against Triton's schema, if its client is installed (``pip install -e ".[triton]"``).

    Raises ``ValueError`` if it is not valid.
    """
    if not find_spec("tritonclient"):
        return
    from google.protobuf import text_format
    from tritonclient.grpc import model_config_pb2  # type: ignore[import-not-found]

    try:
        text_format.Parse(text, model_config_pb2.ModelConfig())
    except text_format.ParseError as error:
        raise ValueError(f"The configuration of {name} does not follow Triton's schema: {error}") from error


def check_batch(data: bytes, card: Card, name: str) -> None:
    """Run two images in one batch and each alone, and compare the results.

    Raises ``ValueError`` if a result does not have the declared shape, or if one image changes the result of the other.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    sizes = [size if isinstance(size, int) else None for size in session.get_inputs()[0].shape]
    shape = (sizes[0] or 2, sizes[1] or 2 * card.multiple, sizes[2] or 3 * card.multiple, 3)
    random = np.random.default_rng(0)
    given = {
        value.name: np.full(1, entry.value, np.float32)
        if entry.kind == "number"
        else random.integers(0, 256, shape, np.uint8)
        for value, entry in zip(session.get_inputs(), card.inputs, strict=True)
    }
    together = _run(session, given)
    declared = [size if isinstance(size, int) else None for size in session.get_outputs()[0].shape]
    wrong = len(declared) != together.ndim or any(
        d not in (None, s) for d, s in zip(declared, together.shape, strict=True)
    )
    if wrong:
        raise ValueError(f"{name} returns the shape {list(together.shape)} but declares {declared}. Export it again.")
    if sizes[0]:
        return
    parts = [{key: value if len(value) == 1 else value[n : n + 1] for key, value in given.items()} for n in range(2)]
    alone = np.concatenate([_run(session, part) for part in parts])
    if np.abs(together.astype(float) - alone).mean() > NEAR[card.gives]:
        raise ValueError(f"{name} mixes the images of a batch, so it cannot be served in batches. Export it again.")


def _run(session: Any, given: dict[str, np.ndarray]) -> np.ndarray:
    return session.run(None, given)[0]


def write(folder: Path, data: bytes, text: str) -> None:
    """Write ``folder/1/model.onnx`` and ``folder/config.pbtxt``, both or neither."""
    with files.filling(folder) as part:
        (part / "1").mkdir()
        (part / "1" / "model.onnx").write_bytes(data)
        (part / CONFIG).write_text(text, encoding="utf-8")
