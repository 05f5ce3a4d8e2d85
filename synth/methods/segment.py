"""Semantic segmentation by fully convolutional networks (Shelhamer, Long & Darrell 2017)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from synth.card import Color
from synth.data.sets.pairs import Pairs
from synth.methods.method import Method, Networks, Terms, grid
from synth.networks.fcn import FCN, Labels
from synth.networks.layers.labels import OneHot
from synth.networks.layers.norm import Statistics
from synth.networks.layers.pixels import from_pixels, to_pixels
from synth.networks.layers.spec import Spec
from synth.networks.network import Network
from synth.networks.trunks import pretrained

IGNORED = -1
"""Class index of pixels that the loss ignores."""


@dataclass(frozen=True, kw_only=True)
class Segment(Method):
    """Cross-entropy between predicted classes of an image ``x`` and a colour-coded label map ``y`` (sec. 3.5).

    The classes are those of the card's ``palette``. ``colors`` are all colours of the data set's label maps; pixels of
    a colour outside the palette are ignored. ``balance`` 0 weights all pixels alike, as in the paper; 1 weights all
    classes of a batch alike. ``transfer`` says whether the trunk's packaged weights are kept (frozen), trained further
    (finetuned) or not used (scratch).
    """

    data: Pairs
    colors: tuple[Color, ...]
    network: Spec[FCN] = field(default_factory=lambda: Spec(FCN))
    balance: float = 0.0
    transfer: Literal["frozen", "finetuned", "scratch"] = "finetuned"
    statistics: Statistics = "running"

    def networks(self) -> Networks:
        network = self.network(classes=len(self.card.palette))
        if self.transfer != "scratch":
            pretrained.load(network.trunk)
        if self.transfer != "finetuned":
            network.trunk.requires_grad_(self.transfer == "scratch")
        return {"G": network}

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        scores = nets["G"](batch["x"])
        truth = classes(batch["y"], self.colors, self.card.palette)
        pixels = torch.stack([(truth == index).sum() for index in range(scores.shape[1])]).float()
        weight = pixels.clamp(1) ** -self.balance
        loss = F.cross_entropy(scores.float(), truth, weight, ignore_index=IGNORED, reduction="sum")
        yield "G", {"cross_entropy": loss / (pixels * weight).sum().clamp(1)}

    def graph(self, network: Network) -> Network:
        assert isinstance(network, FCN)
        return Labels(network, self.card.palette)

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of image, predicted label map, true label map."""
        labels = self.graph(network).to(sample["x"].device)
        with torch.no_grad():
            found = torch.cat([labels(image[None]) for image in to_pixels(sample["x"])])
        return grid(sample["x"], from_pixels(found), sample["y"])


def classes(y: Tensor, colors: tuple[Color, ...], palette: tuple[Color, ...]) -> Tensor:
    """Return the classes of label maps ``[N, 3, H, W]`` in [-1, 1] as indices into ``palette``, ``[N, H, W]``.

    A pixel counts as the nearest of ``colors``; it is ``IGNORED`` if that colour is not in ``palette``.
    """
    index = [palette.index(color) if color in palette else IGNORED for color in colors]
    return torch.tensor(index, device=y.device)[OneHot(colors).to(y.device).nearest(y)]
