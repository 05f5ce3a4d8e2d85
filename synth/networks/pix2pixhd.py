"""pix2pixHD's generator for large pictures (Wang et al. 2018, sec. 3.1): enhancers around a global one.

The global generator is a ``ResNet`` of four levels. It works at half the size; an enhancer adds what only the full size
shows. Several enhancers double the size each.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.norm import Norm
from synth.networks.resnet import Block, ResNet, layer, reflect


class Enhancer(nn.Module):
    """``[N, inputs, H, W]`` and coarser maps ``[N, 2 * channels, H/2, W/2]`` to maps ``[N, channels, H, W]``."""

    def __init__(self, inputs: int, channels: int, blocks: int, norm: Norm):
        super().__init__()
        c1, c2 = channels, channels * 2
        self.stem = layer(nn.Conv2d(inputs, c1, 7), norm)
        self.down = layer(nn.Conv2d(c1, c2, 3, 2, 1), norm)
        self.blocks = nn.Sequential(*(Block(c2, norm, bias=True) for _ in range(blocks)))
        self.up = layer(nn.ConvTranspose2d(c2, c1, 3, 2, 1, 1), norm)

    def forward(self, x: Tensor, coarse: Tensor) -> Tensor:
        return self.up(self.blocks(self.down(self.stem(reflect(x, 3))) + coarse))


class Enhanced(nn.Module):
    """``[N, inputs, H, W]`` to ``[N, outputs, H, W]`` in [-1, 1]: a global generator and ``enhancers`` around it.

    H and W are multiples of twice what the global generator takes, for one enhancer. ``channels`` are those at full
    size; the global generator has twice as many for each enhancer.
    """

    least = 1
    """The smallest height and width, in multiples."""

    def __init__(
        self,
        inputs: int = 3,
        outputs: int = 3,
        channels: int = 32,
        blocks: int = 9,
        norm: Norm = "instance",
        levels: int = 4,
        enhancers: int = 1,
        local_blocks: int = 3,
    ):
        super().__init__()
        self.body = ResNet(inputs, outputs, channels * 2**enhancers, blocks, norm, levels=levels, bias=True)
        self.body.head = nn.Identity()  # type: ignore[assignment]  # its maps are used, not its picture
        self.multiple = self.body.multiple * 2**enhancers
        widths = [channels * 2**n for n in reversed(range(enhancers))]
        self.enhancers = nn.ModuleList(Enhancer(inputs, width, local_blocks, norm) for width in widths)
        self.head = nn.Conv2d(channels, outputs, 7)

    def forward(self, x: Tensor) -> Tensor:
        sizes = [x]
        for _ in self.enhancers:
            sizes.append(F.avg_pool2d(sizes[-1], 3, 2, 1, count_include_pad=False))
        y = self.body.maps(sizes.pop())
        for enhancer in self.enhancers:
            y = enhancer(sizes.pop(), y)
        return self.head(reflect(y, 3)).tanh()
