"""Turn a line drawing into a 3D emoji (after the edges tasks of Isola et al. 2017, fig. 11; Fluent emoji)."""

from synth.card import Card, Input
from synth.data.sets.pairs import Pairs
from synth.methods import presets

data = Pairs(name="emoji_3d", x="drawing", y="photo", x_kind="drawing")
card = Card(
    name="emoji_3d",
    title="Sketch → 3D emoji",
    task="line drawing → emoji in 3D",
    tabs=("translate", "draw"),
    inputs=(Input(kind="drawing"),),
    licence="MIT (trained on Fluent emoji)",
    data="Fluent emoji 3D: renderings, and line drawings found in them",
)

# White paper stays white with running statistics only.
recipe = presets.live(data, card, statistics="running")
variants = {"l1": presets.without_gan(recipe)}
cpu = presets.on_two_cores
