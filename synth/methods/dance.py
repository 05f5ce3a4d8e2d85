"""Everybody Dance Now (Chan et al. 2019): a stick figure becomes a character, frame after frame."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from synth.card import Card
from synth.data.sets.frames import Frames
from synth.losses import adversarial, perceptual
from synth.losses.feature_matching import matching
from synth.losses.gradients import gradients
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.layers.norm import Statistics
from synth.networks.layers.pixels import Pixels, from_pixels
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.multiscale import Multiscale
from synth.networks.painter import First, Layers, Painter, Settled, head_window, take
from synth.networks.patchgan import PatchGAN

RESETS = 0.25
"""Share of the examples whose earlier picture was painted after black, as a performance begins."""
Window = tuple[Tensor, Tensor]
"""One-hot rows and columns of the head, see ``head_window``."""
STILL = 4 / 127.5
"""Largest change of a pixel of the truth, in [-1, 1], that is noise of the film and not motion."""


@dataclass(frozen=True, kw_only=True)
class Dance(Method):
    """Pose to picture, each part of the paper a value.

    ``temporal`` conditions on the last output and lets D judge two pictures that follow one another (sec. 4.2);
    ``head`` > 0 corrects a crop of that many pixels around the head, judged by a D of its own (sec. 4.4); ``plate``
    paints over the clean background. ``scales`` discriminators (sec. 4.5) with ``feature_matching``; ``perceptual``
    weighs VGG16's features, ``l1`` the pixels. Not in the paper: ``gradients`` weighs the steps from pixel to pixel
    (``synth.losses.gradients``), against mottled cloth where there is no VGG16; ``steady`` how far the picture departs
    from the last one where the truth stands still, which the paper leaves to D alone. ``gan`` none leaves the
    reconstruction. Without ``feedback`` every picture is painted as if it were the first, in training and by the
    exported graph, which then cannot drift. ``settle`` > 0 are the grey levels of change from the last picture below
    which the graph holds back; it has no part in training.
    """

    data: Frames
    generator: Spec = field(default_factory=lambda: Spec(Live))
    # Some windows hold no head: statistics of a batch would depend on how many.
    face: Spec = field(default_factory=lambda: Spec(Live, widths=(32, 64, 96), blocks=2, norm="instance"))
    discriminator: Spec = field(default_factory=lambda: Spec(PatchGAN))
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
        nets: Networks = {"G": Painter(self.data.side, self.generator, face, self.head, self.plate)}
        if self.gan != "none":
            nets["D"] = Multiscale(12 if self.temporal else 6, self.discriminator, self.scales)
            if self.head:
                nets["D_face"] = Multiscale(6, _shallow(self.discriminator), 1)
        for net in nets.values():
            net.apply(initialise)
        if self.head:
            nets["G"].correct_nothing()  # type: ignore[operator]
        return nets

    def prepare(self, network: nn.Module, facts: dict[str, Any]) -> None:
        """Give the painter the clean plate."""
        assert isinstance(network, Painter)
        network.plate.copy_(from_pixels(facts["plate"][None]))

    def describe(self, facts: dict[str, Any]) -> Card:
        """Return the card with the character's body, by which it is moved."""
        inputs = self.card.inputs if self.fed_back or self.settle else self.card.inputs[:1]
        extras = ("cover", "plate") if self.plate else ()
        return replace(self.card, body=facts.get("body", ""), inputs=inputs, extras=extras)

    @property
    def fed_back(self) -> bool:
        """Whether the painter in the exported graph sees its own last picture."""
        return self.temporal and self.feedback

    def graph(self, network: nn.Module) -> nn.Module:
        """Return the painter, made to speak pixels: the figure, and the last picture where anything looks at it.

        One over a plate gives the plate and its cover as well, for other backgrounds.
        """
        assert isinstance(network, Painter)
        body = network if self.fed_back else First(network)
        speaking = Layers if self.plate else Pixels
        return speaking(Settled(body, self.settle) if self.settle else body)

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
                found = self._convince(nets[name], real, fake)
                terms |= {f"{term}{name.removeprefix('D')}": value for term, value in found.items()}
        yield "G", terms

    def _last(self, G: nn.Module, batch: Terms) -> tuple[Tensor, Tensor]:
        """Return what G painted for the frame before, without gradient.

        And in which examples there is such a picture, ``[B, 1, 1, 1]``. A painter that will be fed back paints it after
        a real frame or after black, and in some examples the performance begins with this very frame; one that will
        not be sees black, in training as later.
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
        """Return each discriminator's name with the real and the fake that it sees."""
        x, y = batch["x"], batch["y"]
        if self.temporal:
            # Unlike the paper's, both pairs begin with the true picture: no gradient flows into the painted one, and D
            # would tell real from fake by that one alone.
            both = torch.cat((batch["x_before"], x, batch["y_before"]), 1)
            seen = [("D", torch.cat((both, y), 1), torch.cat((both, y_hat), 1))]
        else:
            seen = [("D", torch.cat((x, y), 1), torch.cat((x, y_hat), 1))]
        if window:
            figure, real, fake = (take(part, *window) for part in (x, y, y_hat))
            seen.append(("D_face", torch.cat((figure, real), 1), torch.cat((figure, fake), 1)))
        return seen

    def _discriminate(self, D: nn.Module, real: Tensor, fake: Tensor) -> Terms:
        wanted, unwanted = adversarial.terms(self.gan)  # type: ignore[arg-type]
        return {
            "real": torch.stack([wanted(logits) for logits in D(real)]).mean() / 2,
            "fake": torch.stack([unwanted(logits) for logits in D(fake)]).mean() / 2,
        }

    def _convince(self, D: nn.Module, real: Tensor, fake: Tensor) -> Terms:
        """Return G's terms before one discriminator: to pass for real, and to give the same features."""
        wanted, _ = adversarial.terms(self.gan)  # type: ignore[arg-type]
        found = D.features(fake)  # type: ignore[operator]
        terms = {"gan": torch.stack([wanted(maps[-1]) for maps in found]).mean()}
        if self.feature_matching:
            with torch.no_grad():
                target = D.features(real)  # type: ignore[operator]
            terms["features"] = self.feature_matching * matching(found, target)
        return terms

    def _reconstruction(self, y: Tensor, y_hat: Tensor, window: Window | None) -> Terms:
        terms = {"l1": self.l1 * (y - y_hat).abs().mean()}
        if window:
            # Most of a picture is not head: without a term of its own the correction follows D_face alone.
            terms["l1_face"] = self.l1 * take((y - y_hat).abs(), *window).mean()
        if self.gradients:
            terms["gradients"] = self.gradients * gradients(y, y_hat)
        if self.perceptual:
            terms["perceptual"] = self.perceptual * perceptual.load(y.device)(y_hat, y)
        return terms

    def pictures(self, network: nn.Module, sample: Terms) -> np.ndarray:
        """Return figure, output at the beginning, if fed back also after a true frame, truth; one example a row."""
        before = (_black(sample["y"]), sample["z"]) if self.fed_back else (_black(sample["y"]),)
        with torch.no_grad():
            outputs = [network(torch.cat((sample["x"], z), 1)) for z in before]
        return grid(sample["x"], *outputs, sample["y"])


def _black(like: Tensor) -> Tensor:
    return torch.full_like(like, -1)


def _shallow(patch: Spec) -> Spec:
    """The head is small: a discriminator of 34x34 pixels for it."""
    return Spec(patch.build, **{**patch.options, "depth": 2})
