"""ESPCN, a small super-resolution network that works at low resolution (Shi et al. 2016); live on two CPU cores."""

from torch import Tensor, nn

from synth.networks.layers.modules import Modules
from synth.networks.layers.shuffle import Shuffle
from synth.networks.network import Network


class ESPCN(Network):
    """Enlarge ``[N, 3, H, W]`` to ``[N, 3, scale * H, scale * W]``, both in [-1, 1]; any H and W.

    The paper has three layers and no skips. Here pairs of 3x3 convolutions of ``channels`` maps, ``layers`` in all,
    are residual blocks, and the output is a residual over bicubic interpolation. ``radius`` is the receptive field: how
    many input pixels to each side a result depends on.
    """

    def __init__(self, scale: int = 4, channels: int = 32, layers: int = 4):
        super().__init__()
        self.scale, self.radius = scale, layers + 2
        self.first = nn.Sequential(nn.Conv2d(3, channels, 3, padding=1), nn.ReLU())
        self.pairs = Modules(
            nn.Sequential(
                nn.Conv2d(channels, channels, 3, padding=1),
                nn.ReLU(),
                nn.Conv2d(channels, channels, 3, padding=1),
                nn.ReLU(),
            )
            for _ in range(layers // 2)
        )
        self.out = Shuffle(channels, scale)

    def forward(self, x: Tensor) -> Tensor:
        features = self.first(x)
        for pair in self.pairs:
            features = features + pair(features)
        return self.out(features, x)
