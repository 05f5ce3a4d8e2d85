"""Colorization (Zhang, Isola, Efros 2016) with user hints (Zhang et al. 2017), and the losses of the comparison."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from synth.data.sets.colors import Colors
from synth.losses import adversarial
from synth.losses.colors import cross_entropy, log_weights
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.colornet import SPAN, STRIDE, Colored, ColorNet, annealed_mean, balanced
from synth.networks.layers.lab import from_lab, to_lab
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.network import Network
from synth.networks.patchgan import PatchGAN
from synth.networks.trunks import pretrained
from synth.pixels import color
from synth.pixels.color import TEMPERATURE, VIVIDNESS

Loss = Literal["l2", "class", "rebalanced", "l1_cgan"]


@dataclass(frozen=True, kw_only=True)
class Colorize(Method):
    """Predict ab from L and hints, by classification or regression.

    ``loss`` is ``class``, classification into 313 bins (eq. 2); ``rebalanced``, the same with rare colours weighted up
    (eq. 4); ``l2``, regression of ab (eq. 1); or ``l1_cgan``, pix2pix's loss with D at the resolution of the predicted
    colours. The share ``hinted`` of the training examples has hints. ``work`` is the side in pixels at which the
    exported graph predicts colours.
    """

    data: Colors
    network: Spec[ColorNet] = field(default_factory=lambda: Spec(ColorNet))
    discriminator: Spec[Network] = field(default_factory=lambda: Spec(PatchGAN, channels=32, depth=2))
    loss: Loss = "rebalanced"
    l1: float = 100.0
    hinted: float = 0.5
    work: int = 256
    statistics: Statistics = "running"

    @property
    def classes(self) -> bool:
        """Whether the network classifies colours instead of regressing them."""
        return self.loss in ("class", "rebalanced")

    @property
    def weighted(self) -> bool:
        """Whether rare colours weigh more in the loss, which inference takes back in part."""
        return self.loss == "rebalanced"

    def networks(self) -> Networks:
        network = self.network(outputs=color.BINS if self.classes else 2, weighted=self.weighted)
        pretrained.load(network.trunk)
        nets: Networks = {"G": network}
        if self.loss == "l1_cgan":
            nets["D"] = self.discriminator(inputs=3).apply(initialise)
        return nets

    def prepare(self, network: Network, facts: dict[str, Any]) -> None:
        """Set the weights of the bins from the colours of the data set."""
        if self.weighted:
            assert isinstance(network, ColorNet)
            network.log_weights.copy_(log_weights(facts["colors"]))

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, lab = nets["G"], to_lab(batch["y"].float())
        assert isinstance(G, ColorNet)
        light, ab = lab[:, :1], lab[:, 1:]
        target = F.avg_pool2d(ab, STRIDE)  # [B, 2, H/4, W/4]
        found = G(light, hints(ab, self.hinted))
        if self.classes:
            yield "G", {self.loss: cross_entropy(found, target, G.log_weights.exp().flatten())}
        elif self.loss == "l2":
            yield "G", {"l2": 100 * (found - target / SPAN).square().sum(1).mean()}
        else:
            real, fake = adversarial.terms("vanilla")
            D, seen = nets["D"], F.avg_pool2d(light, STRIDE) / 50 - 1
            y, y_hat = (torch.cat((seen, colors), 1) for colors in (target / SPAN, found))
            yield "D", {"real": real(D(y)) / 2, "fake": fake(D(y_hat.detach())) / 2}
            yield "G", {"gan": real(D(y_hat)), "l1": self.l1 * (y_hat - y).abs().mean()}

    def graph(self, network: Network) -> Network:
        assert isinstance(network, ColorNet)
        return Colored(network, self.work, self.classes, self.weighted)

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of gray image, colours predicted without hints, true colours."""
        y = sample["y"]
        lab = to_lab(y)
        light, none = lab[:, :1], torch.zeros_like(lab)
        assert isinstance(network, ColorNet)
        with torch.no_grad():
            found = torch.cat([network(light[i : i + 1], none[i : i + 1]) for i in range(len(y))])
        if self.weighted:
            found = balanced(found, network.log_weights, VIVIDNESS)
        ab = annealed_mean(found, TEMPERATURE) if self.classes else found * SPAN
        ab = F.interpolate(ab, scale_factor=float(STRIDE), mode="bilinear", align_corners=False)
        gray = torch.cat((light, torch.zeros_like(ab)), 1)
        return grid(from_lab(gray), from_lab(torch.cat((light, ab), 1)), y)


def hints(ab: Tensor, share: float) -> Tensor:
    """Return random hints ``[B, 3, H, W]`` for colours ``[B, 2, H, W]``: a, b (divided by ``SPAN``) and a mask.

    As in Zhang et al. 2017, sec. 3.2.1: squares of 1 to 9 pixels, each of its mean colour, in a number drawn from a
    geometric distribution of mean 8 and at positions from a Gaussian around the centre. The share ``share`` of the
    images has hints; of these, one in a hundred gets all colours as hints.
    """
    planes = torch.zeros_like(torch.cat((ab, ab[:, :1]), 1))
    height, width = ab.shape[-2:]
    for plane, colors in zip(planes, ab, strict=True):
        chance = torch.rand(()).item()
        if chance < 0.01 * share:
            plane[:2], plane[2] = colors / SPAN, 1
        elif chance < share:
            count = int(torch.empty(()).geometric_(1 / 8).clamp(max=64).item())
            sides = torch.randint(1, 10, (count,)).tolist()
            places = (torch.randn(count, 2) / 4 + 0.5).clamp(0, 1).tolist()
            for side, (down, across) in zip(sides, places, strict=True):
                top, left = round(down * (height - side)), round(across * (width - side))
                square = (slice(top, top + side), slice(left, left + side))
                plane[(slice(0, 2), *square)] = colors[(slice(None), *square)].mean((1, 2), keepdim=True) / SPAN
                plane[(2, *square)] = 1
    return planes
