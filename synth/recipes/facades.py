"""Turn a label map of a building front into a photograph (Isola et al. 2017, fig. 4; CMP facades)."""

from functools import partial

from synth.card import Card, Input
from synth.data.sets.pairs import Pairs
from synth.methods import presets
from synth.pixels.palette import FACADES

data = Pairs(name="facades", x="labels", y="photo", x_kind="labels")
card = Card(
    name="facades",
    title="Facade labels → photo",
    task="label map → photograph of a building front",
    tabs=("translate", "draw"),
    inputs=(Input(kind="labels", palette=FACADES),),
    licence="research use (trained on the CMP Facade Database)",
    data="CMP Facade Database: 400 training pairs at 256x256, as “python -m synth data facades” lays them out",
)

recipe = presets.live(data, card, embed=6, steps=20_000)
variants = presets.comparisons(recipe, presets.paper(data, card, "Facades: losses and networks", steps=10_000))
cpu = partial(presets.on_two_cores, l1=10.0)  # 400 pairs are fewer than the 1,250 of `street`: the GAN needs more L1
