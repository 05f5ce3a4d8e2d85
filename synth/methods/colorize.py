"""Colorization (Zhang, Isola, Efros 2016), with a person's hints (Zhang et al. 2017), and what it is compared with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.data.sets.colors import Colors
from synth.losses import adversarial
from synth.losses.colors import cross_entropy, rebalancing
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.colornet import SPAN, STRIDE, ColorNet, annealed_mean
from synth.networks.colornet import Colored as Speaking
from synth.networks.layers.lab import from_lab, to_lab
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.patchgan import PatchGAN
from synth.networks.trunks import pretrained
from synth.pixels import color
from synth.pixels.color import TEMPERATURE

Loss = Literal["l2", "class", "rebalanced", "l1_cgan"]


@dataclass(frozen=True, kw_only=True)
class Colorize(Method):
    """``loss``: ``l2`` regression of ab, ``class`` ification into 313 bins, ``rebalanced`` the same with rare colours
    weighed up, or ``l1_cgan``, the regression of pix2pix with D at the scale of the colours.

    A share ``hinted`` of the examples has hints in training. ``work`` is the side in pixels at which the graph looks.
    """

    data: Colors
    network: Spec = field(default_factory=lambda: Spec(ColorNet))
    discriminator: Spec = field(default_factory=lambda: Spec(PatchGAN, channels=32, depth=2))
    loss: Loss = "rebalanced"
    l1: float = 100.0
    hinted: float = 0.5
    work: int = 256
    statistics: Statistics = "running"

    @property
    def classes(self) -> bool:
        """Whether colours are classes, and not numbers."""
        return self.loss in ("class", "rebalanced")

    def networks(self) -> Networks:
        network = self.network(outputs=color.BINS if self.classes else 2)
        assert isinstance(network, ColorNet)
        pretrained.load(network.trunk)
        return {"G": network} | ({"D": self._judge()} if self.loss == "l1_cgan" else {})

    def _judge(self) -> nn.Module:
        return self.discriminator(inputs=3).apply(initialise)

    def prepare(self, network: nn.Module, facts: dict[str, Any]) -> None:
        if self.loss == "rebalanced":
            assert isinstance(network, ColorNet)
            network.weights.copy_(rebalancing(facts["colors"]))

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, lab = nets["G"], to_lab(batch["y"].float())
        light, ab = lab[:, :1], lab[:, 1:]
        target = F.avg_pool2d(ab, STRIDE)  # [B, 2, H/4, W/4]
        found = G(light, hints(ab, self.hinted))
        if self.classes:
            yield "G", {self.loss: cross_entropy(found, target, G.weights)}  # type: ignore[arg-type]
        elif self.loss == "l2":
            yield "G", {"l2": 100 * (found - target / SPAN).square().sum(1).mean()}
        else:
            real, fake = adversarial.terms("vanilla")
            D, seen = nets["D"], F.avg_pool2d(light, STRIDE) / 50 - 1
            y, y_hat = (torch.cat((seen, colors), 1) for colors in (target / SPAN, found))
            yield "D", {"real": real(D(y)) / 2, "fake": fake(D(y_hat.detach())) / 2}
            yield "G", {"gan": real(D(y_hat)), "l1": self.l1 * (y_hat - y).abs().mean()}

    def graph(self, network: nn.Module) -> nn.Module:
        return Speaking(network, self.work, self.classes)

    def pictures(self, network: nn.Module, sample: Terms) -> np.ndarray:
        """Return one example a row: the luminance, the colours found without hints, the truth."""
        y = sample["y"]
        lab = to_lab(y)
        light, none = lab[:, :1], torch.zeros_like(lab)
        with torch.no_grad():
            found = torch.cat([network(light[i : i + 1], none[i : i + 1]) for i in range(len(y))])
        ab = annealed_mean(found, TEMPERATURE) if self.classes else found * SPAN
        ab = F.interpolate(ab, scale_factor=float(STRIDE), mode="bilinear", align_corners=False)
        gray = torch.cat((light, torch.zeros_like(ab)), 1)
        return grid(from_lab(gray), from_lab(torch.cat((light, ab), 1)), y)


def hints(ab: Tensor, share: float) -> Tensor:
    """Return random hints for colours ``[B, 2, H, W]``: planes a, b (over ``SPAN``) and 1 where there is one.

    As in Zhang et al. 2017, sec. 3.2.1: squares of 1 to 9 pixels, as many as a geometric distribution of mean 8 says,
    about the middle, each of its mean colour; of one picture in a hundred all is told. ``share`` of the pictures have
    any.
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
