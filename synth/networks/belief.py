"""Two-stage network of belief maps for body joints (Wei et al. 2016), on a packaged ImageNet trunk.

As in the paper (sec. 3.2), a later stage sees the image features and the belief maps of the previous stage, through
large kernels, and every stage is supervised. The network is made for two CPU cores: an EfficientNet-Lite0 trunk down
to stride 32, so that every cell sees the whole body, and depthwise separable convolutions on the way back up. The
first stage predicts at stride 8, the second at stride 4.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.pixels import from_pixels
from synth.networks.network import Network, Wrapper
from synth.networks.trunks.lite import Lite0
from synth.pixels.body.peaks import FLOOR

STRIDES = (8, 4)
"""Side in image pixels of one cell of each stage's maps."""
EMPTY = -4.0  # initial bias of the heads, a logit: most of a map is empty


class BeliefNetwork(Network):
    """Base class of networks that predict one stage of belief maps after another."""

    strides: tuple[int, ...]
    """Side in image pixels of one cell of the maps, for each stage."""


class Belief(BeliefNetwork):
    """Predict two stages of belief maps from images ``[N, 3, H, W]`` in [-1, 1]; H and W are multiples of 32.

    The outputs are logits ``[N, joints, H/8, W/8]`` and ``[N, joints, H/4, W/4]``. ``width`` scales the trunk;
    ``middle`` and ``fine`` are the channels at strides 8 and 4. The first ``frozen`` of the trunk's four stages are not
    trained.
    """

    multiple = 32
    strides = STRIDES

    def __init__(self, joints: int = 17, width: float = 1.0, middle: int = 96, fine: int = 64, frozen: int = 1):
        super().__init__()
        self.trunk = Lite0(width)
        self.trunk.stages[:frozen].requires_grad_(False)
        at4, at8, at16, at32 = self.trunk.channels
        self.from32, self.from16, self.from8 = (nn.Conv2d(c, middle, 1) for c in (at32, at16, at8))
        self.from4 = nn.Conv2d(at4, fine, 1)
        self.at16, self.at8 = separable(middle, middle, 5), separable(middle, middle, 5)
        self.first = head(middle, joints)
        self.refine = nn.Sequential(separable(middle + joints, middle, 7), separable(middle, middle, 7))
        self.narrow = nn.Conv2d(middle, fine, 1)
        self.at4 = separable(fine, fine, 5)
        self.second = head(fine, joints)

    def forward(self, x: Tensor) -> list[Tensor]:
        x4, x8, x16, x32 = self.trunk(x)
        x = self.at16(double(self.from32(x32)) + self.from16(x16))  # [N, middle, H/16, W/16]
        x = self.at8(double(x) + self.from8(x8))  # [N, middle, H/8, W/8]
        first = self.first(x)
        x = x + self.refine(torch.cat((x, first.sigmoid()), 1))
        x = self.at4(double(self.narrow(x)) + self.from4(x4))  # [N, fine, H/4, W/4]
        return [first, self.second(x)]


class Joints(Wrapper[BeliefNetwork]):
    """Decode joints from the last belief maps of a frozen network: uint8 RGB ``[N, H, W, 3]`` to joints and beliefs.

    Joints are float32 ``[N, K, 3]``: x, y in pixels and a score in 0..1. Beliefs are float32 ``[N, K, h, w]`` in 0..1.
    With ``classes``, each cell is a softmax over the joints and, as the last class, the background.
    """

    def __init__(self, body: BeliefNetwork, classes: bool = False):
        super().__init__(body)
        self.classes = classes

    def forward(self, *images: Tensor) -> tuple[Tensor, Tensor]:
        (image,) = images
        logits = self.body(from_pixels(image))[-1]
        stride = self.body.strides[-1]
        if self.classes:
            belief = logits.softmax(1)[:, :-1]
            return find(belief, stride), belief
        belief = logits.sigmoid()
        return find(belief, stride, logits), belief


def find(belief: Tensor, stride: int, order: Tensor | None = None) -> Tensor:
    """Return the joints ``[N, K, 3]`` at the peaks of belief maps ``[N, K, h, w]``: x, y in pixels, score in 0..1.

    The same as ``synth.pixels.body.peaks.find`` for each image. ``order``, the logits of the beliefs, ranks cells whose
    beliefs are too small to tell apart.
    """
    height, width = belief.shape[-2:]
    flat = belief.flatten(2)
    best = (flat if order is None else order.flatten(2)).argmax(-1)
    row = torch.div(best, width, rounding_mode="floor")
    column = best - row * width

    def log(step: int) -> Tensor:
        place = (best + step).clamp(0, height * width - 1)
        return flat.gather(-1, place[..., None])[..., 0].clamp(min=FLOOR).log()

    def offset(step: int, place: Tensor, length: int) -> Tensor:
        before, here, after = log(-step), log(0), log(step)
        bend = 2 * here - before - after
        top = torch.where(bend > 1e-6, (after - before) / (2 * bend.clamp(min=1e-6)), 0.0).clamp(-0.5, 0.5)
        return torch.where((place > 0) & (place < length - 1), top, 0.0)

    x = column + 0.5 + offset(1, column, width)
    y = row + 0.5 + offset(width, row, height)
    score = flat.gather(-1, best[..., None])[..., 0].clamp(0, 1)
    return torch.stack((x * stride, y * stride, score), -1)


def separable(inputs: int, outputs: int, kernel: int) -> nn.Sequential:
    """Return a depthwise and a pointwise convolution with batch norm and ReLU; height and width are kept."""
    each = nn.Conv2d(inputs, inputs, kernel, 1, kernel // 2, groups=inputs, bias=False)
    return nn.Sequential(each, nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def head(inputs: int, joints: int) -> nn.Conv2d:
    """Return the 1x1 convolution to the logits of a stage, initialised to nearly empty maps."""
    head = nn.Conv2d(inputs, joints, 1)
    nn.init.normal_(head.weight, 0, 0.01)
    assert head.bias is not None
    nn.init.constant_(head.bias, EMPTY)
    return head


def double(x: Tensor) -> Tensor:
    """Return ``[N, C, H, W]`` upsampled to ``[N, C, 2H, 2W]`` by nearest neighbour."""
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
