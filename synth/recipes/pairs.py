"""Your own folder of pairs: ``python -m synth train pairs --data DIR --as-name NAME --minutes 20``."""

from synth.card import Card
from synth.data.pairs import Pairs
from synth.methods.pix2pix import Pix2Pix, on_two_cores
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.spec import Spec

recipe = Pix2Pix(
    data=Pairs(name="pairs", x="x", y="y"),
    card=Card(
        name="pairs",
        title="Pairs",
        task="picture → picture, learned from pairs",
        licence="as its training pictures",
        data="a folder of pairs",
    ),
    generator=Spec(Live),
    discriminator=Spec(PatchGAN, channels=32),
    l1=30.0,
    feature_matching=10.0,
    statistics="batch",
    batch=16,
    steps=20_000,
    lr=4e-4,
)
cpu = on_two_cores
