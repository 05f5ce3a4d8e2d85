"""PatchGAN discriminator (Isola et al. 2017, sec. 3.2.2 and appendix 6.1.2)."""

from torch import Tensor, nn

from synth.networks.layers import norm as norms
from synth.networks.layers.modules import Modules
from synth.networks.layers.norm import Norm
from synth.networks.network import FeatureNetwork


class PatchGAN(FeatureNetwork):
    """Classify overlapping patches as real or fake: ``[N, inputs, H, W]`` to logits ``[N, 1, H', W']``, high if real.

    ``depth`` is the number of strided convolutions; patches are 1, 16, 34, 70, 142, 286 pixels wide for depth 0 to 5.
    The 70x70 PatchGAN with 6 input channels (condition and image) has 2,768,705 parameters under batch norm.
    """

    def __init__(self, inputs: int = 6, channels: int = 64, depth: int = 3, norm: Norm = "batch"):
        super().__init__()
        if depth < 0:
            raise ValueError(f"A PatchGAN needs a depth of 0 or more, not {depth}.")
        bias = norms.needs_bias(norm)
        kernel, padding = (4, 1) if depth else (1, 0)
        stride = 2 if depth else 1
        blocks = [nn.Sequential(nn.Conv2d(inputs, channels, kernel, stride, padding), nn.LeakyReLU(0.2))]
        width = channels
        for level in range(1, max(depth, 1) + 1):
            before, width = width, channels * min(2**level, 8)
            stride = 2 if level < depth else 1  # the last hidden layer keeps the resolution
            conv = nn.Conv2d(before, width, kernel, stride, padding, bias=bias)
            blocks.append(nn.Sequential(conv, norms.make(norm, width), nn.LeakyReLU(0.2)))
        blocks.append(nn.Sequential(nn.Conv2d(width, 1, kernel, 1, padding)))
        self.blocks = Modules(blocks)

    @property
    def receptive_field(self) -> int:
        """Side in pixels of the patch that one logit sees."""
        size = 1
        for block in reversed(list(self.blocks)):
            conv = block[0]
            assert isinstance(conv, nn.Conv2d)
            size = (size - 1) * conv.stride[0] + conv.kernel_size[0]
        return size

    def forward(self, x: Tensor) -> Tensor:
        return self.features(x)[-1]

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the map after every block, the logits last, for feature matching (Wang et al. 2018, eq. 4)."""
        maps = []
        for block in self.blocks:
            x = block(x)
            maps.append(x)
        return maps
