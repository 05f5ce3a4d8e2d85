"""Torch against ONNX Runtime: a graph that does not compute what was trained is never written."""

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import nn

from synth.networks.pixels import Pixels

Run = Callable[[np.ndarray], np.ndarray]
TOLERANCE = 1
"""Largest difference in grey levels that rounding may cause in float32."""


def sizes(multiple: int) -> list[tuple[int, int, int]]:
    """Return three batches to try, as N, H, W: square, tall, and a wide one of two pictures."""
    unit = multiple * max(1, 64 // multiple)
    return [(1, unit, unit), (1, 3 * unit, unit), (2, unit, 2 * unit)]


def pictures(n: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return smooth random colour pictures with hard edges, uint8 ``[n, height, width, 3]``."""
    random = np.random.default_rng((seed, n, height, width))
    coarse = random.integers(0, 256, (n, 8, 8, 3))
    rows, columns = np.arange(height) * 8 // height, np.arange(width) * 8 // width
    noise = random.integers(-8, 9, (n, height, width, 3))
    return np.clip(coarse[:, rows][:, :, columns] + noise, 0, 255).astype(np.uint8)


def runner(model: onnx.ModelProto) -> Run:
    """Return a function that runs the graph on CPU."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda image: np.asarray(session.run(None, {session.get_inputs()[0].name: image})[0])


def difference(network: nn.Module, model: onnx.ModelProto, multiple: int) -> tuple[float, float]:
    """Return the largest and the mean difference in grey levels between network and graph over ``sizes``.

    Raises ``ValueError`` if the graph gives a picture of another size or kind.
    """
    run, wrapped, gaps = runner(model), Pixels(network).eval(), []
    for n, height, width in sizes(multiple):
        image = pictures(n, height, width)
        with torch.no_grad():
            expected = wrapped(torch.from_numpy(image)).numpy()
        found = run(image)
        if found.shape != expected.shape or found.dtype != np.uint8:
            raise ValueError(f"The graph gives {found.dtype} {found.shape}, the network uint8 {expected.shape}.")
        gaps.append(np.abs(found.astype(int) - expected).ravel())
    all_gaps = np.concatenate(gaps)
    return float(all_gaps.max()), float(all_gaps.mean())


def require(network: nn.Module, model: onnx.ModelProto, multiple: int) -> float:
    """Return the largest difference; raises ``ValueError`` if it is above ``TOLERANCE``."""
    largest, mean = difference(network, model, multiple)
    if largest > TOLERANCE:
        raise ValueError(
            f"Torch and ONNX Runtime differ by up to {largest:.0f} grey levels (mean {mean:.3f}); the limit is "
            f"{TOLERANCE}. Nothing was written. This is a fault of the export: please report it with the recipe."
        )
    return largest
