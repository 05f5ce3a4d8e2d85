"""A line drawing, as an emoji modelled in 3D (after the edges tasks of Isola et al. 2017, fig. 11; Fluent emoji)."""

from dataclasses import replace

from synth.card import Card, Input
from synth.data.pairs import Pairs
from synth.methods.pix2pix import Pix2Pix, on_two_cores
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.spec import Spec

recipe = Pix2Pix(
    data=Pairs(name="emoji_3d", x="drawing", y="photo", x_kind="drawing"),
    card=Card(
        name="emoji_3d",
        title="Emoji 3D",
        task="line drawing → emoji in 3D",
        tabs=("translate", "draw"),
        inputs=(Input(kind="drawing"),),
        licence="MIT (trained on Fluent emoji)",
        data="Fluent emoji 3D: renderings, and line drawings found in them",
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
