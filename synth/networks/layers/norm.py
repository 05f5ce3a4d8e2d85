"""Normalisation layers, and the statistics that batch norm uses after training.

Isola et al. 2017, sec. 3.4, apply batch norm with the statistics of the test batch, which at their batch size of 1 is
instance norm with batch norm's scale and shift. Most other networks use the running statistics, which can be folded
into the preceding convolution and cost nothing. The two give different images, so a recipe
names one (``statistics``) and ``freeze`` builds exactly that; there is no default.
"""

import copy
from itertools import pairwise
from typing import Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.utils.fusion import fuse_conv_bn_eval

Norm = Literal["batch", "instance", "none"]
Statistics = Literal["batch", "running"]
M = TypeVar("M", bound=nn.Module)


def make(kind: Norm, channels: int) -> nn.Module:
    """Return the norm for ``channels`` maps; instance norm has no scale and shift, as in CycleGAN."""
    layers = {"batch": nn.BatchNorm2d, "instance": nn.InstanceNorm2d}
    return layers[kind](channels) if kind in layers else nn.Identity()


def needs_bias(kind: Norm) -> bool:
    """Return whether a convolution before this norm has a bias; batch norm would cancel it."""
    return kind != "batch"


def freeze(network: M, statistics: Statistics) -> M:
    """Return a copy of ``network`` for inference: dropout off, batch norm as ``statistics`` says.

    ``batch``: statistics of each image by itself, so that a result never depends on the rest of the batch.
    ``running``: running statistics, folded into the preceding convolution if there is one.
    """
    network = copy.deepcopy(network).eval()
    for module in list(network.modules()):
        if statistics == "running" and isinstance(module, nn.Sequential):
            _fold(module)
    for module in list(network.modules()):
        for name, child in module.named_children():
            if statistics == "batch" and isinstance(child, _BatchNorm):
                setattr(module, name, _per_picture(child))
    return network


class PerPicture(nn.InstanceNorm2d):
    """Instance norm that also accepts maps of a single pixel, as the smallest images give: it returns the shift."""

    def forward(self, input: Tensor) -> Tensor:
        return torch.instance_norm(input, self.weight, self.bias, None, None, True, 0.0, self.eps, False)


def _per_picture(norm: _BatchNorm) -> PerPicture:
    """Return an instance norm with the scale and shift of a batch norm."""
    layer = PerPicture(norm.num_features, norm.eps, affine=True).to(norm.weight.device, norm.weight.dtype)
    layer.load_state_dict({"weight": norm.weight, "bias": norm.bias})
    return layer.eval()


def _fold(block: nn.Sequential) -> None:
    """Fold every batch norm that directly follows a (transposed) convolution into it."""
    names = list(block._modules)
    for first, second in pairwise(names):
        conv, norm = block._modules[first], block._modules[second]
        if isinstance(norm, _BatchNorm) and isinstance(conv, (nn.Conv2d, nn.ConvTranspose2d)):
            transposed = isinstance(conv, nn.ConvTranspose2d)
            block._modules[first] = fuse_conv_bn_eval(conv, norm, transpose=transposed)
            block._modules[second] = nn.Identity()
