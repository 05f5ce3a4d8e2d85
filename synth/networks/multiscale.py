"""Discriminators at several resolutions (Wang et al. 2018, sec. 3.2; Chan et al. 2019, sec. 4.5)."""

from torch import Tensor
from torch.nn import functional as F

from synth.networks.layers.modules import Modules
from synth.networks.layers.spec import Spec
from synth.networks.network import Network
from synth.networks.patchgan import PatchGAN


class Multiscale(Network):
    """Apply separate PatchGANs, ``scales`` in all, at full, half, ... resolution: ``[N, inputs, H, W]`` to logits."""

    def __init__(self, inputs: int, patch: Spec[PatchGAN], scales: int = 2):
        super().__init__()
        self.parts = Modules(patch(inputs=inputs) for _ in range(scales))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the logits of each resolution, the finest first."""
        return [maps[-1] for maps in self.features(x)]

    def features(self, x: Tensor) -> list[list[Tensor]]:
        """Return the feature maps of the PatchGAN at each resolution, its logits last."""
        found = []
        for number, part in enumerate(self.parts):
            if number:
                x = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
            found.append(part.features(x))
        return found
