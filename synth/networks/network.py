"""Base classes of networks: the input sizes that a network accepts, its inner features, and wrappers."""

from typing import Generic, TypeVar

from torch import Tensor, nn


class Network(nn.Module):
    """Base class of all networks that methods train and the exporter writes.

    The class attributes are facts that training and export read. Their defaults suit a network that takes any height
    and width; a subclass sets what differs, as a class attribute or in ``__init__``.
    """

    multiple: int = 1
    """Pixels; height and width of an input must be multiples of it. Training checks ``--size`` against it; the exporter
    writes it into the card, by which the app pads images, and into the input shape of the graph."""

    side: int = 0
    """Pixels; the only height and width that the network takes, or 0 if it takes any multiple. The exporter declares
    a fixed input shape and checks the graph at this size alone."""

    least: int = 1
    """Smallest height and width of an input, in units of ``multiple``. The exporter's lower bound of dynamic sizes."""

    def slim(self) -> None:
        """Replace operators by equivalent ones that run faster in ONNX Runtime; by default, replace nothing.

        The exporter calls it once on every module of a frozen copy, outer modules first. The module cannot be trained
        afterwards.
        """


class FeatureNetwork(Network):
    """Base class of networks whose inner feature maps a loss compares (PatchNCE, feature matching)."""

    def features(self, x: Tensor) -> list[Tensor]:
        """Return feature maps ``[N, C, h, w]`` of ``x``, in the order in which they are computed."""
        raise NotImplementedError


Body = TypeVar("Body", bound=Network)


class Wrapper(Network, Generic[Body]):
    """Base class of modules around a network, ``body``, that convert its inputs and outputs, usually to uint8 pixels.

    It takes the same sizes as its body unless it says otherwise.
    """

    body: Body

    def __init__(self, body: Body):
        super().__init__()
        self.body = body
        self.multiple, self.side, self.least = body.multiple, body.side, body.least
