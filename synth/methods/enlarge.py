"""Super-resolution (Shi et al. 2016; Ledig et al. 2017; Johnson et al. 2016)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from synth.data.sets.photos import Photos
from synth.losses import adversarial, perceptual
from synth.methods.method import Method, Networks, Terms, grid
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.network import Network
from synth.networks.patchgan import PatchGAN
from synth.networks.srresnet import SRResNet
from synth.pixels import bicubic


@dataclass(frozen=True, kw_only=True)
class Enlarge(Method):
    """Enlarge images ``card.scale`` times, with a weighted sum of losses.

    The weights are ``l1`` and ``l2`` of pixels, ``perceptual`` of features (Johnson et al. 2016, eq. 2) and ``gan`` of
    a PatchGAN (Ledig et al. 2017, sec. 2.2.2) with the ``adversarial`` loss; a loss of weight 0 is not computed.
    Low-resolution images are made on the device: antialiased bicubic, rounded to integer grey levels. Only the share
    ``keep`` of each batch with the most texture is used, because bicubic already suffices for smooth images.
    """

    data: Photos
    generator: Spec[Network] = field(default_factory=lambda: Spec(SRResNet))
    discriminator: Spec[Network] = field(default_factory=lambda: Spec(PatchGAN, depth=2, norm="instance"))
    adversarial: Literal["vanilla", "least_squares"] = "vanilla"
    l1: float = 1.0
    l2: float = 0.0
    perceptual: float = 0.0
    gan: float = 0.0
    keep: float = 0.5
    statistics: Statistics = "running"

    def networks(self) -> Networks:
        if self.data.crop % self.card.scale:
            raise ValueError(f"To enlarge {self.card.scale} times, --size must be a multiple of {self.card.scale}.")
        nets: Networks = {"G": self.generator(scale=self.card.scale)}
        if self.gan:
            nets["D"] = self.discriminator(inputs=3)
        return nets

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        y = textured(batch["y"], self.keep)
        y_hat = nets["G"](shrink(y, self.card.scale))
        if not self.gan:
            yield "G", self._likeness(y, y_hat)
            return
        real, fake = adversarial.terms(self.adversarial)
        D = nets["D"]
        yield "D", {"real": real(D(y)) / 2, "fake": fake(D(y_hat.detach())) / 2}
        yield "G", {"gan": self.gan * real(D(y_hat)), **self._likeness(y, y_hat)}

    def _likeness(self, y: Tensor, y_hat: Tensor) -> Terms:
        """Return the reconstruction terms of G."""
        terms = {}
        if self.l1:
            terms["l1"] = self.l1 * (y - y_hat).abs().mean()
        if self.l2:
            terms["l2"] = self.l2 * (y - y_hat).square().mean()
        if self.perceptual:
            terms["perceptual"] = self.perceptual * perceptual.load(y.device)(y_hat, y)
        return terms

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of bicubic enlargement, output, true image."""
        y = sample["y"]
        x = shrink(y, self.card.scale)
        with torch.no_grad():
            y_hat = torch.cat([network(one[None]) for one in x])
        return grid(resized(x, y.shape[-1]), y_hat, y)


def textured(y: Tensor, keep: float) -> Tensor:
    """Return the share ``keep`` of the images ``[B, 3, H, W]`` with the strongest gradients, at least one image."""
    if keep >= 1:
        return y
    gray = y.mean(1)
    change = gray.diff(dim=1).abs().mean((1, 2)) + gray.diff(dim=2).abs().mean((1, 2))
    return y[change.topk(max(1, round(keep * len(y)))).indices]


def shrink(y: Tensor, scale: int) -> Tensor:
    """Return square ``[B, 3, H, H]`` in [-1, 1] at 1/``scale`` of the size, rounded to 8 bits as in an image file."""
    return resized(y, y.shape[-1] // scale)


def resized(y: Tensor, side: int) -> Tensor:
    """Return square ``[B, 3, H, H]`` in [-1, 1] resized to ``[B, 3, side, side]``, as ``bicubic.resize`` of pixels."""
    with torch.no_grad(), torch.autocast(y.device.type, enabled=False):
        weights = _matrix(y.shape[-1], side, y.device)
        pixels = (y.float() + 1) * 127.5
        rows = (weights @ pixels).round().clamp(0, 255)
        both = (rows @ weights.T).round().clamp(0, 255)
        return (both / 127.5 - 1).contiguous(memory_format=torch.channels_last)


@lru_cache(maxsize=8)
def _matrix(inputs: int, outputs: int, device: torch.device) -> Tensor:
    return torch.from_numpy(bicubic.matrix(inputs, outputs)).to(device)
