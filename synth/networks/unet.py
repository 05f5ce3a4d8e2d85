"""U-Net generator (Isola et al. 2017, sec. 3.2.1 and appendix 6.1.1)."""

import torch
from torch import Tensor, nn

from synth.networks.layers import norm as norms
from synth.networks.layers.modules import Modules
from synth.networks.layers.norm import Norm
from synth.networks.layers.upsample import Upsample, double
from synth.networks.network import Network


class UNet(Network):
    """Encoder-decoder with skip connections: ``[N, inputs, H, W]`` to ``[N, outputs, H, W]`` in [-1, 1].

    H and W are multiples of ``2 ** levels``. ``skip=False`` is the paper's encoder-decoder without skips (fig. 4-5).
    64 channels and 8 levels have 54,414,531 parameters (3 in, 3 out, batch norm).
    """

    def __init__(
        self,
        inputs: int = 3,
        outputs: int = 3,
        channels: int = 64,
        levels: int = 8,
        skip: bool = True,
        dropout: float = 0.5,
        upsample: Upsample = "transposed",
        norm: Norm = "batch",
    ):
        super().__init__()
        self.skip, self.multiple = skip, 2**levels
        widths = [channels * min(2**level, 8) for level in range(levels)]  # 64 128 256 512 512 ...
        bias = norms.needs_bias(norm)
        self.down: Modules[nn.Sequential] = Modules()
        self.up: Modules[nn.Sequential] = Modules()
        for level, width in enumerate(widths):
            # No norm on the first level (paper), nor on the last, where it would turn a 1x1 map into zeros.
            plain = level in (0, levels - 1)
            conv = nn.Conv2d(widths[level - 1] if level else inputs, width, 4, 2, 1, bias=bias or plain)
            activation = nn.LeakyReLU(0.2) if level else nn.Identity()
            self.down.append(nn.Sequential(activation, conv, nn.Identity() if plain else norms.make(norm, width)))
        for level in reversed(range(levels)):
            incoming = widths[level] * (2 if skip and level < levels - 1 else 1)
            width = widths[level - 1] if level else outputs
            layers = [nn.ReLU(), *double(upsample, incoming, width, bias or level == 0)]
            if level:
                layers.append(norms.make(norm, width))
                # The three innermost levels of the decoder have dropout, the paper's only source of noise.
                layers.append(nn.Dropout(dropout) if level >= levels - 3 else nn.Identity())
            self.up.append(nn.Sequential(*layers))

    def forward(self, x: Tensor) -> Tensor:
        skips: list[Tensor] = []
        for down in self.down:
            x = down(x)
            skips.append(x)
        skips.pop()  # the innermost map is the input of the decoder, not a skip
        for up in self.up:
            x = up(x)
            if skips:
                skip = skips.pop()
                x = torch.cat((skip, x), 1) if self.skip else x
        return x.tanh()
