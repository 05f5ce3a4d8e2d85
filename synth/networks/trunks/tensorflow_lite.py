"""Read the convolutions of a TensorFlow Lite file in PyTorch's layout; nothing in the file is executed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

KINDS = (np.float32, np.float16)
"""Supported element types of weights, indexed by the number of the type in the format."""


def convolutions(path: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the weight ``[outputs, inputs / groups, h, w]`` and bias ``[outputs]`` of each convolution, in file order.

    Depthwise convolutions have one input per group. Weights stored as float16 are converted to float32. Raises
    ``ValueError`` if it is not a TensorFlow Lite file, or if weights are neither float32 nor float16.
    """
    import tflite

    data = path.read_bytes()
    if not tflite.Model.ModelBufferHasIdentifier(data, 0):
        raise ValueError(f"{path} is not a TensorFlow Lite file. Reinstall the package it came with.")
    model: Any = tflite.Model.GetRootAsModel(data, 0)
    graph: Any = model.Subgraphs(0)
    packed: dict[int, int] = {}  # tensors dequantised at run time: number of the result to that of the stored tensor
    for operator in (graph.Operators(i) for i in range(graph.OperatorsLength())):
        kind = model.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
        if kind == tflite.BuiltinOperator.DEQUANTIZE:
            packed[operator.Outputs(0)] = operator.Inputs(0)
        elif kind in (tflite.BuiltinOperator.CONV_2D, tflite.BuiltinOperator.DEPTHWISE_CONV_2D):
            weight, bias = (_array(model, graph, packed, operator.Inputs(i)) for i in (1, 2))
            # [outputs, h, w, inputs], and [1, h, w, outputs] for depthwise ones
            order = (0, 3, 1, 2) if kind == tflite.BuiltinOperator.CONV_2D else (3, 0, 1, 2)
            yield torch.from_numpy(weight.transpose(order).copy()), torch.from_numpy(bias)


def _array(model: Any, graph: Any, packed: dict[int, int], number: int) -> np.ndarray:
    """Return a stored tensor as float32, in its stored shape."""
    tensor = graph.Tensors(packed.get(number, number))
    if tensor.Type() >= len(KINDS):
        raise ValueError(
            f"The weights of {tensor.Name().decode()} are neither float32 nor float16 (type {tensor.Type()}). "
            "Take a model that is not quantised to integers."
        )
    values = np.frombuffer(model.Buffers(tensor.Buffer()).DataAsNumpy().tobytes(), KINDS[tensor.Type()])
    return values.astype(np.float32).reshape(tensor.ShapeAsNumpy())
