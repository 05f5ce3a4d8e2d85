"""Find the 17 joints of one person in an image (Wei et al. 2016; sports photographs, rendered characters).

Training starts from the weights of BlazePose, installed by ``pip install -e ".[mediapipe]"``, or from those of the
bundled graph (``--init weights/pose.onnx``).
"""

from dataclasses import replace
from typing import Any

from synth.card import Card, Input
from synth.data.sets.poses import Poses
from synth.methods.belief import BeliefMaps
from synth.methods.method import Method
from synth.networks.belief import Belief
from synth.networks.blazepose import BlazeBelief
from synth.networks.coordinate_regression import CoordinateRegression
from synth.networks.layers.spec import Spec
from synth.networks.pose_machine import ConvolutionalPoseMachine

card = Card(
    name="pose",
    title="Body pose (17 joints)",
    task="photograph of a person → 17 joints",
    tabs=("see",),
    inputs=(Input(kind="photo"),),
    gives="keypoints",
    extras=("beliefs",),
    size=192,
    licence="research use (trained on Leeds Sports Poses Extended; begun with BlazePose's weights, Apache-2.0)",
    data="free-exercise-db labelled by MoveNet Thunder, Leeds Sports Poses Extended, rendered people and characters",
)

recipe = BeliefMaps(
    data=Poses(),
    card=card,
    network=Spec(BlazeBelief),
    sigma=(1.25, 1.25),
    batch=64,
    steps=20_000,
    lr=1e-4,
    betas=(0.9, 0.99),
    decay=1.0,
    warmup=100,
)
plain = replace(recipe, network=Spec(Belief), sigma=(1.0, 1.25), lr=1e-3, warmup=50)
"""Base recipe of the loss comparison: its trunk has never been trained on poses."""


def _compared(title: str, **changes: Any) -> BeliefMaps:
    """Return ``plain`` with ``changes``, for the comparison of losses; in no tab of the app."""
    extras = () if changes.get("loss") == "direct" else card.extras
    licence = "research use (trained on Leeds Sports Poses Extended; its trunk on ImageNet)"
    own = replace(card, title=title, group="Pose: losses", extras=extras, tabs=(), licence=licence)
    return replace(plain, card=own, **changes)


variants: dict[str, Method] = {
    "cross_entropy": _compared("Belief maps, cross-entropy of every cell"),
    "squared": _compared("Belief maps, squared error", loss="squared"),
    "one_hot": _compared("One-hot maps with background", loss="one_hot", network=Spec(Belief, joints=18)),
    "direct": _compared("Direct regression", loss="direct", network=Spec(CoordinateRegression)),
    "machine": _compared("Pose machine, three stages", network=Spec(ConvolutionalPoseMachine), sigma=(1.0,) * 3),
}


def cpu(recipe: BeliefMaps) -> BeliefMaps:
    """Return the preset that one CPU core trains in an hour: more of the trunk is frozen.

    In batches below 16, PyTorch on one thread uses a slower kernel for 1x1 convolutions.
    """
    network = Spec(recipe.network.build, **{**recipe.network.options, "frozen": 2})
    return replace(recipe, network=network, batch=16, steps=5_000, ema=0.998, preset="cpu")
