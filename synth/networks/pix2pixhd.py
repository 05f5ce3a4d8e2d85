"""pix2pixHD's coarse-to-fine generator for large images (Wang et al. 2018, sec. 3.1).

A global generator, a ``ResNet`` of four levels, works at half the resolution; a local enhancer around it adds the
detail of the full resolution. With several enhancers, each one doubles the resolution.
"""

from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.modules import Modules
from synth.networks.layers.norm import Norm
from synth.networks.network import Network
from synth.networks.resnet import Block, ResNet, layer, reflect


class LocalEnhancer(nn.Module):
    """Refine maps ``[N, 2 * channels, H/2, W/2]`` by an input ``[N, inputs, H, W]`` to maps ``[N, channels, H, W]``."""

    def __init__(self, inputs: int, channels: int, blocks: int, norm: Norm):
        super().__init__()
        c1, c2 = channels, channels * 2
        self.stem = layer(nn.Conv2d(inputs, c1, 7), norm)
        self.down = layer(nn.Conv2d(c1, c2, 3, 2, 1), norm)
        self.blocks = nn.Sequential(*(Block(c2, norm, bias=True) for _ in range(blocks)))
        self.up = layer(nn.ConvTranspose2d(c2, c1, 3, 2, 1, 1), norm)

    def forward(self, x: Tensor, coarse: Tensor) -> Tensor:
        return self.up(self.blocks(self.down(self.stem(reflect(x, 3))) + coarse))


class CoarseToFineGenerator(Network):
    """Global generator with ``enhancers`` local enhancers: ``[N, inputs, H, W]`` to ``[N, outputs, H, W]`` in [-1, 1].

    H and W are multiples of those of the global generator times ``2 ** enhancers``. ``channels`` are those at full
    resolution; every enhancer doubles them for the global generator. ``blocks`` and ``local_blocks`` count the residual
    blocks of the global generator and of each enhancer.
    """

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
        self.body.head = nn.Identity()  # only its feature maps are used
        self.multiple = self.body.multiple * 2**enhancers
        widths = [channels * 2**n for n in reversed(range(enhancers))]
        self.enhancers = Modules(LocalEnhancer(inputs, width, local_blocks, norm) for width in widths)
        self.head = nn.Conv2d(channels, outputs, 7)

    def forward(self, x: Tensor) -> Tensor:
        sizes = [x]
        for _ in self.enhancers:
            sizes.append(F.avg_pool2d(sizes[-1], 3, 2, 1, count_include_pad=False))
        y = self.body.maps(sizes.pop())
        for enhancer in self.enhancers:
            y = enhancer(sizes.pop(), y)
        return self.head(reflect(y, 3)).tanh()
