"""A label map of a building front, as a photograph (Isola et al. 2017, fig. 4; CMP facades)."""

from dataclasses import replace

from synth.card import Card, Input
from synth.data.pairs import Pairs
from synth.methods.pix2pix import Pix2Pix, ablations, on_two_cores
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.spec import Spec
from synth.networks.unet import UNet
from synth.pixels.palette import FACADES

data = Pairs(name="facades", x="labels", y="photo", x_kind="labels")
card = Card(
    name="facades",
    title="Facades",
    task="label map → photograph of a building front",
    tabs=("translate", "draw"),
    inputs=(Input(kind="labels", palette=FACADES),),
    licence="research use (trained on the CMP Facade Database)",
    data="CMP Facade Database: 400 training pairs at 256x256, as `python -m synth data facades` lays them out",
)

recipe = Pix2Pix(
    data=data,
    card=card,
    generator=Spec(Live, embed=6),
    discriminator=Spec(PatchGAN, channels=32),
    l1=30.0,
    feature_matching=10.0,
    one_hot=True,
    statistics="batch",
    batch=32,
    steps=20_000,
    lr=4e-4,
)

# The paper's own networks, a quarter as wide so that the whole set fits beside the others.
paper = Pix2Pix(
    data=data,
    card=replace(card, group="facades: losses and networks", tabs=("compare",)),
    generator=Spec(UNet, channels=16),
    discriminator=Spec(PatchGAN, channels=32),
    batch=16,
    steps=10_000,
)
variants = {
    "live_l1": replace(recipe, gan="none"),  # what the adversarial terms add to the graph that ships
    "unet": replace(paper, generator=Spec(UNet), discriminator=Spec(PatchGAN)),
    **ablations(paper),
}
cpu = on_two_cores
