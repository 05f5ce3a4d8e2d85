"""Cells of pixels to channels and back (Shi et al. 2016), by operators that runtimes have fast kernels for.

ONNX Runtime's own kernels for them copy value by value on the processor, in one thread.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

BLACK = -1.0


def shuffled(x: Tensor, scale: int) -> Tensor:
    """Return ``[N, C * scale**2, H, W]`` as ``[N, C, H * scale, W * scale]``, just as ``F.pixel_shuffle`` does.

    Columns first, then rows: each is the move of a single axis, which is a transpose of matrices.
    """
    x = x.unflatten(1, (-1, scale)).permute(0, 1, 3, 4, 2).flatten(3)  # [N, C * scale, H, W * scale]
    return x.unflatten(1, (-1, scale)).transpose(2, 3).flatten(2, 3)


class Strided(nn.Module):
    """A convolution over ``F.pixel_unshuffle(x, scale)``, as one convolution with strides over ``x`` itself.

    The same products, without the rearrangement of the picture. ``given`` > 0 are the channels that ``x`` really has:
    those that it lacks are black.
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
        # The same for every picture, so that a runtime works it out once. It is no bias: around a picture are zeros.
        black = torch.full((1, self.unseen.shape[1], *x.shape[2:]), BLACK)
        return y + F.conv2d(black, self.unseen, None, self.scale, self.padding)


def restored(weights: dict[str, Tensor], scale: int) -> dict[str, Tensor]:
    """Return the parameters of ``Strided``, by name, as those of the convolutions that they were made of."""
    found = {}
    for name, value in weights.items():
        before, _, last = name.rpartition(".")
        if last == "strided":
            whole = [value, weights[f"{before}.unseen"]] if f"{before}.unseen" in weights else [value]
            found[f"{before}.weight"] = F.pixel_unshuffle(torch.cat(whole, 1), scale)
        elif last != "unseen":
            found[name] = value
    return found
