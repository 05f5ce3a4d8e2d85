"""Export of a trained network to one self-contained ONNX graph with uint8 pixels in and out."""

import copy
import logging
import math
import warnings
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper

from synth.card import KEY, Card
from synth.networks.network import Network

OPSET = 18
"""The newest opset at which ONNX Runtime has a CUDA kernel for every operator of our graphs. `Equal` and `Pad` of opset
19, `ReduceMax` and `ConstantOfShape` of opset 20 fall back to the CPU, with copies in both directions, and such a graph
cannot be captured as a CUDA graph (`synth.runtime.cuda_graphs`)."""
SMALL = 256
"""Tensors with at most this many values (bias, scale, palette) are stored unchanged: they hardly add to the file."""


def export(network: Network, card: Card) -> onnx.ModelProto:
    """Return the ONNX graph of ``network``, a frozen module on the CPU as returned by ``Method.graph``.

    Its inputs are named as in the card. N, H and W are dynamic; H and W are multiples of ``card.multiple``, which the
    input shape states as ``<multiple>*h`` and ``<multiple>*w``. If the network has a ``side``, H and W are fixed to it;
    its ``least`` is their lower bound (see ``synth.networks.network``).
    """
    names, side = [given.name for given in card.inputs], network.side
    unit, least = side or card.multiple, network.least
    # Trace well above the smallest size, at which the exporter would turn a 1x1 bottleneck into a constant.
    sizes = (side, side) if side else (2 * unit, 3 * unit)
    examples = tuple(
        torch.full((1,), given.value) if given.kind == "number" else torch.zeros(2, *sizes, 3, dtype=torch.uint8)
        for given in card.inputs
    )
    network = slim(network)
    batch = torch.export.Dim("n", min=1, max=64)
    shape: dict[int, Any] = {0: batch}
    if not side:
        shape |= {axis: unit * torch.export.Dim(name, min=least, max=64) for axis, name in ((1, "h"), (2, "w"))}
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(
        logging.ERROR
    )  # warns that torchvision is missing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns about its own internals
        program = torch.onnx.export(
            network.eval(),
            examples,
            dynamo=True,
            opset_version=OPSET,
            input_names=names,
            output_names=["result" if card.gives == "picture" else card.gives, *card.extras],
            # A nested tuple, because all inputs belong to one parameter, ``*images``.
            dynamic_shapes=(tuple({} if given.kind == "number" else shape for given in card.inputs),),
            external_data=False,
            verbose=False,
        )
    assert program is not None
    model = _tidy(program.model_proto, unit, bool(side), card.scale)
    _generate_uniform(model, {*network.state_dict()})
    return model


def slim(network: Network) -> Network:
    """Return a copy with equivalent operators that run faster in ONNX Runtime (see ``Network.slim``)."""
    network = copy.deepcopy(network)
    for module in network.modules():  # outer modules first: they know which inputs their inner modules get
        if isinstance(module, Network):
            module.slim()
    return network


def _generate_uniform(model: onnx.ModelProto, own: set[str]) -> None:
    """Replace large constants of one repeated value by `ConstantOfShape`, except the network's ``own`` parameters."""
    graph, made = model.graph, []
    for tensor in list(graph.initializer):
        if tensor.name in own or not _is_large(tensor):
            continue
        values = numpy_helper.to_array(tensor)
        if (values != values.flat[0]).any():
            continue
        sizes = numpy_helper.from_array(np.array(tensor.dims, np.int64), f"{tensor.name}.sizes")
        value = numpy_helper.from_array(values.flat[:1].copy(), "value")
        made.append(onnx.helper.make_node("ConstantOfShape", [sizes.name], [tensor.name], tensor.name, value=value))
        graph.initializer.remove(tensor)
        graph.initializer.append(sizes)
    _prepend(made, graph)


def _is_large(tensor: TensorProto) -> bool:
    """Return whether a tensor is float32 and has more than ``SMALL`` values."""
    return tensor.data_type == TensorProto.FLOAT and math.prod(tensor.dims) > SMALL


def _prepend(first: list[onnx.NodeProto], graph: onnx.GraphProto) -> None:
    """Insert nodes at the start of a graph."""
    nodes = [*first, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _tidy(model: onnx.ModelProto, unit: int, fixed: bool, scale: int = 1) -> onnx.ModelProto:
    """Remove the exporter's source paths and stack traces, and name the dynamic dimensions."""
    graph = model.graph
    del model.metadata_props[:]
    for item in (graph, *graph.node, *graph.input, *graph.output, *graph.initializer, *graph.value_info):
        if hasattr(item, "metadata_props"):
            del item.metadata_props[:]
    for node in graph.node:
        node.doc_string = ""
    del graph.value_info[:]
    for value in (*graph.input, *graph.output[:1]):
        sizes, times = value.type.tensor_type.shape.dim, unit * (scale if value in graph.output else 1)
        if len(sizes) == 1:  # a number, not an image
            continue
        sizes[0].dim_param = "n"
        if len(sizes) == 4 and not fixed:
            sizes[1].dim_param, sizes[2].dim_param = f"{times}*h", f"{times}*w"
    graph.name = "synth"
    model.producer_name, model.producer_version = "synth", ""
    return model


def with_card(model: onnx.ModelProto, card: Card) -> onnx.ModelProto:
    """Return a copy of the graph with ``card`` embedded in its metadata."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    onnx.helper.set_model_props(copy, {KEY: card.to_json()})
    return copy


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Return a copy whose large float32 initialisers are stored as float16 and cast back at the start of the graph.

    Runtimes fold the casts when they load the graph: half the file size, with unchanged float32 arithmetic and speed.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    for tensor in half.graph.initializer:
        if not _is_large(tensor):
            continue
        with np.errstate(over="ignore"):  # the caller measures the resulting error
            values = numpy_helper.to_array(tensor).astype(np.float16)
        name = tensor.name
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values, f"{name}.half"))
    _prepend(casts, half.graph)
    onnx.checker.check_model(half)
    return half
