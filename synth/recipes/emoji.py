"""A black line drawing, as a coloured emoji (after the sketch tasks of Isola et al. 2017, fig. 11-12; OpenMoji)."""

from dataclasses import replace

from synth.card import Card, Input
from synth.data.pairs import Pairs
from synth.methods.pix2pix import Pix2Pix, on_two_cores
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.spec import Spec

recipe = Pix2Pix(
    data=Pairs(name="emoji", x="drawing", y="color", x_kind="drawing"),
    card=Card(
        name="emoji",
        title="Emoji",
        task="line drawing → coloured emoji",
        tabs=("translate", "draw"),
        inputs=(Input(kind="drawing"),),
        output="drawing",
        licence="CC BY-SA 4.0 (trained on OpenMoji)",
        data="OpenMoji 17: colour emoji and the same as black line drawings",
    ),
    generator=Spec(Live),
    discriminator=Spec(PatchGAN, channels=32),
    l1=30.0,
    feature_matching=10.0,
    statistics="running",
    batch=32,
    steps=30_000,
    lr=4e-4,
)
variants = {"l1": replace(recipe, gan="none")}  # what the adversarial terms add
cpu = on_two_cores
