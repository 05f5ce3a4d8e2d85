"""Tables of the operators that runtimes support, from their documentation, with source and version.

A runtime that lacks an operator may still run the graph: ONNX Runtime runs on the CPU what CoreML or WebGPU lack. The
tables cover the operators of image networks, not those for text, sound and training.
"""

from dataclasses import dataclass, field

from onnx import defs


@dataclass(frozen=True)
class Runtime:
    """A runtime: name, source of the table, newest opset that it reads (0: any), and supported operators."""

    name: str
    source: str
    opset: int
    operators: frozenset[str]
    lacking: str = "are refused"
    """What happens to operators that it lacks, as the end of a sentence."""
    versions: dict[str, int] = field(default_factory=dict)
    """Newest supported version per operator; for operators that are not listed, all versions are supported."""

    def lacks(self, name: str, opset: int) -> bool:
        """Return whether the runtime lacks the operator ``name`` in its version of ``opset``."""
        if name not in self.operators:
            return True
        known = name in self.versions and defs.has(name, max_inclusive_version=opset)
        return known and defs.get_schema(name, opset).since_version > self.versions[name]


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


def _versions(names: str) -> dict[str, int]:
    words = names.split()
    return {name: int(version) for name, version in zip(words[::2], words[1::2], strict=True)}


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
# "MLProgram", which synth.runtime.providers requests.
COREML = _set(
    "Add ArgMax AveragePool Cast Clip Concat Conv ConvTranspose Cos DepthToSpace Ceil Div Elu Erf Exp GatherND Gemm "
    "Gelu GlobalAveragePool GlobalMaxPool GridSample GroupNormalization HardSigmoid Identity InstanceNormalization "
    "LayerNormalization LeakyRelu MatMul MaxPool Max Mul Pow PRelu Range Reciprocal ReduceSum ReduceMean ReduceMax "
    "Relu Reshape Resize Round Shape Sin Slice Softplus Split Sub Sigmoid Softmax Sqrt Squeeze Tanh Tile Transpose "
    "Unsqueeze"
)
# Not from OpenVINO's documentation: the operators of the bundled graphs, for which OpenVINO 2026.4.1 gives the same
# pixels as ONNX Runtime (tests/export/test_runtimes.py). Other operators are untested.
OPENVINO = _set(
    "Abs Add And ArgMax AveragePool Cast Clip Concat ConstantOfShape Conv ConvTranspose DepthToSpace Div Equal "
    "Exp Expand Floor Gather GatherElements GatherND Greater GreaterOrEqual InstanceNormalization LeakyRelu Less Log "
    "MatMul Max MaxPool Mul Neg Pad Pow ReduceMax ReduceMean ReduceSum Relu Reshape Resize Round Shape Sigmoid Slice "
    "Softmax Split Squeeze Sub Tanh Transpose Unsqueeze Where"
)
# ONNX Runtime, docs/OperatorKernels.md, commit 001d12d2, CUDA provider: the newest version of each operator that has a
# kernel. An operator of a newer opset never runs on an older kernel (core/framework/kernel_registry.cc).
CUDA = _versions(
    "Abs 13 Add 14 And 7 ArgMax 13 ArgMin 13 AveragePool 22 BatchNormalization 15 Cast 23 Ceil 13 Clip 13 "
    "Concat 13 ConstantOfShape 9 Conv 22 ConvTranspose 11 Cos 7 CumSum 14 DepthToSpace 13 DequantizeLinear 21 "
    "Div 14 Einsum 12 Elu 6 Equal 13 Erf 13 Exp 13 Expand 13 Flatten 13 Floor 13 Gather 13 GatherElements 13 "
    "GatherND 13 Gelu 20 Gemm 13 GlobalAveragePool 1 GlobalMaxPool 1 Greater 13 GreaterOrEqual 16 GridSample 22 "
    "HardSigmoid 22 HardSwish 22 Identity 19 If 19 InstanceNormalization 6 LayerNormalization 17 LeakyRelu 16 "
    "Less 13 LessOrEqual 16 Log 13 LogSoftmax 13 Loop 19 MatMul 13 Max 13 MaxPool 12 Min 13 Mod 13 Mul 14 Neg 13 "
    "Not 1 OneHot 11 Or 7 PRelu 16 Pad 18 Pow 15 QuantizeLinear 21 Range 11 Reciprocal 13 ReduceL1 18 ReduceL2 18 "
    "ReduceMax 18 ReduceMean 18 ReduceMin 18 ReduceProd 18 ReduceSum 13 ReduceSumSquare 18 Relu 14 Reshape 23 "
    "Resize 19 Round 11 ScatterElements 18 ScatterND 18 Shape 23 Sigmoid 13 Sign 13 Sin 7 Slice 13 Softmax 13 "
    "Softplus 1 SpaceToDepth 13 Split 18 Sqrt 13 Squeeze 23 Sub 14 Sum 13 Tanh 13 Tile 13 Transpose 23 "
    "Unsqueeze 23 Where 16 Xor 7"
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
    Runtime("CUDA", "ONNX Runtime, documentation", 0, frozenset(CUDA), PROCESSOR, CUDA),
    Runtime("TensorRT", "TensorRT 10.15, documentation", 24, TENSORRT),
    Runtime("CoreML", "ONNX Runtime's MLProgram, documentation", 0, COREML, PROCESSOR),
    Runtime("OpenVINO", "2026.4.1, run with the bundled graphs", 0, OPENVINO, "are not known"),
    Runtime("WebGPU", "onnxruntime-web 1.30.0, documentation", 0, WEBGPU, PROCESSOR),
)


def verdict(runtime: Runtime, used: set[str], opset: int) -> str:
    """Return, as text, whether a runtime supports all operators ``used`` by a graph of ``opset``."""
    missing = sorted(name for name in used if runtime.lacks(name, opset))
    if runtime.opset and opset > runtime.opset:
        return f"reads no opset above {runtime.opset} ({runtime.source})"
    if missing:
        return f"all but {', '.join(missing)}, which {runtime.lacking} ({runtime.source})"
    return f"all operators ({runtime.source})"
