"""Pose estimation by belief maps (Wei et al. 2016), and the alternatives of the comparison."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from synth.data.sets.poses import Poses
from synth.losses import joints
from synth.losses.joints import Loss
from synth.methods.method import Method, Networks, Terms
from synth.networks.belief import Belief, BeliefNetwork, Joints
from synth.networks.blazepose import BlazeBelief
from synth.networks.coordinate_regression import CoordinateRegression, JointsInPixels
from synth.networks.layers.norm import Statistics
from synth.networks.layers.pixels import to_pixels
from synth.networks.layers.spec import Spec
from synth.networks.network import Network
from synth.networks.pose_machine import ConvolutionalPoseMachine
from synth.networks.trunks import pretrained
from synth.pixels.body import skeleton


@dataclass(frozen=True, kw_only=True)
class BeliefMaps(Method):
    """Supervise every stage of a belief-map network (Wei et al. 2016, eq. 4 and 5).

    ``loss`` names the loss of ``synth.losses.joints``; for ``direct`` the network is a ``CoordinateRegression``.
    ``sigma`` is the standard deviation of the target Gaussians, in cells, for each stage. The target of a joint
    outside the image is an empty map, so the score tells whether a joint is in the image.
    """

    data: Poses
    network: Spec[Network] = field(default_factory=lambda: Spec(Belief))
    loss: Loss = "cross_entropy"
    sigma: tuple[float, ...] = (1.0, 1.25)
    statistics: Statistics = "running"

    def networks(self) -> Networks:
        regression = self.network.build is CoordinateRegression
        network = self.network(side=self.data.crop) if regression else self.network()
        assert isinstance(network, (Belief, BlazeBelief, ConvolutionalPoseMachine, CoordinateRegression))
        pretrained.load(network.trunk)
        return {"G": network}

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        G, where, known = nets["G"], batch["joints"], batch["known"]
        found = G(batch["x"])
        if self.loss == "direct":
            yield "G", {"direct": joints.coordinates(found.float(), where, known, self.data.crop)}
            return
        assert isinstance(G, BeliefNetwork)
        terms = {}
        for number, (logits, stride, sigma) in enumerate(zip(found, G.strides, self.sigma, strict=True)):
            if self.loss == "one_hot":
                error = joints.one_hot(logits.float(), where, known, stride)
            else:
                error = joints.belief_maps(self.loss, logits.float(), where, known, stride, sigma)
            terms[f"stage {number + 1}"] = error
        yield "G", terms

    def graph(self, network: Network) -> Network:
        if isinstance(network, CoordinateRegression):
            return JointsInPixels(network)
        assert isinstance(network, BeliefNetwork)
        return Joints(network, classes=self.loss == "one_hot")

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of image, predicted joints, true joints."""
        images, decoder = to_pixels(sample["x"]), self.graph(network)
        with torch.no_grad():
            results = [decoder(image[None]) for image in images]
        found = torch.cat([result[0] if isinstance(result, tuple) else result for result in results]).cpu()
        rows = []
        truth: Tensor = sample["joints"].cpu()
        for image, *poses in zip(images.cpu().numpy(), found.numpy(), truth.numpy(), strict=True):
            rows.append(np.concatenate([image, *(skeleton.draw_over(image.copy(), pose) for pose in poses)], 1))
        return np.concatenate(rows)
