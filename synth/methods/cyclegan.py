"""CycleGAN, unpaired translation by cycle consistency (Zhu et al. 2017): two generators, two discriminators."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from synth.card import Card
from synth.data.sets.unpaired import Unpaired
from synth.losses import adversarial
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.layers.image_pool import ImagePool
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.network import FeatureNetwork, Network
from synth.networks.patchgan import PatchGAN
from synth.networks.resnet import ResNet


class GeneratorPair(Network):
    """The two generators, updated by one optimizer: ``there`` is the paper's G from x to y, ``back`` its F."""

    def __init__(self, generator: Spec[Network]):
        super().__init__()
        self.there, self.back = generator(), generator()
        self.multiple = self.there.multiple

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile both generators; this module has no ``forward`` of its own."""
        self.there.compile(*args, **kwargs)
        self.back.compile(*args, **kwargs)


@dataclass(frozen=True, kw_only=True)
class CycleGAN(Method):
    """Full objective (eq. 3) with least squares for the adversarial loss, and the identity loss (sec. 5.2).

    ``cycle`` is the weight of cycle consistency (the paper's lambda); ``identity`` is the weight of the identity loss
    relative to it; ``pool`` is the size of each discriminator's image pool. The identity loss takes a third of the
    time: with ``lazy`` > 1 it is computed every ``lazy`` steps only and weighted up accordingly, like the lazy
    regularisation of Karras et al. 2020. One run exports both directions: ``back_card`` is the card from y to x, and
    ``backwards`` marks the recipe of that direction.
    """

    data: Unpaired
    back_card: Card = field(repr=False)
    generator: Spec[FeatureNetwork] = field(default_factory=lambda: Spec(ResNet))
    discriminator: Spec[Network] = field(default_factory=lambda: Spec(PatchGAN, norm="instance"))
    cycle: float = 10.0
    identity: float = 0.5
    lazy: int = 1
    pool: int = 50
    backwards: bool = False
    statistics: Statistics = "batch"

    @property
    def side(self) -> int:
        return self.data.side

    def networks(self) -> Networks:
        nets: Networks = {"G": GeneratorPair(self.generator)}
        for name in ("D_y", "D_x"):
            nets[name] = ImagePool(self.discriminator(inputs=3), self.data.crop, self.pool)
        for net in nets.values():
            net.apply(initialise)
        return nets

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, x, y = nets["G"], batch["x"], batch["y"]
        assert isinstance(G, GeneratorPair)
        real, fake = adversarial.terms("least_squares")
        made_y, made_x = G.there(x), G.back(y)
        again_x, again_y = G.back(made_y), G.there(made_x)
        terms = {
            "gan there": real(nets["D_y"](made_y)),
            "gan back": real(nets["D_x"](made_x)),
            "cycle": self.cycle * ((again_x - x).abs().mean() + (again_y - y).abs().mean()),
        }
        if self.identity and step % self.lazy == 0:
            same = (G.there(y) - y).abs().mean() + (G.back(x) - x).abs().mean()
            terms["identity"] = self.lazy * self.cycle * self.identity * same
        yield "G", terms
        for name, truth, made in (("D_y", y, made_y), ("D_x", x, made_x)):
            D = nets[name]
            assert isinstance(D, ImagePool)
            yield name, {"real": real(D(truth)) / 2, "fake": fake(D(D.mixed(made))) / 2}

    def graphs(self) -> tuple[Self, ...]:
        return self, replace(self, card=self.back_card, data=self.data.swapped(), backwards=True)

    def part(self, network: Network) -> Network:
        assert isinstance(network, GeneratorPair)
        return network.back if self.backwards else network.there

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of x, its translation and reconstruction, y, its translation and reconstruction (fig. 4)."""
        assert isinstance(network, GeneratorPair)
        with torch.no_grad():
            columns = [*_round(network.there, network.back, sample["x"])]
            columns += _round(network.back, network.there, sample["y"])
        return grid(*columns)


def _round(there: Network, back: Network, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return images, translations and reconstructions, computed one image at a time."""
    y_hat = torch.cat([there(one[None]) for one in x])
    return x, y_hat, torch.cat([back(one[None]) for one in y_hat])
