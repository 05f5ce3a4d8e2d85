"""Image-to-image translation with conditional adversarial networks (Isola et al. 2017)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn

from synth.data.sets.pairs import Pairs
from synth.losses import adversarial
from synth.losses.feature_matching import feature_matching
from synth.losses.gradients import gradients
from synth.methods.method import Method, Networks, Terms
from synth.networks.layers.initial import zero_bias
from synth.networks.layers.labels import FromLabels
from synth.networks.layers.spec import Spec
from synth.networks.network import FeatureNetwork, Network
from synth.networks.patchgan import PatchGAN
from synth.networks.unet import UNet


@dataclass(frozen=True, kw_only=True)
class Pix2Pix(Method):
    """Conditional GAN with a reconstruction loss; the ablations of sec. 4.2 to 4.4 are fields to ``replace``.

    ``gan`` is the adversarial loss. D sees the input too if ``conditional`` (eq. 1), else only the image (eq. 2).
    ``l1`` and ``l2`` are the weights of the reconstruction (eq. 3-4). Not in the paper, but useful in short trainings,
    are the weights ``feature_matching`` (Wang et al. 2018, eq. 4) and ``gradients`` (``synth.losses.gradients``).
    ``one_hot`` converts a label map, by the card's palette, to one-hot planes for G.
    """

    data: Pairs
    generator: Spec[Network] = field(default_factory=lambda: Spec(UNet))
    discriminator: Spec[FeatureNetwork] = field(default_factory=lambda: Spec(PatchGAN))
    gan: Literal["none", "vanilla", "least_squares"] = "vanilla"
    conditional: bool = True
    l1: float = 100.0
    l2: float = 0.0
    gradients: float = 0.0
    feature_matching: float = 0.0
    one_hot: bool = False

    def networks(self) -> Networks:
        palette = self.card.inputs[0].palette
        G = FromLabels(palette, self.generator(inputs=len(palette))) if self.one_hot else self.generator(inputs=3)
        nets: Networks = {"G": G}
        if self.gan != "none":
            nets["D"] = self.discriminator(inputs=6 if self.conditional else 3)
        for net in nets.values():
            net.apply(initialise)
        return nets

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        x, y = batch["x"], batch["y"]
        y_hat = nets["G"](x)
        if self.gan == "none":
            yield "G", self._reconstruction(y, y_hat)
            return
        real, fake = adversarial.terms(self.gan)
        D = nets["D"]
        # The paper halves D's objective so that it learns more slowly than G (sec. 3.3).
        yield "D", {"real": real(D(self._seen(x, y))) / 2, "fake": fake(D(self._seen(x, y_hat.detach()))) / 2}
        if not self.feature_matching:
            yield "G", {"gan": real(D(self._seen(x, y_hat))), **self._reconstruction(y, y_hat)}
            return
        assert isinstance(D, FeatureNetwork)
        with torch.no_grad():
            wanted = D.features(self._seen(x, y))
        found = D.features(self._seen(x, y_hat))
        features = self.feature_matching * feature_matching([found], [wanted])
        yield "G", {"gan": real(found[-1]), "features": features, **self._reconstruction(y, y_hat)}

    def _seen(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the input of D."""
        return torch.cat((x, y), 1) if self.conditional else y

    def _reconstruction(self, y: Tensor, y_hat: Tensor) -> Terms:
        terms = {}
        if self.l1:
            terms["l1"] = self.l1 * (y - y_hat).abs().mean()
        if self.l2:
            terms["l2"] = self.l2 * (y - y_hat).square().mean()
        if self.gradients:
            terms["gradients"] = self.gradients * gradients(y, y_hat)
        return terms


def initialise(module: nn.Module) -> None:
    """Initialise a layer as in appendix 6.2: weights from N(0, 0.02), norm scales from N(1, 0.02), biases 0."""
    if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d)):
        nn.init.normal_(module.weight, 0.0, 0.02)
    elif isinstance(module, nn.BatchNorm2d):
        nn.init.normal_(module.weight, 1.0, 0.02)
    zero_bias(module)
