"""Turn a photograph of a street into a label map (Shelhamer, Long & Darrell 2017; the classes Cityscapes evaluates)."""

from dataclasses import replace

from synth.card import Card, Input
from synth.data.sets.pairs import Pairs
from synth.methods.method import Method
from synth.methods.segment import Segment
from synth.networks.fcn import FCN
from synth.networks.layers.spec import Spec
from synth.networks.trunks.vgg import VGG16
from synth.pixels.palette import CITYSCAPES, STREETS

card = Card(
    name="see-street",
    title="Street scene (segmentation)",
    task="photograph of a street → label map",
    tabs=("see",),
    examples="see",
    inputs=(Input(kind="photo"),),
    palette=STREETS,
    licence="non-commercial (trained on Cityscapes; its trunk on ImageNet)",
    data="Cityscapes: 1,250 training pairs at 256x256",
)

recipe = Segment(
    data=Pairs(name="cityscapes", x="photo", y="labels", y_kind="labels", load=286, crop=256),
    card=card,
    colors=CITYSCAPES,
    batch=32,
    steps=12_000,
    lr=1e-3,
    betas=(0.9, 0.99),
    decay=1.0,
    warmup=50,
)


def _compared(title: str, **changes: object) -> Segment:
    """Return the recipe with ``changes``, for a comparison; in no tab of the app."""
    group = "Street, seen: strides and transfer"  # the group of cards that are already measured
    return replace(recipe, card=replace(card, title=title, group=group, tabs=()), **changes)


variants: dict[str, Method] = {
    "street": recipe,
    "street-8s": _compared("FCN-8s, trained as long as the others"),
    "street-16s": _compared("FCN-16s", network=Spec(FCN, stride=16)),
    "street-32s": _compared("FCN-32s", network=Spec(FCN, stride=32)),
    "street-frozen": _compared("FCN-8s, trunk frozen", transfer="frozen"),
    "street-scratch": _compared("FCN-8s, from scratch", transfer="scratch"),
    "street-vgg16": _compared("FCN-8s, VGG16", network=Spec(FCN, trunk=Spec(VGG16), hidden=512), batch=16, lr=1e-4),
}


def cpu(recipe: Segment) -> Segment:
    """Return the preset that two CPU cores train in a few minutes.

    Rare classes have more weight, or they would not be learned at all. The trunk's first stage, which takes half of the
    time, is frozen.
    """
    data = replace(recipe.data, load=256)
    network = Spec(FCN, **{**recipe.network.options, "frozen": 1})
    return replace(recipe, data=data, network=network, balance=0.5, batch=4, steps=600, ema=0.99, preset="cpu")
