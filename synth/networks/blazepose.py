"""Two-stage belief maps on the trunk and feature pyramid of BlazePose (Bazarevsky et al. 2020, fig. 4).

BlazePose trains heat maps only to supervise its trunk and drops them at inference; here they are the first stage, and
its coordinate regression is left out. The second stage sees the features and the first belief maps, through large
kernels (Wei et al. 2016, sec. 3.2.2), and predicts a correction that is zero at first. Packaged weights fill everything
but the second stage.
"""

from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.belief import BeliefNetwork, head, separable
from synth.networks.layers.initial import zero
from synth.networks.layers.modules import Modules
from synth.networks.trunks import packaged as packages
from synth.networks.trunks import tensorflow_lite
from synth.networks.trunks.lite import Bottleneck
from synth.networks.trunks.trunk import Trunk

PACKAGE, FILE = "mediapipe", "modules/pose_landmark/pose_landmark_full.tflite"
STEM, PYRAMID = 24, 48
# Expansion, channels and kernel of every bottleneck, grouped by output stride: 2, 4, 8, 16, 32. The first bottleneck of
# each stage but the one at stride 2 halves the resolution.
STAGES = (
    ((1, 16, 3),),
    ((4, 24, 3), (6, 24, 3)),
    ((6, 32, 5), (6, 32, 5)),
    ((6, 64, 3), (6, 64, 3), (6, 64, 3), (6, 88, 5), (6, 88, 5), (6, 88, 5)),
    ((6, 144, 5), (6, 144, 5), (6, 144, 5), (6, 144, 5)),
)
WIDEN = 6  # expansion of the map at stride 32 before it enters the pyramid
LANDMARKS = (0, 2, 5, 7, 8, 11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28)
"""Indices of BlazePose's heat maps for COCO's joints, in COCO's order."""


class BlazePoseTrunk(Trunk):
    """Extract features ``[N, 48, H/4, W/4]`` and logits ``[N, 17, H/4, W/4]`` from images ``[N, 3, H, W]`` in [-1, 1].

    H and W are multiples of 32. ``width`` scales all channels; packaged weights exist for 1.
    """

    package, extra = PACKAGE, "mediapipe"

    def __init__(self, joints: int = len(LANDMARKS), width: float = 1.0):
        super().__init__()
        self.packaged = width == 1 and joints == len(LANDMARKS)

        def scaled(channels: int) -> int:
            return max(4, round(channels * width))

        self.width = scaled(PYRAMID)
        self.stem = nn.Sequential(nn.Conv2d(3, scaled(STEM), 3, 2, 1), nn.ReLU6(inplace=True))
        stages: list[nn.Sequential] = []
        self.channels, last = [], scaled(STEM)
        for number, stage in enumerate(STAGES):
            sizes = [last, *(scaled(channels) for _, channels, _ in stage)]
            blocks = [
                Bottleneck(a, b, kernel, 2 if number and not place else 1, expand)
                for place, ((a, b), (expand, _, kernel)) in enumerate(zip(pairwise(sizes), stage, strict=True))
            ]
            stages.append(nn.Sequential(*blocks))
            last = sizes[-1]
            self.channels.append(last)
        self.stages = Modules(stages)
        wide = last * WIDEN
        self.top = nn.Sequential(
            nn.Conv2d(last, wide, 1),
            nn.ReLU6(inplace=True),
            nn.Conv2d(wide, wide, 3, 1, 1, groups=wide),
            nn.ReLU6(inplace=True),
        )
        self.sides = Modules(side(inputs, self.width) for inputs in (*self.channels[1:-1], wide))
        self.first = head(self.width, joints)
        for conv in (module for module in self.modules() if isinstance(module, nn.Conv2d) and module is not self.first):
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x, maps = self.stages[0](self.stem(x)), []
        for stage in list(self.stages)[1:]:
            x = stage(x)
            maps.append(x)
        maps[-1] = self.top(x)
        sides = [side(x) for side, x in zip(self.sides, maps, strict=True)]  # strides 4, 8, 16, 32
        features = sides.pop()
        while sides:
            features = double(features) + sides.pop()
        return features, self.first(features)

    def convolutions(self) -> list[nn.Conv2d]:
        """Return all convolutions but the one to the logits, in the order of the packaged file."""
        order: list[nn.Module] = [self.stem, self.stages[0]]
        for number, stage in enumerate(self.stages[1:]):
            first, *blocks = stage
            assert isinstance(first, Bottleneck)
            widen, rest = first.body[:2], first.body[2:]
            order += [widen, *([self.sides[number - 1]] if number else []), rest, *blocks]
        order += [self.top, self.sides[-1]]
        return [layer for module in order for layer in module.modules() if isinstance(layer, nn.Conv2d)]


