"""Turn a flat emoji into a 3D emoji and back: two unpaired sets of drawings (Zhu et al. 2017)."""

from synth.card import Card
from synth.methods import unpaired

FLAT = unpaired.Side("flat", "3D emoji → flat emoji", "emoji in 3D → flat emoji")
SOLID = unpaired.Side("solid", "Flat emoji → 3D emoji", "flat emoji → emoji in 3D")
ABOUT = Card(
    licence="CC BY-SA 4.0 (trained on OpenMoji) and MIT (trained on Fluent emoji)",
    data="OpenMoji in colour, Fluent emoji 3D; not paired",
)

recipe = unpaired.cyclegan("emoji_styles", FLAT, SOLID, ABOUT)
variants = unpaired.variants(recipe)
cpu = unpaired.on_two_cores
