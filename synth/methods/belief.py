"""Joints of a body: by belief maps (Wei et al. 2016), or by one of the ways they are compared with."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from synth.data.sets.poses import Poses
from synth.losses import joints
from synth.losses.joints import Loss
from synth.methods.method import Method, Networks, Terms
from synth.networks.belief import Belief, Joints
from synth.networks.blazepose import BlazeBelief
from synth.networks.direct import Direct, Places
from synth.networks.layers.norm import Statistics
from synth.networks.layers.pixels import to_pixels
from synth.networks.layers.spec import Spec
from synth.networks.pose_machine import Machine
from synth.networks.trunks import pretrained
from synth.pixels.body import skeleton


@dataclass(frozen=True, kw_only=True)
class BeliefMaps(Method):
    """``loss`` is what is taught (``synth.losses.joints``); for ``direct`` the network gives places, else maps.

    Every stage of the network is taught. ``sigma`` is the width of the bumps in cells of each stage's map. Of joints
    that are not in the picture an empty map is taught, so that a score says whether a joint is there.
    """

    data: Poses
    network: Spec = field(default_factory=lambda: Spec(Belief))
    loss: Loss = "cross_entropy"
    sigma: tuple[float, ...] = (1.0, 1.25)
    statistics: Statistics = "running"

    def networks(self) -> Networks:
        network = self.network(side=self.data.crop) if self.network.build is Direct else self.network()
        assert isinstance(network, (Belief, BlazeBelief, Machine, Direct))
        pretrained.load(network.trunk)
        return {"G": network}

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        where, known, found = batch["joints"], batch["known"], nets["G"](batch["x"])
        if self.loss == "direct":
            yield "G", {"direct": joints.direct(found.float(), where, known, self.data.crop)}
            return
        terms, strides = {}, nets["G"].strides
        for number, (logits, stride, sigma) in enumerate(zip(found, strides, self.sigma, strict=True)):  # type: ignore[arg-type]
            if self.loss == "one_hot":
                error = joints.one_hot(logits.float(), where, known, stride)
            else:
                error = joints.bumps(self.loss, logits.float(), where, known, stride, sigma)
            terms[f"stage {number + 1}"] = error
        yield "G", terms

    def graph(self, network: nn.Module) -> nn.Module:
        return Places(network) if self.loss == "direct" else Joints(network, classes=self.loss == "one_hot")

    def pictures(self, network: nn.Module, sample: Terms) -> np.ndarray:
        """Return one example a row: the picture, the joints found, the truth."""
        images, speaking = to_pixels(sample["x"]), self.graph(network)
        with torch.no_grad():
            results = [speaking(image[None]) for image in images]
        found = torch.cat([result[0] if isinstance(result, tuple) else result for result in results]).cpu()
        rows = []
        truth: Tensor = sample["joints"].cpu()
        for image, *figures in zip(images.cpu().numpy(), found.numpy(), truth.numpy(), strict=True):
            rows.append(np.concatenate([image, *(skeleton.draw_over(image.copy(), figure) for figure in figures)], 1))
        return np.concatenate(rows)
