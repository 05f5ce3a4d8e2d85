"""From a trained network to one self-contained ONNX graph that speaks pixels."""

import logging
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch import nn

from synth.card import KEY, Card
from synth.networks.pixels import Pixels

OPSET = 20


def export(network: nn.Module, multiple: int) -> onnx.ModelProto:
    """Return the graph of ``Pixels(network)``: dynamic N, H and W, where H and W are multiples of ``multiple``.

    ``network`` must be frozen (``synth.networks.norm.freeze``) and on the CPU. The multiples stand in the graph's input
    shape as ``<multiple>*h`` and ``<multiple>*w``.
    """
    # Traced well above the smallest size, or a 1x1 bottleneck would be taken for a constant.
    example = torch.zeros(2, 2 * multiple, 3 * multiple, 3, dtype=torch.uint8)
    height, width = (multiple * torch.export.Dim(name, min=1, max=64) for name in ("h", "w"))
    shapes = {"image": {0: torch.export.Dim("n", min=1, max=64), 1: height, 2: width}}
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)  # "no torchvision"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its internals
        program = torch.onnx.export(
            Pixels(network).eval(),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=["image"],
            output_names=["result"],
            dynamic_shapes=shapes,
            external_data=False,
            verbose=False,
        )
    assert program is not None
    return _tidy(program.model_proto, multiple)


def _tidy(model: onnx.ModelProto, multiple: int) -> onnx.ModelProto:
    """Take out what the exporter leaves behind (source paths, stack traces) and name the dynamic sizes."""
    graph = model.graph
    del model.metadata_props[:]
    for item in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer, *graph.value_info):
        if hasattr(item, "metadata_props"):
            del item.metadata_props[:]
    for node in graph.node:
        node.doc_string = ""
    del graph.value_info[:]
    for value in (*graph.input, *graph.output):
        sizes = value.type.tensor_type.shape.dim
        sizes[0].dim_param, sizes[1].dim_param, sizes[2].dim_param = "n", f"{multiple}*h", f"{multiple}*w"
    graph.name = "synth"
    model.producer_name, model.producer_version = "synth", ""
    return model


def with_card(model: onnx.ModelProto, card: Card) -> onnx.ModelProto:
    """Return a copy of the graph that carries ``card``."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    onnx.helper.set_model_props(copy, {KEY: card.to_json()})
    return copy


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose large float32 initialisers are stored as float16, each cast back where the graph begins.

    A runtime folds the casts when it opens the graph: half the file, the same arithmetic and speed. Tensors of up to
    256 values (biases, scales, palettes) stay as they are: they weigh nothing.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    for tensor in half.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) <= 256:
            continue
        values = numpy_helper.to_array(tensor).astype(np.float16)
        name = tensor.name
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values, f"{name}.half"))
    nodes = [*casts, *half.graph.node]
    del half.graph.node[:]
    half.graph.node.extend(nodes)
    onnx.checker.check_model(half)
    return half
