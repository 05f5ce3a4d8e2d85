"""Joints by belief maps (Wei et al. 2016): every stage of a network is taught a bump at each joint."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from synth.data.poses import Poses
from synth.methods.method import Method, Networks, Terms
from synth.networks import lite
from synth.networks.belief import STRIDES, Belief, Joints
from synth.networks.norm import Statistics
from synth.networks.pixels import to_pixels
from synth.networks.spec import Spec
from synth.pixels import skeleton


@dataclass(frozen=True, kw_only=True)
class BeliefMaps(Method):
    """``loss``: the paper's squared error (eq. 4), or cross-entropy, which learns faster from few pictures.

    ``sigma`` is the width of the bumps in cells of each stage's map. Of joints that are not in the picture an empty map
    is taught, so that a score says whether a joint is there; of joints of which nothing is known, nothing.
    """

    data: Poses
    network: Spec = field(default_factory=lambda: Spec(Belief))
    loss: Literal["squared", "cross_entropy"] = "cross_entropy"
    sigma: tuple[float, float] = (1.0, 1.25)
    statistics: Statistics = "running"

    def networks(self) -> Networks:
        network = self.network()
        weights = lite.packaged()
        assert isinstance(network, Belief)
        if weights and network.trunk.packaged:
            lite.load(network.trunk, weights)
        elif network.trunk.packaged:
            print(f"The package {lite.PACKAGE} is not installed: the trunk starts from random weights.")
        return {"G": network}

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        stages = nets["G"](batch["x"])
        terms = {}
        for name, logits, stride, sigma in zip(("coarse", "fine"), stages, STRIDES, self.sigma, strict=True):
            height, width = logits.shape[-2:]
            target = spread(batch["joints"], height, width, stride, sigma)
            terms[name] = (self._error(logits.float(), target) * batch["known"]).sum() / batch["known"].sum().clamp(1)
            terms[name] = terms[name] / (2 * np.pi * sigma**2)  # the mass of a bump
        yield "G", terms

    def _error(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return how far ``[B, K, h, w]`` is from the truth, summed over each map: ``[B, K]``."""
        if self.loss == "squared":
            return (logits.sigmoid() - target).square().sum((2, 3))
        return F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum((2, 3))

    def graph(self, network: nn.Module) -> nn.Module:
        return Joints(network)

    def pictures(self, network: nn.Module, sample: Terms) -> np.ndarray:
        """Return one example a row: the picture, the joints found, the truth."""
        images = to_pixels(sample["x"]).cpu()
        with torch.no_grad():
            found = torch.cat([Joints(network)(image[None].to(sample["x"].device)) for image in images]).cpu()
        rows = []
        for image, *figures in zip(images.numpy(), found.numpy(), sample["joints"].cpu().numpy(), strict=True):
            rows.append(np.concatenate([image, *(skeleton.over(image.copy(), joints) for joints in figures)], 1))
        return np.concatenate(rows)


def spread(joints: Tensor, height: int, width: int, stride: int, sigma: float) -> Tensor:
    """Do what ``synth.pixels.peaks.spread`` does to each ``[K, 3]`` of a batch: maps ``[B, K, height, width]``."""
    x, y, score = joints.unbind(-1)

    def bump(place: Tensor, length: int) -> Tensor:
        cells = torch.arange(length, device=joints.device) + 0.5
        return torch.exp(-((cells - place[..., None] / stride) ** 2) / (2 * sigma**2))

    return score[..., None, None] * bump(y, height)[..., None] * bump(x, width)[..., None, :]
