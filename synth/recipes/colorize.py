"""A black-and-white photograph, in colour (Zhang, Isola, Efros 2016), and the losses it is compared with."""

from dataclasses import replace

from synth.card import Card, Input
from synth.data.sets.colors import Colors
from synth.methods.colorize import Colorize
from synth.networks.colornet import ColorNet
from synth.networks.layers.spec import Spec
from synth.pixels.color import TEMPERATURE

TITLES = {
    "l2": "L2",
    "class": "Classification",
    "rebalanced": "Classification, rebalanced",
    "l1_cgan": "L1 + cGAN",
}
HINTS = (
    Input("hints", kind="hints", note="colours that somebody knows; only where the next picture is not black"),
    Input("hinted", kind="hints", note="not black where there is a hint"),
)
WARMTH = Input("temperature", kind="number", value=TEMPERATURE, low=0.05, high=1.0, note="low: vivid, high: cautious")

recipe = Colorize(
    data=Colors(crop=224, zoom=1.15, squeeze=True),
    card=Card(
        name="colorize",
        title=TITLES["rebalanced"],
        task="black-and-white photograph → colours",
        tabs=("colorize",),
        group="Colorize: losses",
        inputs=(Input(kind="photo"), *HINTS, WARMTH),
        size=256,
        licence="research use (trained on photographs of mixed terms; its trunk on ImageNet)",
        data="2,050 photographs: ImageNet samples, natural scenes, BSDS500",
    ),
    batch=32,
    steps=30_000,
    lr=1e-3,
    betas=(0.9, 0.99),
    decay=1.0,
    warmup=100,
)


def _with(loss: str) -> Colorize:
    """The same with another loss; only classes have a temperature."""
    changed = replace(recipe, loss=loss)  # type: ignore[arg-type]
    inputs = (Input(kind="photo"), *HINTS, *((WARMTH,) if changed.classes else ()))
    return replace(changed, card=replace(recipe.card, title=TITLES[loss], inputs=inputs))


variants = {loss: _with(loss) for loss in ("l2", "class", "l1_cgan")}


def cpu(recipe: Colorize) -> Colorize:
    """What a core learns in half an hour: half of the trunk as it came, small windows and a narrow way back up.

    In batches of less than 16, PyTorch on one thread takes a slower way through 1x1 convolutions.
    """
    data = replace(recipe.data, crop=128, zoom=1.75)
    network = Spec(ColorNet, frozen=2, channels=96)
    return replace(recipe, data=data, network=network, work=192, batch=16, steps=3_000, ema=0.998, preset="cpu")
