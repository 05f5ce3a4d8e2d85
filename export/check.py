"""Parity check: compare a graph in ONNX Runtime with its network in PyTorch, before the graph is written."""

from collections.abc import Callable

import numpy as np
import onnx
import onnxruntime as ort
import torch

from synth.card import Card
from synth.networks.network import Network

Run = Callable[..., np.ndarray]
TOLERANCE = 1
"""Largest accepted difference, in the unit that ``unit`` names: no more than float32 rounding can cause."""


def sizes(multiple: int, side: int = 0) -> list[tuple[int, int, int]]:
    """Return N, H, W of three test batches: one square, one tall, two wide images; all ``side`` if it is fixed."""
    if side:
        return [(n, side, side) for n in (1, 2, 3)]
    unit = multiple * max(1, 64 // multiple)
    return [(1, unit, unit), (1, 3 * unit, unit), (2, unit, 2 * unit)]


def pictures(n: int, height: int, width: int, seed: int = 0) -> np.ndarray:
    """Return random images of flat colours, hard edges and slight noise, uint8 ``[n, height, width, 3]``."""
    random = np.random.default_rng((seed, n, height, width))
    coarse = random.integers(0, 256, (n, 8, 8, 3))
    rows, columns = np.arange(height) * 8 // height, np.arange(width) * 8 // width
    noise = random.integers(-8, 9, (n, height, width, 3))
    return np.clip(coarse[:, rows][:, :, columns] + noise, 0, 255).astype(np.uint8)


def runner(model: onnx.ModelProto) -> Run:
    """Return a function that runs the graph on the CPU and returns its first output."""
    run = _runner(model)
    return lambda *inputs: run(*inputs)[0]


def _runner(model: onnx.ModelProto) -> Callable[..., list[np.ndarray]]:
    """Return a function that runs the graph on the CPU and returns all outputs."""
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    return lambda *inputs: [np.asarray(y) for y in session.run(None, dict(zip(names, inputs, strict=True)))]


def inputs(card: Card, n: int, height: int, width: int) -> list[np.ndarray]:
    """Return a test value for each input of a card: random images, and the default of each number."""
    return [
        np.array([entry.value], np.float32) if entry.kind == "number" else pictures(n, height, width, seed)
        for seed, entry in enumerate(card.inputs)
    ]


def difference(network: Network, model: onnx.ModelProto, card: Card) -> tuple[float, float]:
    """Return the largest and the mean difference between the outputs of network and graph over ``sizes``.

    The unit depends on the output. Images: grey levels. Label maps: percentage of pixels whose class differs, since
    rounding may decide between two classes. Keypoints: pixels and scores. The card's extra outputs are compared in
    their own units. Raises ``ValueError`` if the shape or dtype of an output differs.
    """
    run, gaps = _runner(model), []
    for n, height, width in sizes(card.multiple, network.side):
        given = inputs(card, n, height, width)
        with torch.no_grad():
            expected = network(*map(torch.from_numpy, given))
        expected = expected if isinstance(expected, tuple) else (expected,)
        for found, own in zip(run(*given), (y.numpy() for y in expected), strict=True):
            if found.shape != own.shape or found.dtype != own.dtype:
                raise ValueError(
                    f"The graph returns {found.dtype} {found.shape}, the network {own.dtype} {own.shape}. "
                    "This is a bug in the exporter: please report it with the recipe."
                )
            gap = np.abs(found.astype(np.float64) - own)
            gaps.append(np.array([100 * gap.any(-1).mean()]) if card.palette else gap.ravel())
    all_gaps = np.concatenate(gaps)
    return float(all_gaps.max()), float(all_gaps.mean())


def require(network: Network, model: onnx.ModelProto, card: Card) -> float:
    """Return the largest difference (see ``difference``). Raises ``ValueError`` if it is above ``TOLERANCE``."""
    largest, mean = difference(network, model, card)
    if largest > TOLERANCE:
        raise ValueError(
            f"PyTorch and ONNX Runtime differ by up to {largest:.0f} {unit(card)} (mean {mean:.3f}); the limit is "
            f"{TOLERANCE}. Nothing was written. This is a bug in the exporter: please report it with the recipe."
        )
    return largest


def unit(card: Card) -> str:
    """Return the unit of ``difference`` for the outputs of a card."""
    if card.palette:
        return "percent of the pixels"
    return "grey levels" if card.gives == "picture" else "pixels"
