"""A convolutional pose machine (Wei et al. 2016, fig. 2), small: stages of one size, each taught by itself.

The first stage sees the picture's features alone; each later one sees them and the beliefs of the stage before, through
kernels that reach over half of a body (sec. 3.2.2). All stages speak at stride 8. What the paper computes by its own
first layers comes from the packaged trunk; 7x7 convolutions are depthwise, with a pointwise one behind each.
"""

import torch
from torch import Tensor, nn

from synth.networks.belief import double, head, separable
from synth.networks.trunks.lite import Lite0

STRIDE = 8


class Machine(nn.Module):
    """Pictures ``[N, 3, H, W]`` in [-1, 1] to ``stages`` times logits ``[N, joints, H/8, W/8]``.

    H and W are multiples of 32. ``width`` scales the trunk, whose first ``frozen`` stages are not trained; ``channels``
    are those of the features and of every stage.
    """

    def __init__(self, joints: int = 17, width: float = 1.0, channels: int = 96, stages: int = 3, frozen: int = 1):
        super().__init__()
        self.multiple, self.strides = 32, (STRIDE,) * stages
        self.trunk = Lite0(width)
        self.trunk.stages[:frozen].requires_grad_(False)
        _, at8, at16, _ = self.trunk.channels
        self.from8, self.from16 = nn.Conv2d(at8, channels, 1), nn.Conv2d(at16, channels, 1)
        self.features = separable(channels, channels, 3)
        self.refine = nn.ModuleList(
            nn.Sequential(
                *(separable(inputs, channels, 7) for inputs in (channels + joints * later, channels, channels))
            )
            for later in (stage > 0 for stage in range(stages))
        )
        self.heads = nn.ModuleList(head(channels, joints) for _ in range(stages))

    def forward(self, x: Tensor) -> list[Tensor]:
        _, x8, x16, _ = self.trunk(x)
        x = self.features(self.from8(x8) + double(self.from16(x16)))  # [N, channels, H/8, W/8]
        found: list[Tensor] = []
        for refine, last in zip(self.refine, self.heads, strict=True):
            seen = torch.cat((x, found[-1].sigmoid()), 1) if found else x
            found.append(last(refine(seen)))
        return found
