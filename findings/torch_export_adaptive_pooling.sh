#!/usr/bin/env bash
# torch 2.13.0, onnxruntime 1.31.1: adaptive pooling exported with dynamic height and width is frozen to the example's size.
#
# adaptive_avg_pool2d(x, (4, 4)) always returns 4x4. torch.onnx.export(dynamo=True) accepts height and width declared as
# dynamic, warns of nothing, and writes a graph whose input says [1, 3, h, w]. Inside stands one AveragePool whose
# window is the quotient of the example's size: exact at that size, and a tensor of another shape at every other.
#
# Seen:
#   input  64x64   torch (4, 4)   graph (4, 4)    AveragePool window [16, 16]
#   input  96x160  torch (4, 4)   graph (6, 10)   no error, no warning
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 onnx==1.23.2 onnxscript==0.7.2 onnxruntime-gpu==1.31.1 numpy==2.4.6
export ORT_DISABLE_TELEMETRY=1
cd "$folder"
"$folder/env/bin/python" - <<'PYTHON'
import warnings

import numpy as np
import onnxruntime
import torch
from torch.nn.functional import adaptive_avg_pool2d


class Pool(torch.nn.Module):
    def forward(self, x):
        return adaptive_avg_pool2d(x, (4, 4))


free = {2: torch.export.Dim("h", min=8, max=1024), 3: torch.export.Dim("w", min=8, max=1024)}
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    program = torch.onnx.export(
        Pool().eval(), (torch.rand(1, 3, 64, 64),), dynamo=True, opset_version=18, dynamic_shapes={"x": free}, verbose=False
    )
about_pooling = [str(warning.message) for warning in said if "pool" in str(warning.message).lower()]
program.save("pool.onnx")
session = onnxruntime.InferenceSession("pool.onnx", providers=["CPUExecutionProvider"])
node = program.model_proto.graph.node[0]
window = next(list(a.ints) for a in node.attribute if a.name == "kernel_shape")
declared = session.get_inputs()[0].shape
shapes = {}
for height, width in ((64, 64), (96, 160)):
    x = torch.rand(1, 3, height, width)
    theirs = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
    shapes[height, width] = tuple(Pool()(x).shape[2:]), theirs.shape[2:]
    print(f"input {height}x{width}: torch {shapes[height, width][0]}, graph {theirs.shape[2:]}")
print(f"declared input {declared}, {node.op_type} window {window}, warnings about pooling: {about_pooling}")
assert declared == [1, 3, "h", "w"] and (node.op_type, window) == ("AveragePool", [16, 16]) and not about_pooling
assert shapes == {(64, 64): ((4, 4), (4, 4)), (96, 160): ((4, 4), (6, 10))}
PYTHON
