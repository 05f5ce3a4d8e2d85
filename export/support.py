"""Which runtimes are known to take which operators: lists from their documentation, with source and version.

A runtime that lacks an operator may still run the graph: ONNX Runtime gives what CoreML or WebGPU lack to the
processor. The lists hold what a picture network may need and leave out what is for text, sound and training.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Runtime:
    """A runtime: its name, where the list of operators comes from, the newest opset it reads, and the operators."""

    name: str
    source: str
    opset: int
    operators: frozenset[str]
    lacking: str = "are refused"
    """What becomes of the operators that it has not."""


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# onnx-tensorrt, docs/operators.md of TensorRT 10.15: rows marked "Y". UINT8 is taken as input and output of a network.
TENSORRT = _set(
    "Abs Add And ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Constant ConstantOfShape Conv "
    "ConvTranspose Cos CumSum DepthToSpace DequantizeLinear Div Einsum Elu Equal Erf Exp Expand Flatten Floor Gather "
    "GatherElements GatherND Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample "
    "GroupNormalization HardSigmoid HardSwish Identity If InstanceNormalization LayerNormalization LeakyRelu Less "
    "LessOrEqual Log LogSoftmax Loop MatMul Max MaxPool Mean Min Mish Mod Mul Neg Not OneHot Or Pad Pow PRelu "
    "QuantizeLinear Range Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum "
    "ReduceSumSquare Relu Reshape Resize Round ScatterElements ScatterND Shape Sigmoid Sign Sin Slice Softmax "
    "Softplus SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh Tile Transpose Unsqueeze Where Xor"
)
# ONNX Runtime, tools/ci_build/github/apple/coreml_supported_mlprogram_ops.md, commit 04f568d8: models of the kind
# "MLProgram", which is what synth.serve.providers asks for.
COREML = _set(
    "Add ArgMax AveragePool Cast Clip Concat Conv ConvTranspose Cos DepthToSpace Ceil Div Elu Erf Exp GatherND Gemm "
    "Gelu GlobalAveragePool GlobalMaxPool GridSample GroupNormalization HardSigmoid Identity InstanceNormalization "
    "LayerNormalization LeakyRelu MatMul MaxPool Max Mul Pow PRelu Range Reciprocal ReduceSum ReduceMean ReduceMax "
    "Relu Reshape Resize Round Shape Sin Slice Softplus Split Sub Sigmoid Softmax Sqrt Squeeze Tanh Tile Transpose "
    "Unsqueeze"
)
# Not a list of OpenVINO's: the operators of the bundled graphs, which OpenVINO 2026.4.1 reads and runs with the same
# pixels (tests/test_runtimes.py). Nothing is said of others.
OPENVINO = _set(
    "Abs Add And ArgMax AveragePool Cast Clip Concat ConstantOfShape Conv ConvTranspose DepthToSpace Div Einsum Equal "
    "Exp Expand Floor Gather GatherElements GatherND Greater GreaterOrEqual InstanceNormalization LeakyRelu Less Log "
    "MatMul Max MaxPool Mul Neg Pad Pow ReduceMax ReduceMean ReduceSum Relu Reshape Resize Round Shape Sigmoid Slice "
    "Softmax Split Squeeze Sub Tanh Transpose Unsqueeze Where"
)
# docs/webgpu-operators.md inside the npm package onnxruntime-web 1.30.0.
WEBGPU = _set(
    "Abs Add ArgMax ArgMin AveragePool BatchNormalization Cast Ceil Clip Concat Conv ConvTranspose Cos CumSum "
    "DepthToSpace DequantizeLinear Div Einsum Elu Equal Erf Exp Expand Flatten Floor Gather GatherElements GatherND "
    "Gelu Gemm GlobalAveragePool GlobalMaxPool Greater GreaterOrEqual GridSample HardSigmoid HardSwish If "
    "InstanceNormalization LayerNormalization LeakyRelu Less LessOrEqual Log MatMul MaxPool Mul Neg Not Pad Pow Range "
    "Reciprocal ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape "
    "Resize ScatterND Shape Sigmoid Sin Slice Softmax Split Sqrt Squeeze Sub Tanh Tile Transpose Unsqueeze Where"
)
PROCESSOR = "run on the processor"
RUNTIMES = (
    Runtime("TensorRT", "TensorRT 10.15, documentation", 24, TENSORRT),
    Runtime("CoreML", "ONNX Runtime's MLProgram, documentation", 0, COREML, PROCESSOR),
    Runtime("OpenVINO", "2026.4.1, run with the bundled graphs", 0, OPENVINO, "are not known"),
    Runtime("WebGPU", "onnxruntime-web 1.30.0, documentation", 0, WEBGPU, PROCESSOR),
)


def verdict(runtime: Runtime, used: set[str], opset: int) -> str:
    """Return in words whether a runtime is known to take all operators."""
    missing = sorted(used - runtime.operators)
    if runtime.opset and opset > runtime.opset:
        return f"reads no opset above {runtime.opset} ({runtime.source})"
    if missing:
        return f"all but {', '.join(missing)}, which {runtime.lacking} ({runtime.source})"
    return f"all operators ({runtime.source})"
