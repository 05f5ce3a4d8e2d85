"""Contrastive unpaired translation (Park et al. 2020): one generator, one direction, no way back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from synth.data.sets.unpaired import Unpaired
from synth.losses import adversarial
from synth.losses.contrastive import Heads, patch_nce, places
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.patchgan import PatchGAN
from synth.networks.resnet import ResNet


class Contrast(nn.Module):
    """A generator and the heads that compare its features; they are updated together."""

    def __init__(self, generator: Spec):
        super().__init__()
        self.generator = generator()
        self.multiple = int(self.generator.multiple)  # type: ignore[arg-type]
        with torch.no_grad():
            maps = self.features(torch.zeros(1, 3, 2 * self.multiple, 2 * self.multiple))
        self.heads = Heads([features.shape[1] for features in maps])

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile the generator, whose parts are called one by one."""
        self.generator.compile(*args, **kwargs)

    def features(self, x: Tensor) -> list[Tensor]:
        return self.generator.features(x)  # type: ignore[operator]


@dataclass(frozen=True, kw_only=True)
class CUT(Method):
    """Eq. 5: the adversarial loss, ``nce`` times PatchNCE between input and result and, with ``identity``, between a
    picture of the target and what becomes of it.

    The paper's FastCUT is ``nce=10, identity=False``. ``patches`` are compared in each map.
    """

    data: Unpaired
    generator: Spec = field(default_factory=lambda: Spec(ResNet))
    discriminator: Spec = field(default_factory=lambda: Spec(PatchGAN, norm="instance"))
    nce: float = 1.0
    identity: bool = True
    patches: int = 256
    statistics: Statistics = "batch"

    @property
    def side(self) -> int:
        return self.data.side

    def networks(self) -> Networks:
        nets: Networks = {"G": Contrast(self.generator), "D": self.discriminator(inputs=3)}
        for net in nets.values():
            net.apply(initialise)
        return nets

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, D, x, y = nets["G"], nets["D"], batch["x"], batch["y"]
        assert isinstance(G, Contrast)
        real, fake = adversarial.terms("least_squares")
        y_hat = G.generator(x)
        yield "D", {"real": real(D(y)) / 2, "fake": fake(D(y_hat.detach())) / 2}
        terms = {"gan": real(D(y_hat)), "nce": self.nce * self._contrast(G, x, y_hat)}
        if self.identity:  # the two contrasts are halved together, as in the paper's code
            terms["nce"] = terms["nce"] / 2
            terms["nce identity"] = self.nce * self._contrast(G, y, G.generator(y)) / 2
        yield "G", terms

    def _contrast(self, G: Contrast, source: Tensor, made: Tensor) -> Tensor:
        before, after = G.features(source), G.features(made)
        where = places(before, self.patches)
        return patch_nce(G.heads(after, where), G.heads(before, where))

    def part(self, network: nn.Module) -> nn.Module:
        assert isinstance(network, Contrast)
        return network.generator

    def pictures(self, network: nn.Module, sample: Terms) -> np.ndarray:
        """Return one example a row: the input, its translation, and some picture of the target."""
        with torch.no_grad():
            y_hat = torch.cat([self.part(network)(one[None]) for one in sample["x"]])
        return grid(sample["x"], y_hat, sample["y"])
