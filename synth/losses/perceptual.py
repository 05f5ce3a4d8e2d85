"""Perceptual loss: how far apart the features of two pictures are (Johnson et al. 2016; Wang et al. 2018, sec. 3.3).

The features are those of a VGG16 that the package stlpips-pytorch carries (trained for ST-LPIPS: every pooling is
blurred). What is measured by ST-LPIPS uses its AlexNet, another network.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn

from synth.networks.layers.blur import Blur
from synth.networks.trunks import packaged, vgg

SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)


class Perceptual(nn.Module):
    """The weighted mean absolute difference of features after each of VGG16's five blocks: a scalar."""

    def __init__(self) -> None:
        super().__init__()
        # The border is that of the network whose weights these are; no map need be half as large to the pixel.
        self.trunk = vgg.VGG16(pool=lambda: nn.Sequential(nn.MaxPool2d(2, 1), Blur()))
        vgg.load(self.trunk, packaged.file(vgg.PACKAGE, vgg.FILE))
        self.eval().requires_grad_(False)

    def forward(self, output: Tensor, truth: Tensor) -> Tensor:
        """Return the loss of two batches ``[N, 3, H, W]`` in [-1, 1], H and W at least 32."""
        with torch.no_grad():  # nothing is learned from how the truth could change
            wanted = self.trunk.features(truth)
        gaps = [(a - b).abs().mean() for a, b in zip(self.trunk.features(output), wanted, strict=True)]
        return torch.stack([share * gap for share, gap in zip(SHARES, gaps, strict=True)]).sum()


@lru_cache(maxsize=1)
def load(device: torch.device) -> Perceptual:
    """Return the loss on ``device``; a second call costs nothing. Raises ``ValueError`` without the package."""
    return Perceptual().to(device)
