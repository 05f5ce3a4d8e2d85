"""Graphs of strangers: what a file that anybody may drop into the app is allowed to compute, and with how much memory.

A kilobyte of ONNX can ask for any amount of memory: an ``Expand`` of one number to 2^40, a loop, a chain of ``Concat``.
So guests are held to plain operators, to a share of memory of their own, and are never optimised, since optimising
runs every part that depends on no input while the file is being opened.
"""

import functools
import math
from typing import Any

import onnx
from onnx import TensorProto, numpy_helper

MAX_BYTES = 200 * 2**20
SECONDS = 60
"""How long one picture may take."""
MEMORY = 2 * 2**30
"""Bytes for the work and the weights of all guests together, on the processor and on a GPU each."""
MAX_NODES = 10_000
MAX_CONSTANT = 2**20
"""Most values that ``GROWING`` operators may make."""

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
"""Operators that make much of little, and which of their inputs says how much: it must be a small constant."""


def check(model: onnx.ModelProto, name: str) -> None:
    """Raise ``ValueError`` with a sentence for a graph that a stranger may not run here."""
    nodes = model.graph.node
    if len(nodes) > MAX_NODES or model.functions:
        raise ValueError(f"{name} has too many parts, or functions of its own. {way_out()}")
    foreign = sorted({node.op_type for node in nodes} - PLAIN - {*GROWING})
    if foreign:
        raise ValueError(f"{name} uses {', '.join(foreign)}: not allowed in graphs that are dropped here. {way_out()}")
    tensors = [*model.graph.initializer, *(a.t for node in nodes for a in node.attribute if a.HasField("t"))]
    sparse = model.graph.sparse_initializer or any(a.HasField("sparse_tensor") for n in nodes for a in n.attribute)
    if sparse or any(math.prod(tensor.dims) > 4 * model.ByteSize() for tensor in tensors):
        raise ValueError(f"{name} speaks of more weights than it has. Export it again.")
    constants = {tensor.name: tensor for tensor in model.graph.initializer}
    constants |= {node.output[0]: node.attribute[0].t for node in nodes if node.op_type == "Constant"}
    for node in nodes:
        if node.op_type in GROWING and not _small(constants.get([*node.input, "", ""][GROWING[node.op_type]])):
            raise ValueError(f"{name} uses {node.op_type} without a small constant size. {way_out()}")


def _small(sizes: TensorProto | None) -> bool:
    """Return whether a tensor of sizes is known, and their product not too large."""
    if sizes is None or sizes.data_type != TensorProto.INT64 or len(sizes.dims) != 1 or sizes.dims[0] > 8:
        return False
    values = [int(size) for size in numpy_helper.to_array(sizes)]
    return all(value >= 0 for value in values) and math.prod(max(value, 1) for value in values) <= MAX_CONSTANT


def way_out() -> str:
    """Return what somebody may do with a graph that is only refused because it was dropped."""
    return "If you trust it, put it into the folder of graphs and start synth again."


def options(plain: Any) -> Any:
    """Return session options for a guest: ``plain`` ones, not optimised, with memory from the guests' own share."""
    import onnxruntime

    _share()
    plain.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    plain.add_session_config_entry("session.use_env_allocators", "1")
    plain.log_severity_level = 4  # what a stranger's graph asks for and does not get is no error of this app
    return plain


@functools.cache
def _share() -> None:
    """Give ONNX Runtime the memory of all guests, once for this process."""
    import onnxruntime

    place = onnxruntime.OrtMemoryInfo(
        "Cpu", onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, onnxruntime.OrtMemType.DEFAULT
    )
    as_requested = {"max_mem": MEMORY, "arena_extend_strategy": 1}
    onnxruntime.create_and_register_allocator(place, onnxruntime.OrtArenaCfg(as_requested))
