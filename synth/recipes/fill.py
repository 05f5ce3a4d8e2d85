"""Fill missing parts of a photograph from their surroundings (Pathak et al. 2016); a variant has no discriminator."""

from dataclasses import replace

from synth.card import Card, Input
from synth.data.sets.holes import Holes
from synth.methods.fill import Fill
from synth.networks.layers.spec import Spec
from synth.networks.patchgan import PatchGAN

recipe = Fill(
    data=Holes(crop=128, zoom=1.75),
    card=Card(
        name="fill",
        title="Sharp (L2 + adversarial)",
        task="photograph with holes → the whole photograph",
        tabs=("fill",),
        group="Fill: losses",
        inputs=(Input(kind="photo"), Input("mask", kind="mask", note="white where something is missing")),
        size=128,
        licence="research use (trained on photographs of mixed terms)",
        data="2,050 photographs: ImageNet samples, natural scenes, BSDS500",
    ),
    batch=32,
    steps=60_000,
    lr=4e-4,
)
variants = {"l2": replace(recipe, gan=False, card=replace(recipe.card, title="Smooth (L2 only)"))}


def cpu(recipe: Fill) -> Fill:
    """Return the preset that one CPU core trains in half an hour: a narrower D and small batches."""
    discriminator = Spec(PatchGAN, channels=16)
    return replace(recipe, discriminator=discriminator, batch=8, steps=6_000, ema=0.998, preset="cpu")