class BlazeBelief(BeliefNetwork):
    """Predict two stages of belief-map logits ``[N, joints, H/4, W/4]`` from images ``[N, 3, H, W]`` in [-1, 1].

    H and W are multiples of 32. ``width`` scales the trunk; ``middle`` and ``fine`` are the channels of the second
    stage at strides 8 and 4. If ``frozen`` > 0, the stem and that many of the trunk's five stages are not trained.
    """

    multiple = 32
    strides = (4, 4)

    def __init__(self, joints: int = 17, width: float = 1.0, middle: int = 96, fine: int = 64, frozen: int = 0):
        super().__init__()
        self.trunk = BlazePoseTrunk(joints, width)
        for module in (self.trunk.stem, *self.trunk.stages[:frozen]) if frozen else ():
            module.requires_grad_(False)
        channels = self.trunk.width
        self.refine = nn.Sequential(separable(channels + joints, middle, 7), separable(middle, middle, 7))
        self.narrow = nn.Conv2d(middle, channels, 1)
        self.fine = separable(channels, fine, 5)
        self.correction = nn.Conv2d(fine, joints, 1)
        zero(self.correction)

    def forward(self, x: Tensor) -> list[Tensor]:
        x, first = self.trunk(x)
        seen = F.avg_pool2d(torch.cat((x, first.sigmoid()), 1), 2)  # [N, channels + joints, H/8, W/8]
        x = x + double(self.narrow(self.refine(seen)))  # [N, channels, H/4, W/4]
        return [first, first + self.correction(self.fine(x))]


def side(inputs: int, outputs: int) -> nn.Sequential:
    """Return the lateral connection from a trunk map into the pyramid: depthwise and pointwise convolution, ReLU6."""
    each = nn.Conv2d(inputs, inputs, 3, 1, 1, groups=inputs)
    return nn.Sequential(each, nn.ReLU6(inplace=True), nn.Conv2d(inputs, outputs, 1), nn.ReLU6(inplace=True))


def double(x: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` upsampled to ``[N, C, 2H, 2W]``, bilinear."""
    return F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)


def packaged() -> Path | None:
    """Return the path of the packaged weights, or None if the package is not installed."""
    return packages.find(PACKAGE, FILE)


@torch.no_grad()
def load(trunk: BlazePoseTrunk, path: Path) -> None:
    """Load BlazePose's weights into a trunk. Raises ``ValueError`` if the file holds another network."""
    # The file also has the branch that segments the person: two convolutions at stride 2 and ten after the pyramid.
    stored = list(tensorflow_lite.convolutions(path))
    kept = [*stored[:4], *stored[6:57]]
    convs = trunk.convolutions()
    logits = next((pair for pair in stored[57:] if pair[0].shape[:2] == (39, PYRAMID)), None)
    if logits is None or [w.shape for w, _ in kept] != [conv.weight.shape for conv in convs]:
        raise ValueError(f"{path} does not hold the weights of BlazePose. Reinstall the package {PACKAGE}-numpy2.")
    for conv, (weight, bias) in zip(convs, kept, strict=True):
        conv.weight.copy_(weight)
        assert conv.bias is not None
        conv.bias.copy_(bias)
    chosen = list(LANDMARKS)
    trunk.first.weight.copy_(logits[0][chosen])
    assert trunk.first.bias is not None
    trunk.first.bias.copy_(logits[1][chosen])
    stem = convs[0]
    assert stem.bias is not None
    stem.bias.add_(stem.weight.sum((1, 2, 3)) / 2)  # the packaged weights expect pixels in 0..1, this network [-1, 1]
    stem.weight.mul_(0.5)
