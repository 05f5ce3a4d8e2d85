"""Train on your own folder of pairs: ``python -m synth train pairs --data DIR --as-name NAME --minutes 20``."""

from synth.card import Card
from synth.data.sets.pairs import Pairs
from synth.methods import presets

data = Pairs(name="pairs", x="x", y="y")
card = Card(
    name="pairs",
    title="Pairs",
    task="picture → picture, learned from pairs",
    licence="as its training pictures",
    data="a folder of pairs",
)

recipe = presets.live(data, card, batch=16, steps=20_000)
cpu = presets.on_two_cores
