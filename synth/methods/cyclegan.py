"""Unpaired translation by cycle consistency (Zhu et al. 2017): two generators, two discriminators."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from synth.card import Card
from synth.data.sets.unpaired import Unpaired
from synth.losses import adversarial
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.layers.image_pool import ImagePool
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.patchgan import PatchGAN
from synth.networks.resnet import ResNet


class Both(nn.Module):
    """The two generators, updated together: ``there`` is the paper's G, from x to y, ``back`` its F."""

    def __init__(self, generator: Spec):
        super().__init__()
        self.there, self.back = generator(), generator()
        self.multiple = self.there.multiple

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile both: they are called one by one, never as a whole."""
        self.there.compile(*args, **kwargs)
        self.back.compile(*args, **kwargs)


@dataclass(frozen=True, kw_only=True)
class CycleGAN(Method):
    """The full objective (eq. 3) with least squares in place of the logarithm, and the identity loss (sec. 5.2).

    ``cycle`` is the paper's lambda, ``identity`` the share of it that pictures of the target have to come back
    unchanged, ``pool`` how many made pictures each discriminator is shown again. The identity loss is a third of the
    work: it is taken every ``lazy`` steps and then counts so many times (as Karras et al. 2020 do with
    regularisation). Both directions come out of one run: ``back_card`` is the card of the way back, and ``backwards``
    tells the two apart.
    """

    data: Unpaired
    back_card: Card = field(repr=False)
    generator: Spec = field(default_factory=lambda: Spec(ResNet))
    discriminator: Spec = field(default_factory=lambda: Spec(PatchGAN, norm="instance"))
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
        nets: Networks = {"G": Both(self.generator)}
        for name in ("D_y", "D_x"):
            nets[name] = ImagePool(self.discriminator(inputs=3), self.data.crop, self.pool)
        for net in nets.values():
            net.apply(initialise)
        return nets

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, x, y = nets["G"], batch["x"], batch["y"]
        assert isinstance(G, Both)
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

    def part(self, network: nn.Module) -> nn.Module:
        assert isinstance(network, Both)
        return network.back if self.backwards else network.there

    def pictures(self, network: nn.Module, sample: Terms) -> np.ndarray:
        """Return one example a row, as in the paper's figure 4: x, translated, reconstructed; y, the same."""
        assert isinstance(network, Both)
        with torch.no_grad():
            columns = [*_round(network.there, network.back, sample["x"])]
            columns += _round(network.back, network.there, sample["y"])
        return grid(*columns)


def _round(there: nn.Module, back: nn.Module, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return pictures, their translations and what comes back of those, each run by itself."""
    y_hat = torch.cat([there(one[None]) for one in x])
    return x, y_hat, torch.cat([back(one[None]) for one in y_hat])
