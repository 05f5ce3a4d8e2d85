"""Perceptual loss: distance of VGG16 features (Johnson et al. 2016; Wang et al. 2018, sec. 3.3).

The weights are those in the package stlpips-pytorch, trained for ST-LPIPS with blurred pooling. The metric ST-LPIPS
uses another network, AlexNet, so a model is not measured with the network that trained it.
"""

from functools import lru_cache

import torch
from torch import Tensor, nn

from synth.networks.layers.blur import Blur
from synth.networks.trunks import packaged, vgg

SHARES = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)
"""Weights of the five blocks, as in the code of Wang et al. 2018."""


class Perceptual(nn.Module):
    """Weighted sum of the mean absolute feature differences after each of VGG16's five blocks."""

    def __init__(self) -> None:
        super().__init__()
        # The padding that the weights were trained with; the output need not be exactly half as large here.
        self.trunk = vgg.VGG16(pool=lambda: nn.Sequential(nn.MaxPool2d(2, 1), Blur()))
        vgg.load(self.trunk, packaged.file(vgg.PACKAGE, vgg.FILE))
        self.eval().requires_grad_(False)

    def forward(self, output: Tensor, truth: Tensor) -> Tensor:
        """Return the loss, a scalar, of two batches ``[N, 3, H, W]`` in [-1, 1] with H and W at least 32."""
        with torch.no_grad():  # the target needs no gradient
            wanted = self.trunk.features(truth)
        gaps = [(a - b).abs().mean() for a, b in zip(self.trunk.features(output), wanted, strict=True)]
        return torch.stack([share * gap for share, gap in zip(SHARES, gaps, strict=True)]).sum()


@lru_cache(maxsize=1)
def load(device: torch.device) -> Perceptual:
    """Return the loss on ``device``, cached. Raises ``ValueError`` if the package with its weights is not installed."""
    return Perceptual().to(device)
