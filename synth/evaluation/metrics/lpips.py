"""Compute ST-LPIPS, the shift-tolerant LPIPS (Ghildyal and Liu 2022, section 4; LPIPS: Zhang et al. 2018, eq. 1).

The weights of the AlexNet trunk and the heads come from the package stlpips-pytorch; the network itself is implemented
here after the paper, since that package cannot be imported without torchvision. In the trunk, a 3x3 binomial filter
(reflection padding 2) applies every stride: convolutions and max pooling have stride 1. Values cannot be compared with
those of the original LPIPS, because trunk and heads were trained anew.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, normalize

from synth.networks.layers.blur import Blur
from synth.networks.trunks import packaged

WEIGHTS = "weights/vST0.0/alex_shift_tolerant.pth"
DESCRIPTION = "ST-LPIPS, AlexNet (stlpips-pytorch)"


def _trunk() -> nn.ModuleList:
    """Return the five stages whose outputs are compared, of 64, 192, 384, 256 and 256 channels."""
    stages = (
        [nn.Conv2d(3, 64, 11, padding=2), Blur(), nn.ReLU()],
        [nn.MaxPool2d(3, 1), Blur(), nn.Conv2d(64, 192, 5, padding=2), nn.ReLU()],
        [nn.MaxPool2d(3, 1), Blur(), nn.Conv2d(192, 384, 3, padding=1), nn.ReLU()],
        [nn.Conv2d(384, 256, 3, padding=1), nn.ReLU()],
        [nn.Conv2d(256, 256, 3, padding=1), nn.ReLU()],
    )
    return nn.ModuleList(nn.Sequential(*stage) for stage in stages)


class ShiftTolerantLPIPS(nn.Module):
    """Maps pairs of images, two uint8 ``[N, 3, H, W]``, to distances float32 ``[N]``; 0 for equal images."""

    shift: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.stages = _trunk()
        saved = packaged.fill(self.stages, packaged.file(packaged.STLPIPS, WEIGHTS))
        self.heads = nn.ParameterList(saved[f"lin{k}.model.1.weight"] for k in range(len(self.stages)))
        self.register_buffer("shift", saved["scaling_layer.shift"])
        self.register_buffer("scale", saved["scaling_layer.scale"])
        self.eval().requires_grad_(False)

    def forward(self, output: Tensor, truth: Tensor) -> Tensor:
        """Return the distances ``[N]``. Raises ``ValueError`` unless both are uint8 ``[N, 3, H, W]`` of one shape."""
        if output.dtype != torch.uint8 or truth.dtype != torch.uint8 or output.shape != truth.shape:
            raise ValueError("ST-LPIPS compares two uint8 batches [N, 3, H, W] of one shape.")
        x = (torch.cat([output, truth]).float() / 127.5 - 1 - self.shift) / self.scale
        total = x.new_zeros(len(output))
        for stage, head in zip(self.stages, self.heads, strict=True):
            x = stage(x)
            a, b = normalize(x, dim=1).chunk(2)  # unit length over channels at every place
            total = total + conv2d((a - b).square(), head).mean((1, 2, 3))
        return total


@lru_cache(maxsize=1)
def load(device: str = "cpu") -> ShiftTolerantLPIPS:
    """Return the network on ``device``; cached."""
    return ShiftTolerantLPIPS().to(device)


@torch.inference_mode()
def distances(output: Tensor, truth: Tensor, device: str = "cpu", batch: int = 8) -> Tensor:
    """Return the distances float64 ``[N]``, on the CPU, of two uint8 batches ``[N, 3, H, W]``."""
    net = load(device)
    parts = zip(output.split(batch), truth.split(batch), strict=True)
    return torch.cat([net(a.to(device), b.to(device)).double().cpu() for a, b in parts])
