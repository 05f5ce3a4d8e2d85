"""Limits for untrusted graphs: which operators a file dropped into the app may use, and how much memory and time.

A kilobyte of ONNX can request any amount of memory: an ``Expand`` of one number to 2^40, a loop, a chain of ``Concat``.
So untrusted graphs are limited to plain operators and to a memory arena of their own, and they are never optimised,
since constant folding would run parts of the graph while the file is being opened.
"""

import functools
import math
from typing import Any

import onnx
from onnx import TensorProto, numpy_helper

from synth.counted import counted

MAX_BYTES = 200 * 2**20
SECONDS = 60
"""Time limit for one image."""
MEMORY = 2 * 2**30
"""Bytes for weights and activations of all untrusted graphs together, on the processor and on a GPU each."""
MAX_NODES = 10_000
MAX_CONSTANT = 2**20
"""Most values that a ``GROWING`` operator may produce."""

ELEMENTWISE = """
    Abs Acos Add And Asin Atan BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Cast CastLike Ceil Celu Clip Cos Cosh
    Div Dropout Elu Equal Erf Exp Floor Gelu Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu
    Less LessOrEqual Log Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh
    Softplus Softsign Sqrt Sub Sum Tan Tanh ThresholdedRelu Where Xor
    DequantizeLinear DynamicQuantizeLinear QuantizeLinear
"""
LAYERS = """
    AveragePool BatchNormalization Conv ConvTranspose Einsum Gemm GlobalAveragePool GlobalMaxPool GroupNormalization LRN
    InstanceNormalization LayerNormalization LpNormalization LpPool MatMul MaxPool MaxUnpool MeanVarianceNormalization
    ArgMax ArgMin CumSum Hardmax LogSoftmax NonMaxSuppression Softmax TopK
    ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare
"""
SHAPES = """
    AffineGrid Compress Concat Constant DepthToSpace Flatten Gather GatherElements GatherND GridSample NonZero OneHot
    Pad Reshape Resize ScatterElements ScatterND Shape Size Slice SpaceToDepth Split Squeeze Transpose Trilu Unsqueeze
"""
PLAIN = frozenset((ELEMENTWISE + LAYERS + SHAPES).split())
GROWING = {"ConstantOfShape": 0, "Expand": 1, "Tile": 1}
"""Operators whose output may be far larger than their input, and the index of the size input: a small constant."""


def check(model: onnx.ModelProto, name: str) -> None:
    """Raise ``ValueError`` for a graph that may not run here when its source is untrusted."""
    nodes = model.graph.node
    if len(nodes) > MAX_NODES or model.functions:
        raise ValueError(
            f"{name} has {counted(len(nodes), 'node')} (at most {MAX_NODES}) or defines functions. {how_to_trust()}"
        )
    foreign = sorted({node.op_type for node in nodes} - PLAIN - {*GROWING})
    if foreign:
        raise ValueError(
            f"{name} uses {', '.join(foreign)}, which is not allowed in untrusted graphs. {how_to_trust()}"
        )
    tensors = [*model.graph.initializer, *(a.t for node in nodes for a in node.attribute if a.HasField("t"))]
    sparse = model.graph.sparse_initializer or any(a.HasField("sparse_tensor") for n in nodes for a in n.attribute)
    if sparse or any(math.prod(tensor.dims) > 4 * model.ByteSize() for tensor in tensors):
        raise ValueError(f"{name} declares more weights than it contains. Export it again.")
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    constants |= {node.output[0]: node.attribute[0].t for node in nodes if node.op_type == "Constant"}
    for node in nodes:
        if node.op_type in GROWING and not _small(constants.get([*node.input, "", ""][GROWING[node.op_type]])):
            raise ValueError(f"{name} uses {node.op_type} without a small constant size. {how_to_trust()}")


def _small(sizes: TensorProto | None) -> bool:
    """Return whether a tensor of sizes is a constant, and their product at most ``MAX_CONSTANT``."""
    if sizes is None or sizes.data_type != TensorProto.INT64 or len(sizes.dims) != 1 or sizes.dims[0] > 8:
        return False
    values = [int(size) for size in numpy_helper.to_array(sizes)]
    return all(value >= 0 for value in values) and math.prod(max(value, 1) for value in values) <= MAX_CONSTANT


def how_to_trust() -> str:
    """Return the advice on how to use a graph that is rejected only because it is untrusted."""
    return "If you trust it, put it into the folder of models and restart synth."


def session_options(plain: Any) -> Any:
    """Return ``plain`` session options for an untrusted graph: no optimisation, memory from the bounded arena."""
    import onnxruntime

    _arena()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    plain.add_session_config_entry("session.use_env_allocators", "1")
    plain.log_severity_level = 4  # a refused allocation of an untrusted graph is not an error of this app
    return plain


@functools.cache
def _arena() -> None:
    """Register the memory arena of all untrusted graphs in ONNX Runtime, once per process."""
    import onnxruntime

    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    as_requested = {"max_mem": MEMORY, "arena_extend_strategy": 1}
    onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg(as_requested))
