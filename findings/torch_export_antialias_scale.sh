#!/usr/bin/env bash
# torch 2.13.0, onnxruntime 1.31.1: an antialiased resize by scale_factor exports to a graph that computes other pixels.
#
# interpolate(x, scale_factor=1/3, mode="bilinear", antialias=True) rounds the output size down, then samples with the
# factor that was asked for. The exporter (dynamo=True, opset 18) writes a Resize that knows only the rounded size and
# so samples with output/input instead. The shapes agree; on noise in 0..1 the values differ by tens of grey levels of
# 255. It happens with fixed and with dynamic sizes. The same call without antialias agrees to 0.001 levels, and
# antialias with size= instead of scale_factor= agrees as well.
#
# Seen, largest difference in grey levels (input 101x67):
#   scale_factor=1/3, antialias   57
#   scale_factor=1/3, plain        less than 0.001
#   size=(33, 22), antialias       less than 0.001
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet torch==2.13.0 onnx==1.23.2 onnxscript==0.7.2 onnxruntime-gpu==1.31.1 numpy==2.4.6
export ORT_DISABLE_TELEMETRY=1
cd "$folder"
"$folder/env/bin/python" - <<'PYTHON'
import numpy as np
import onnxruntime
import torch
from torch.nn.functional import interpolate


class Resize(torch.nn.Module):
    def __init__(self, **how):
        super().__init__()
        self.how = how

    def forward(self, x):
        return interpolate(x, mode="bilinear", **self.how)


torch.manual_seed(0)
x = torch.rand(1, 3, 101, 67)
found = {}
for name, how in {
    "scale_factor, antialias": {"scale_factor": 1 / 3, "antialias": True},
    "scale_factor, plain": {"scale_factor": 1 / 3},
    "size, antialias": {"size": (33, 22), "antialias": True},
}.items():
    module = Resize(**how).eval()
    torch.onnx.export(module, (x,), dynamo=True, opset_version=18, verbose=False).save("resize.onnx")
    session = onnxruntime.InferenceSession("resize.onnx", providers=["CPUExecutionProvider"])
    theirs = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
    ours = module(x).numpy()
    assert ours.shape == theirs.shape == (1, 3, 33, 22)
    found[name] = 255 * float(np.abs(ours - theirs).max())
    print(f"{name}: at most {found[name]:.4f} grey levels apart")
assert found["scale_factor, antialias"] > 20
assert found["scale_factor, plain"] < 0.01 and found["size, antialias"] < 0.01
PYTHON
