"""Contrastive unpaired translation, CUT (Park et al. 2020): one generator for one direction, without a cycle."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from synth.data.sets.unpaired import Unpaired
from synth.losses import adversarial
from synth.losses.contrastive import ProjectionHeads, patch_nce, places
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.network import FeatureNetwork, Network
from synth.networks.patchgan import PatchGAN
from synth.networks.resnet import ResNet


class GeneratorWithHeads(FeatureNetwork):
    """Generator and the projection heads that compare its features; one optimizer updates both."""

    def __init__(self, generator: Spec[FeatureNetwork]):
        super().__init__()
        self.generator = generator()
        self.multiple = self.generator.multiple
        with torch.no_grad():
            maps = self.features(torch.zeros(1, 3, 2 * self.multiple, 2 * self.multiple))
        self.heads = ProjectionHeads([features.shape[1] for features in maps])

    def compile(self, *args: Any, **kwargs: Any) -> None:
        """Compile the generator; this module has no ``forward`` of its own."""
        self.generator.compile(*args, **kwargs)

    def features(self, x: Tensor) -> list[Tensor]:
        """Return the feature maps of the generator's encoder."""
        return self.generator.features(x)


@dataclass(frozen=True, kw_only=True)
class CUT(Method):
    """Adversarial loss and PatchNCE between input and output (eq. 5).

    ``nce`` is the weight of PatchNCE. With ``identity``, it is also applied to images of the target domain and their
    translations. The paper's FastCUT is ``nce=10, identity=False``. ``patches`` positions are compared in each feature
    map.
    """

    data: Unpaired
    generator: Spec[FeatureNetwork] = field(default_factory=lambda: Spec(ResNet))
    discriminator: Spec[Network] = field(default_factory=lambda: Spec(PatchGAN, norm="instance"))
    nce: float = 1.0
    identity: bool = True
    patches: int = 256
    statistics: Statistics = "batch"

    @property
    def side(self) -> int:
        return self.data.side

    def networks(self) -> Networks:
        nets: Networks = {"G": GeneratorWithHeads(self.generator), "D": self.discriminator(inputs=3)}
        for net in nets.values():
            net.apply(initialise)
        return nets

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, D, x, y = nets["G"], nets["D"], batch["x"], batch["y"]
        assert isinstance(G, GeneratorWithHeads)
        real, fake = adversarial.terms("least_squares")
        y_hat = G.generator(x)
        yield "D", {"real": real(D(y)) / 2, "fake": fake(D(y_hat.detach())) / 2}
        terms = {"gan": real(D(y_hat)), "nce": self.nce * self._contrast(G, x, y_hat)}
        if self.identity:  # both PatchNCE terms are halved, as in the paper's code
            terms["nce"] = terms["nce"] / 2
            terms["nce identity"] = self.nce * self._contrast(G, y, G.generator(y)) / 2
        yield "G", terms

    def _contrast(self, G: GeneratorWithHeads, source: Tensor, made: Tensor) -> Tensor:
        before, after = G.features(source), G.features(made)
        where = places(before, self.patches)
        return patch_nce(G.heads(after, where), G.heads(before, where))

    def part(self, network: Network) -> Network:
        assert isinstance(network, GeneratorWithHeads)
        return network.generator

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of input, translation, and an unrelated image of the target domain."""
        with torch.no_grad():
            y_hat = torch.cat([self.part(network)(one[None]) for one in sample["x"]])
        return grid(sample["x"], y_hat, sample["y"])
