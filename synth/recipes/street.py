"""Turn a label map of a street into a photograph (Isola et al. 2017, fig. 8; Cityscapes)."""

from synth.card import Card, Input
from synth.data.sets.pairs import Pairs
from synth.methods import presets
from synth.pixels.palette import CITYSCAPES

data = Pairs(name="cityscapes", x="labels", y="photo", x_kind="labels")
card = Card(
    name="street",
    title="Street labels → photo",
    task="label map → photograph of a street",
    tabs=("translate", "draw"),
    inputs=(Input(kind="labels", palette=CITYSCAPES),),
    licence="non-commercial (trained on Cityscapes)",
    data="Cityscapes: 1,250 training pairs at 256x256",
)

recipe = presets.live(data, card, embed=8, steps=30_000)
variants = presets.comparisons(recipe, presets.paper(data, card, "Street: losses and networks", steps=15_000))
cpu = presets.on_two_cores
