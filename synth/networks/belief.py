"""Belief maps of a body's joints in two stages (Wei et al. 2016), on a packaged ImageNet trunk.

As in the paper (sec. 3.2), a later stage sees the beliefs of the one before beside the picture's features, through
large kernels, and each stage is supervised. Its network is replaced by one for two CPU cores: the trunk down to
stride 32, so that every cell sees the whole body, and on the way back up one depthwise and one pointwise convolution
at a time. The first stage speaks at stride 8, the second at stride 4.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.networks.layers.pixels import from_pixels
from synth.networks.trunks.lite import Lite0
from synth.pixels.body.peaks import FLOOR

STRIDES = (8, 4)
"""How many pixels wide a cell of each stage's maps is."""
EMPTY = -4.0  # the logit heads begin with: nearly all of a map is empty


class Belief(nn.Module):
    """Pictures ``[N, 3, H, W]`` in [-1, 1] to stages of logits ``[N, joints, H/8, W/8]`` and ``[N, joints, H/4, W/4]``.

    H and W are multiples of 32. ``width`` scales the trunk; ``middle`` and ``fine`` are the channels at strides 8 and
    4. The first ``frozen`` of the trunk's four stages are not trained.
    """

    def __init__(self, joints: int = 17, width: float = 1.0, middle: int = 96, fine: int = 64, frozen: int = 1):
        super().__init__()
        self.multiple, self.strides = 32, STRIDES
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


class Joints(nn.Module):
    """Wraps a frozen network of belief maps: uint8 RGB ``[N, H, W, 3]`` to joints and to the last stage's beliefs.

    Joints are float32 ``[N, K, 3]``: x, y in pixels, score. Beliefs are float32 ``[N, K, h, w]`` in 0..1. Of
    ``classes`` the last is the background, and each cell shares its belief among them.
    """

    def __init__(self, body: nn.Module, classes: bool = False):
        super().__init__()
        self.body, self.classes = body, classes

    def forward(self, *images: Tensor) -> tuple[Tensor, Tensor]:
        (image,) = images
        logits = self.body(from_pixels(image))[-1]
        stride: int = self.body.strides[-1]  # type: ignore[index, assignment]
        if self.classes:
            belief = logits.softmax(1)[:, :-1]
            return find(belief, stride), belief
        belief = logits.sigmoid()
        return find(belief, stride, logits), belief


def find(belief: Tensor, stride: int, order: Tensor | None = None) -> Tensor:
    """Do to ``[N, K, h, w]`` what ``synth.pixels.body.peaks.find`` does to each ``[K, h, w]``: joints ``[N, K, 3]``.

    ``order`` are the logits of the beliefs: which of two tiny beliefs is higher they tell more exactly.
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
    each = nn.Conv2d(inputs, inputs, kernel, 1, kernel // 2, groups=inputs, bias=False)
    return nn.Sequential(each, nn.Conv2d(inputs, outputs, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU())


def head(inputs: int, joints: int) -> nn.Conv2d:
    head = nn.Conv2d(inputs, joints, 1)
    nn.init.normal_(head.weight, 0, 0.01)
    nn.init.constant_(head.bias, EMPTY)  # type: ignore[arg-type]
    return head


def double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
