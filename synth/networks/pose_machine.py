"""A small convolutional pose machine (Wei et al. 2016, fig. 2) with intermediate supervision of every stage.

The first stage sees image features only; each later one sees them and the belief maps of the stage before, through
kernels whose receptive field spans half of a body (sec. 3.2.2). All stages predict at stride 8. A packaged trunk takes
the place of the paper's first layers, and its 7x7 convolutions are depthwise separable.
"""

import torch
from torch import Tensor, nn

from synth.networks.belief import BeliefNetwork, double, head, separable
from synth.networks.layers.modules import Modules
from synth.networks.trunks.lite import Lite0

STRIDE = 8
"""Side in image pixels of one cell of the belief maps."""


class ConvolutionalPoseMachine(BeliefNetwork):
    """Predict ``stages`` belief maps, logits ``[N, joints, H/8, W/8]`` each, from images ``[N, 3, H, W]`` in [-1, 1].

    H and W are multiples of 32. ``width`` scales the trunk, whose first ``frozen`` stages are not trained; ``channels``
    are those of the features and of every stage.
    """

    multiple = 32

    def __init__(self, joints: int = 17, width: float = 1.0, channels: int = 96, stages: int = 3, frozen: int = 1):
        super().__init__()
        self.strides = (STRIDE,) * stages
        self.trunk = Lite0(width)
        self.trunk.stages[:frozen].requires_grad_(False)
        _, at8, at16, _ = self.trunk.channels
        self.from8, self.from16 = nn.Conv2d(at8, channels, 1), nn.Conv2d(at16, channels, 1)
        self.features = separable(channels, channels, 3)
        self.refine = Modules(
            nn.Sequential(
                *(separable(inputs, channels, 7) for inputs in (channels + joints * later, channels, channels))
            )
            for later in (stage > 0 for stage in range(stages))
        )
        self.heads = Modules(head(channels, joints) for _ in range(stages))

    def forward(self, x: Tensor) -> list[Tensor]:
        _, x8, x16, _ = self.trunk(x)
        x = self.features(self.from8(x8) + double(self.from16(x16)))  # [N, channels, H/8, W/8]
        found: list[Tensor] = []
        for refine, last in zip(self.refine, self.heads, strict=True):
            seen = torch.cat((x, found[-1].sigmoid()), 1) if found else x
            found.append(last(refine(seen)))
        return found
