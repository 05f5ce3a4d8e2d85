"""Space-to-depth and depth-to-space (Shi et al. 2016), built from operators with fast kernels in all runtimes.

ONNX Runtime's own `SpaceToDepth` and `DepthToSpace` copy value by value, on the CPU and in one thread.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLACK = -1.0


def depth_to_space(x: Tensor, scale: int) -> Tensor:
    """Return ``[N, C * scale**2, H, W]`` as ``[N, C, H * scale, W * scale]``, equal to ``F.pixel_shuffle``.

    Columns and rows are moved one after the other: each move is a plain matrix transpose.
    """
    x = x.unflatten(1, (-1, scale)).permute(0, 1, 3, 4, 2).flatten(3)  # [N, C * scale, H, W * scale]
    return x.unflatten(1, (-1, scale)).transpose(2, 3).flatten(2, 3)


class SpaceToDepthConv(nn.Module):
    """Merge ``F.pixel_unshuffle(x, scale)`` and the convolution after it into one strided convolution over ``x``.

    The arithmetic is the same, without rearranging the image. With ``given`` > 0, ``x`` has only its first ``given``
    channels, and the missing ones count as black (-1).
    """

    def __init__(self, conv: nn.Conv2d, scale: int, given: int = 0):
        super().__init__()
        assert (*conv.stride, *conv.dilation, conv.groups) == (1, 1, 1, 1, 1)
        assert isinstance(conv.padding, tuple)
        weight = F.pixel_shuffle(conv.weight.detach(), scale)  # [outputs, channels, height * scale, width * scale]
        given = given or weight.shape[1]
        self.scale, self.padding = scale, conv.padding[0] * scale
        self.strided = nn.Parameter(weight[:, :given].clone())
        self.unseen = nn.Parameter(weight[:, given:].clone()) if given < weight.shape[1] else None
        self.bias = nn.Parameter(conv.bias.detach().clone()) if conv.bias is not None else None

    def forward(self, x: Tensor) -> Tensor:
        y = F.conv2d(x, self.strided, self.bias, self.scale, self.padding)
        if self.unseen is None:
            return y
        # Constant for a given size, so a runtime computes it once. Not a bias: the zero padding makes borders differ.
        black = torch.full((1, self.unseen.shape[1], *x.shape[2:]), BLACK)
        return y + F.conv2d(black, self.unseen, None, self.scale, self.padding)


def restored(weights: dict[str, Tensor], scale: int) -> dict[str, Tensor]:
    """Return weights by name with those of ``SpaceToDepthConv`` turned back into the original convolutions."""
    found = {}
    for name, value in weights.items():
        before, _, last = name.rpartition(".")
        if last == "strided":
            whole = [value, weights[f"{before}.unseen"]] if f"{before}.unseen" in weights else [value]
            found[f"{before}.weight"] = F.pixel_unshuffle(torch.cat(whole, 1), scale)
        elif last != "unseen":
            found[name] = value
    return found
