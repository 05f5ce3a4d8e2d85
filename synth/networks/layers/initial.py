"""Initialise layers."""

from torch import nn


def zero(layer: nn.Module) -> None:
    """Set all parameters of a layer to zero, so that it contributes nothing when training starts."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)


def zero_bias(layer: nn.Module) -> None:
    """Set the bias of a layer, if it has one, to zero; layers inside it are left alone."""
    for name, parameter in layer.named_parameters(recurse=False):
        if name == "bias":
            nn.init.zeros_(parameter)
