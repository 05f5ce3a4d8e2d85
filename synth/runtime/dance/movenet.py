"""Third-party pose models with the signature of MoveNet, TensorFlow's single-person pose network.

Input: one square image ``[1, S, S, 3]`` of values 0..255. Output: ``[1, 1, 17, 3]``, y and x in 0..1 of the square and
a score, for COCO's joints in COCO's order.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from synth.runtime.providers import choose

TYPES = {"tensor(int32)": np.int32, "tensor(uint8)": np.uint8, "tensor(float)": np.float32}
USUAL = 256
"""Side in pixels if the graph does not fix it."""
LARGEST = 1024


def open_movenet(path: Path, provider: str = "auto") -> tuple[Callable[[np.ndarray], np.ndarray], int, str]:
    """Open a pose model; return its function (uint8 ``[S, S, 3]`` to ``[17, 3]`` in pixels), the side S, its provider.

    Raises ``ValueError`` for a file with another signature.
    """
    import onnxruntime

    if not path.is_file():
        raise ValueError(f"There is no pose model {path}. Name an existing file: --pose onnx:FILE")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    wanted = choose(provider).providers
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=list(wanted))
    except Exception as error:  # ONNX Runtime's errors share no useful base class
        raise ValueError(
            f"{path.name} cannot be opened as an ONNX graph. Download it again, or use --pose auto."
        ) from error
    side = _check(session, path.name)
    entry, kind = session.get_inputs()[0].name, TYPES[session.get_inputs()[0].type]
    return _finder(session, entry, kind, path.name), side, session.get_providers()[0].removesuffix("ExecutionProvider")


def _finder(session: Any, entry: str, kind: type, name: str) -> Callable[[np.ndarray], np.ndarray]:
    def find(picture: np.ndarray) -> np.ndarray:
        found = np.asarray(session.run(None, {entry: picture[None].astype(kind)})[0])
        if found.shape != (1, 1, 17, 3):
            raise ValueError(_no_movenet(name))
        y, x, score = found[0, 0].T
        return np.stack([x * picture.shape[1], y * picture.shape[0], score], 1)

    return find


def _check(session: Any, name: str) -> int:
    """Return the side of the image that a graph takes; ``ValueError`` if it has another signature."""
    inputs, outputs = session.get_inputs(), session.get_outputs()
    shape = inputs[0].shape if len(inputs) == 1 and inputs[0].type in TYPES else []
    given = [n for n in outputs[0].shape if isinstance(n, int)] if outputs else []
    if len(shape) != 4 or shape[3] != 3 or shape[1] != shape[2] or not set(given) <= {1, 17, 3}:
        raise ValueError(_no_movenet(name))
    side = shape[1] if isinstance(shape[1], int) else USUAL
    if not 32 <= side <= LARGEST:
        raise ValueError(f"{name} takes images of {side} pixels; only 32 to {LARGEST} are supported. Use --pose auto.")
    return side


def _no_movenet(name: str) -> str:
    return (
        f"{name} does not have MoveNet's signature: one image [1, S, S, 3] in, [1, 1, 17, 3] out. "
        "Use --pose auto, or a single-person MoveNet model."
    )
