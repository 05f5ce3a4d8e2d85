"""Colorize a black-and-white photograph (Zhang, Isola, Efros 2016); the variants have the losses of the comparison."""

from dataclasses import replace

from synth.card import Card, Input
from synth.data.sets.colors import Colors
from synth.methods.colorize import Colorize
from synth.networks.colornet import ColorNet
from synth.networks.layers.spec import Spec
from synth.pixels.color import TEMPERATURE, VIVIDNESS

TITLES = {
    "l2": "Cautious (L2)",
    "class": "Balanced (classification)",
    "rebalanced": "Natural (rebalanced classification)",
    "l1_cgan": "Adversarial (L1 + cGAN)",
}
HINTS = (
    Input("hints", kind="hints", note="known colours; used only where the next image is not black"),
    Input("hinted", kind="hints", note="not black where the hints hold a colour"),
)
VIVID = Input("vividness", kind="number", value=VIVIDNESS, low=0.0, high=1.0, note="0: cautious, 1: vivid")
WARMTH = Input("temperature", kind="number", value=TEMPERATURE, low=0.05, high=1.0, note="low: vivid, high: cautious")

recipe = Colorize(
    data=Colors(crop=224, zoom=1.15, squeeze=True),
    card=Card(
        name="colorize",
        title=TITLES["rebalanced"],
        task="black-and-white photograph → colours",
        tabs=("colorize",),
        group="Colorize: losses",
        inputs=(Input(kind="photo"), *HINTS, VIVID),
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
    """Return the recipe with another loss; only classification has a temperature."""
    changed = replace(recipe, loss=loss)
    inputs = (Input(kind="photo"), *HINTS, *((WARMTH,) if changed.classes else ()))
    return replace(changed, card=replace(recipe.card, title=TITLES[loss], inputs=inputs))


variants = {loss: _with(loss) for loss in ("l2", "class", "l1_cgan")}


def cpu(recipe: Colorize) -> Colorize:
    """Return the preset that one CPU core trains in half an hour: frozen lower trunk, small windows, narrow decoder.

    In batches below 16, PyTorch on one thread uses a slower kernel for 1x1 convolutions.
    """
    data = replace(recipe.data, crop=128, zoom=1.75)
    network = Spec(ColorNet, frozen=2, channels=96)
    return replace(recipe, data=data, network=network, work=192, batch=16, steps=3_000, ema=0.998, preset="cpu")
