"""Base class of trunks with packaged weights."""

from typing import ClassVar

from torch import nn

from synth.networks.layers.modules import Modules
from synth.networks.network import Network


class Trunk(Network):
    """Base class of networks that turn an image into feature maps of several strides."""

    package: ClassVar[str]
    """The Python package that carries its weights."""
    extra: ClassVar[str] = "train"
    """The optional dependency group of this project that installs that package."""

    packaged: bool
    """Whether the package has weights for this network: only at the published width."""
    stages: "Modules[nn.Sequential]"
    """Its layers, grouped by the stride of their output."""
    channels: list[int]
    """Channels of the maps that the stages return."""
