"""From a trained network to one self-contained ONNX graph that speaks pixels."""

import copy
import logging
import math
import warnings
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, numpy_helper
from torch import nn

from synth.card import KEY, Card

OPSET = 18
"""The newest at which ONNX Runtime has a CUDA kernel for every operator that networks here become. `Equal` and `Pad` of
opset 19, `ReduceMax` and `ConstantOfShape` of 20 run on the processor there, with copies there and back, and a graph
with such a gap cannot be recorded (`synth.runtime.cuda_graphs`)."""
SMALL = 256
"""Tensors of up to so many values (biases, scales, palettes) stay as they are: they weigh nothing."""


def export(speaking: nn.Module, card: Card) -> onnx.ModelProto:
    """Return the graph of a frozen module on the CPU that speaks pixels (``Method.graph``), with the card's inputs.

    N, H and W are dynamic; H and W are multiples of ``card.multiple``, which stand in the graph's input shape as
    ``<multiple>*h`` and ``<multiple>*w``. A module with a ``side`` takes pictures of that size alone; one whose body
    has a ``least`` takes none that are smaller than so many multiples.
    """
    names, side = [given.name for given in card.inputs], getattr(speaking, "side", 0)
    unit, least = side or card.multiple, int(getattr(getattr(speaking, "body", None), "least", 1))
    # Traced well above the smallest size, or a 1x1 bottleneck would be taken for a constant.
    sizes = (side, side) if side else (2 * unit, 3 * unit)
    examples = tuple(
        torch.full((1,), given.value) if given.kind == "number" else torch.zeros(2, *sizes, 3, dtype=torch.uint8)
        for given in card.inputs
    )
    speaking = slim(speaking)
    batch = torch.export.Dim("n", min=1, max=64)
    shape: dict[int, Any] = {0: batch}
    if not side:
        shape |= {axis: unit * torch.export.Dim(name, min=least, max=64) for axis, name in ((1, "h"), (2, "w"))}
    logging.getLogger("torch.onnx._internal.exporter._registration").setLevel(logging.ERROR)  # "no torchvision"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's own, about its internals
        program = torch.onnx.export(
            speaking.eval(),
            examples,
            dynamo=True,
            opset_version=OPSET,
            input_names=names,
            output_names=["result" if card.gives == "picture" else card.gives, *card.extras],
            # One entry: all of them are ``*images``.
            dynamic_shapes=(tuple({} if given.kind == "number" else shape for given in card.inputs),),
            external_data=False,
            verbose=False,
        )
    assert program is not None
    model = _tidy(program.model_proto, unit, bool(side), card.scale)
    _uniform(model, {*speaking.state_dict()})
    return model


def slim(speaking: nn.Module) -> nn.Module:
    """Return a copy that does the same with operators that runtimes are fast at, where its modules can be ``slim``."""
    speaking = copy.deepcopy(speaking)
    for module in speaking.modules():  # the outer ones first, which know what the inner ones are given
        if callable(make := getattr(module, "slim", None)):
            make()
    return speaking


def _uniform(model: onnx.ModelProto, own: set[str]) -> None:
    """Store tensors of one value, repeated, as that value; those of the network itself (``own``) stay."""
    graph, made = model.graph, []
    for tensor in list(graph.initializer):
        if tensor.name in own or not _weighs(tensor):
            continue
        values = numpy_helper.to_array(tensor)
        if (values != values.flat[0]).any():
            continue
        sizes = numpy_helper.from_array(np.array(tensor.dims, np.int64), f"{tensor.name}.sizes")
        value = numpy_helper.from_array(values.flat[:1].copy(), "value")
        made.append(onnx.helper.make_node("ConstantOfShape", [sizes.name], [tensor.name], tensor.name, value=value))
        graph.initializer.remove(tensor)
        graph.initializer.append(sizes)
    _begin_with(made, graph)


def _weighs(tensor: TensorProto) -> bool:
    return tensor.data_type == TensorProto.FLOAT and math.prod(tensor.dims) > SMALL


def _begin_with(first: list[onnx.NodeProto], graph: onnx.GraphProto) -> None:
    nodes = [*first, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _tidy(model: onnx.ModelProto, unit: int, fixed: bool, scale: int = 1) -> onnx.ModelProto:
    """Take out what the exporter leaves behind (source paths, stack traces) and name the dynamic sizes."""
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
        if len(sizes) == 1:  # a number
            continue
        sizes[0].dim_param = "n"
        if len(sizes) == 4 and not fixed:
            sizes[1].dim_param, sizes[2].dim_param = f"{times}*h", f"{times}*w"
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

    A runtime folds the casts when it opens the graph: half the file, the same arithmetic and speed.
    """
    half = onnx.ModelProto()
    half.CopyFrom(model)
    casts = []
    for tensor in half.graph.initializer:
        if not _weighs(tensor):
            continue
        with np.errstate(over="ignore"):  # what becomes of it is measured
            values = numpy_helper.to_array(tensor).astype(np.float16)
        name = tensor.name
        casts.append(onnx.helper.make_node("Cast", [f"{name}.half"], [name], f"{name}.cast", to=TensorProto.FLOAT))
        tensor.CopyFrom(numpy_helper.from_array(values, f"{name}.half"))
    _begin_with(casts, half.graph)
    onnx.checker.check_model(half)
    return half
