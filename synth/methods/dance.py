"""Everybody Dance Now (Chan et al. 2019): paint a character from a drawn skeleton, frame by frame."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from synth.card import Card
from synth.data.sets.frames import Frames
from synth.losses import adversarial, perceptual
from synth.losses.feature_matching import feature_matching
from synth.losses.gradients import gradients
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.layers.norm import Statistics
from synth.networks.layers.pixels import Pixels, from_pixels
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.multiscale import Multiscale
from synth.networks.network import Network
from synth.networks.painter import Layers, Painter, TemporalFilter, WithoutFeedback, head_window, take
from synth.networks.patchgan import PatchGAN

RESETS = 0.25
"""Share of the examples whose last image was itself painted after black, as at the start of a performance."""
Window = tuple[Tensor, Tensor]
"""One-hot rows and columns of the head, see ``head_window``."""
STILL = 4 / 127.5
"""Largest change of a true pixel, in units of [-1, 1], that counts as camera noise and not as motion."""


@dataclass(frozen=True, kw_only=True)
class Dance(Method):
    """Pose-to-image translation in which every part of the paper is a field.

    In the paper:

    - ``temporal``: G is conditioned on its last output, and D judges two consecutive images (sec. 4.2).
    - ``head`` > 0: a face network corrects a crop of that many pixels, with a discriminator of its own (sec. 4.4).
    - ``scales``: number of discriminators (sec. 4.5); ``gan``: their loss, or none for reconstruction only.
    - ``feature_matching``, ``perceptual``: weights of D's features and of VGG16's features.

    Not in the paper:

    - ``plate``: the character is painted over the clean plate, a background without people.
    - ``l1``, ``gradients``: weights of pixels and of image gradients (``synth.losses.gradients``), against blotches on
      clothes where there is no perceptual loss.
    - ``steady``: weight of changes from the last output where the true video is still, which the paper leaves to D.
    - ``feedback``: without it, every image is painted as if it were the first, in training and in the exported graph,
      which then cannot drift.
    - ``settle`` > 0: strength in grey levels of the ``TemporalFilter`` in the exported graph; not used in training.
    """

    data: Frames
    generator: Spec[Network] = field(default_factory=lambda: Spec(Live))
    # Instance norm: some windows hold no head, and batch statistics would depend on how many.
    face: Spec[Network] = field(default_factory=lambda: Spec(Live, widths=(32, 64, 96), blocks=2, norm="instance"))
    discriminator: Spec[PatchGAN] = field(default_factory=lambda: Spec(PatchGAN))
    scales: int = 2
    gan: Literal["none", "vanilla", "least_squares"] = "vanilla"
    l1: float = 30.0
    feature_matching: float = 10.0
    perceptual: float = 10.0
    gradients: float = 0.0
    temporal: bool = True
    steady: float = 30.0
    feedback: bool = True
    settle: float = 34.0
    head: int = 64
    plate: bool = True
    statistics: Statistics = "running"

    def networks(self) -> Networks:
        face = self.face if self.head else None
        G = Painter(self.data.side, self.generator, face, self.head, self.plate)
        nets: Networks = {"G": G}
        if self.gan != "none":
            nets["D"] = Multiscale(12 if self.temporal else 6, self.discriminator, self.scales)
            if self.head:
                # The crop of the head is small: patches of 34x34 pixels.
                nets["D_face"] = Multiscale(6, self.discriminator.changed(depth=2), 1)
        for net in nets.values():
            net.apply(initialise)
        if self.head:
            G.correct_nothing()
        return nets

    def prepare(self, network: Network, facts: dict[str, Any]) -> None:
        """Set the painter's clean plate."""
        assert isinstance(network, Painter)
        network.plate.copy_(from_pixels(facts["plate"][None]))

    def describe(self, facts: dict[str, Any]) -> Card:
        """Return the card with the character's body measures, by which poses are retargeted, and with its inputs."""
        inputs = self.card.inputs if self.fed_back or self.settle else self.card.inputs[:1]
        extras = ("cover", "plate") if self.plate else ()
        return replace(self.card, body=facts.get("body", ""), inputs=inputs, extras=extras)

    @property
    def fed_back(self) -> bool:
        """Whether the painter in the exported graph takes its own last image."""
        return self.temporal and self.feedback

    def graph(self, network: Network) -> Network:
        """Return the painter as a module that takes the skeleton and, if it is used, the last image, in pixels.

        A painter over a plate also returns the cover and the plate, for other backgrounds.
        """
        assert isinstance(network, Painter)
        body = network if self.fed_back else WithoutFeedback(network)
        body = TemporalFilter(body, self.settle) if self.settle else body
        return Layers(body) if self.plate else Pixels(body)

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, x, y, plate = nets["G"], batch["x"], batch["y"], batch["plate"]
        last, painted = self._last(G, batch)
        z = last if self.fed_back else _black(y)
        y_hat = G(torch.cat((x, z), 1), plate)
        window = head_window(x, self.head)[:2] if self.head else None
        terms = self._reconstruction(y, y_hat, window)
        if self.temporal and self.steady:
            still = (y - batch["y_before"]).abs().amax(1, keepdim=True) <= STILL
            terms["steady"] = self.steady * ((y_hat - last).abs() * (still & painted)).mean()
        if self.gan != "none":
            judged = self._judged(batch, y_hat, window)
            for name, real, fake in judged:
                yield name, self._discriminate(nets[name], real, fake.detach())
            for name, real, fake in judged:
                D = nets[name]
                assert isinstance(D, Multiscale)
                found = self._convince(D, real, fake)
                terms |= {f"{term}{name.removeprefix('D')}": value for term, value in found.items()}
        yield "G", terms

    def _last(self, G: Network, batch: Terms) -> tuple[Tensor, Tensor]:
        """Return G's output for the previous frame, without gradient, and whether there is one, ``[B, 1, 1, 1]``.

        With feedback, it is painted after a true frame or after black (``RESETS``), and some examples have no previous
        frame, as at the start of a performance. Without feedback, G always sees black, in training as in use.
        """
        y, always = batch["y"], torch.ones_like(batch["y"][:, :1, :1, :1], dtype=torch.bool)
        if not self.temporal:
            return _black(y), ~always
        with torch.no_grad():
            first = torch.rand(len(y), 1, 1, 1, device=y.device) < RESETS if self.fed_back else always
            earlier = torch.where(first, _black(y), batch["y_first"])
            last = G(torch.cat((batch["x_before"], earlier), 1), batch["plate"]).to(y.dtype)
            if not self.fed_back:
                return last, always
            fresh = torch.rand_like(first, dtype=torch.float32) < RESETS / 2
            return torch.where(fresh, _black(y), last), ~fresh

    def _judged(self, batch: Terms, y_hat: Tensor, window: Window | None) -> list[tuple[str, Tensor, Tensor]]:
        """Return the name of each discriminator with its real and its fake input."""
        x, y = batch["x"], batch["y"]
        if self.temporal:
            # Unlike in the paper, both pairs begin with the true image: no gradient flows into the painted one, and D
            # could tell real from fake by that image alone.
            both = torch.cat((batch["x_before"], x, batch["y_before"]), 1)
            seen = [("D", torch.cat((both, y), 1), torch.cat((both, y_hat), 1))]
        else:
            seen = [("D", torch.cat((x, y), 1), torch.cat((x, y_hat), 1))]
        if window:
            skeleton, real, fake = (take(part, *window) for part in (x, y, y_hat))
            seen.append(("D_face", torch.cat((skeleton, real), 1), torch.cat((skeleton, fake), 1)))
        return seen

    def _discriminate(self, D: Network, real: Tensor, fake: Tensor) -> Terms:
        """Return the terms of one discriminator."""
        assert self.gan != "none"
        loss_real, loss_fake = adversarial.terms(self.gan)
        return {
            "real": torch.stack([loss_real(logits) for logits in D(real)]).mean() / 2,
            "fake": torch.stack([loss_fake(logits) for logits in D(fake)]).mean() / 2,
        }

    def _convince(self, D: Multiscale, real: Tensor, fake: Tensor) -> Terms:
        """Return G's terms for one discriminator: the adversarial loss and feature matching."""
        assert self.gan != "none"
        loss_real, _ = adversarial.terms(self.gan)
        found = D.features(fake)
        terms = {"gan": torch.stack([loss_real(maps[-1]) for maps in found]).mean()}
        if self.feature_matching:
            with torch.no_grad():
                target = D.features(real)
            terms["features"] = self.feature_matching * feature_matching(found, target)
        return terms

    def _reconstruction(self, y: Tensor, y_hat: Tensor, window: Window | None) -> Terms:
        """Return the reconstruction terms of G."""
        terms = {"l1": self.l1 * (y - y_hat).abs().mean()}
        if window:
            # The head is a small part of the image: without its own term, only D_face would train the face network.
            terms["l1_face"] = self.l1 * take((y - y_hat).abs(), *window).mean()
        if self.gradients:
            terms["gradients"] = self.gradients * gradients(y, y_hat)
        if self.perceptual:
            terms["perceptual"] = self.perceptual * perceptual.load(y.device)(y_hat, y)
        return terms

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of skeleton, output after black, with feedback also output after a true frame, true image."""
        before = (_black(sample["y"]), sample["z"]) if self.fed_back else (_black(sample["y"]),)
        with torch.no_grad():
            outputs = [network(torch.cat((sample["x"], z), 1)) for z in before]
        return grid(sample["x"], *outputs, sample["y"])


def _black(like: Tensor) -> Tensor:
    return torch.full_like(like, -1)
