"""Perceptual loss: how far apart the features of two pictures are (Johnson et al. 2016; Wang et al. 2018, sec. 3.3).

The features are those of a VGG16 that the package stlpips-pytorch carries (trained for ST-LPIPS: every pooling is
blurred). What is measured by ST-LPIPS uses its AlexNet, another network.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn

from synth.metrics.inception import package_file
from synth.metrics.lpips import PACKAGE, Blur

WEIGHTS = "weights/vST0.0/vgg_shift_tolerant.pth"
BLOCKS = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))  # channels, convolutions (Simonyan and Zisserman 2015, D)
SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)


class Perceptual(nn.Module):
    """The weighted mean absolute difference of features after each of VGG16's five blocks: a scalar."""

    shift: Tensor
    scale: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.blocks, inputs = nn.ModuleList(), 3
        for number, (channels, count) in enumerate(BLOCKS):
            layers: list[nn.Module] = [nn.MaxPool2d(2, 1), Blur()] if number else []
            for _ in range(count):
                layers += [nn.Conv2d(inputs, channels, 3, padding=1), nn.ReLU()]
                inputs = channels
            self.blocks.append(nn.Sequential(*layers))
        saved = torch.load(package_file(PACKAGE, WEIGHTS), map_location="cpu", weights_only=True)
        names = [key.removesuffix(".weight") for key in saved if key.startswith("net.") and key.endswith(".weight")]
        convs = [m for m in self.blocks.modules() if isinstance(m, nn.Conv2d)]
        for conv, name in zip(convs, names, strict=True):
            conv.load_state_dict({"weight": saved[f"{name}.weight"], "bias": saved[f"{name}.bias"]})
        self.register_buffer("shift", saved["scaling_layer.shift"])
        self.register_buffer("scale", saved["scaling_layer.scale"])
        self.eval().requires_grad_(False)

    def forward(self, output: Tensor, truth: Tensor) -> Tensor:
        """Return the loss of two batches ``[N, 3, H, W]`` in [-1, 1], H and W at least 32."""
        with torch.no_grad():  # nothing is learned from how the truth could change
            wanted = self.features(truth)
        gaps = [(a - b).abs().mean() for a, b in zip(self.features(output), wanted, strict=True)]
        return torch.stack([share * gap for share, gap in zip(SHARES, gaps, strict=True)]).sum()

    def features(self, image: Tensor) -> list[Tensor]:
        """Return the maps after each block of ``[N, 3, H, W]`` in [-1, 1]."""
        maps, x = [], (image - self.shift) / self.scale
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        return maps


@lru_cache(maxsize=1)
def load(device: torch.device) -> Perceptual:
    """Return the loss on ``device``; a second call costs nothing. Raises ``ValueError`` without the package."""
    return Perceptual().to(device)
