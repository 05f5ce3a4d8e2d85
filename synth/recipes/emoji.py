"""Turn a line drawing into a coloured emoji (after the sketch tasks of Isola et al. 2017, fig. 11-12; OpenMoji)."""

from synth.card import Card, Input
from synth.data.sets.pairs import Pairs
from synth.methods import presets

data = Pairs(name="emoji", x="drawing", y="color", x_kind="drawing")
card = Card(
    name="emoji",
    title="Sketch → emoji",
    task="line drawing → coloured emoji",
    tabs=("translate", "draw"),
    inputs=(Input(kind="drawing"),),
    licence="CC BY-SA 4.0 (trained on OpenMoji)",
    data="OpenMoji 17: colour emoji and the same as black line drawings",
)

# White paper stays white with running statistics only. Emoji have flat areas: ``gradients`` penalises mottled ones.
recipe = presets.live(data, card, statistics="running", gradients=50.0)
variants = {"l1": presets.without_gan(recipe)}
cpu = presets.on_two_cores
