"""A picture of one person, as 17 joints (Wei et al. 2016; photographs of exercise and sport, rendered characters)."""

from dataclasses import replace
from typing import Any

from synth.card import Card, Input
from synth.data.poses import Poses
from synth.methods.belief import BeliefMaps
from synth.methods.method import Method
from synth.networks.belief import Belief
from synth.networks.direct import Direct
from synth.networks.machine import Machine
from synth.networks.spec import Spec

card = Card(
    name="pose",
    title="Pose",
    task="photograph of a person → 17 joints",
    tabs=("see",),
    inputs=(Input(kind="photo"),),
    gives="keypoints",
    extras=("beliefs",),
    size=192,
    licence="research use (trained on Leeds Sports Poses Extended; its trunk on ImageNet)",
    data="free-exercise-db labelled by MoveNet Thunder, Leeds Sports Poses Extended, rendered characters",
)

recipe = BeliefMaps(data=Poses(), card=card, batch=64, steps=20_000, lr=1e-3, betas=(0.9, 0.99), decay=1.0, warmup=50)


def _compared(title: str, **changes: Any) -> BeliefMaps:
    extras = () if changes.get("loss") == "direct" else card.extras
    return replace(recipe, card=replace(card, title=title, group="Pose: losses", extras=extras, tabs=()), **changes)


variants: dict[str, Method] = {
    "cross_entropy": _compared("Belief maps, cross-entropy of every cell"),
    "squared": _compared("Belief maps, squared error", loss="squared"),
    "one_hot": _compared("One-hot maps with background", loss="one_hot", network=Spec(Belief, joints=18)),
    "direct": _compared("Direct regression", loss="direct", network=Spec(Direct)),
    "machine": _compared("Pose machine, three stages", network=Spec(Machine), sigma=(1.0,) * 3),
}


def cpu(recipe: BeliefMaps) -> BeliefMaps:
    """What two cores learn in an hour: most of it at 128x128, the rest at full size (``--size 128``, ``--init``).

    In batches of less than 16, PyTorch on one thread takes a slower way through 1x1 convolutions.
    """
    network = Spec(recipe.network.build, **{**recipe.network.options, "frozen": 2})
    return replace(recipe, network=network, batch=16, steps=5_000, ema=0.998, preset="cpu")
