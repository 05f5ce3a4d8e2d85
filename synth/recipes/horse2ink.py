"""Turn a photograph of a horse into an ink-wash painting and back (Zhu et al. 2017; Park et al. 2020)."""

from synth.card import Card
from synth.methods import unpaired

PHOTO = unpaired.Side("horse", "Ink painting → horse photo", "ink-wash painting of a horse → photograph")
INK = unpaired.Side("ink", "Horse photo → ink painting", "photograph of a horse → ink-wash painting")
ABOUT = Card(
    licence="research use (trained on pictures collected from the web, without a stated licence)",
    data="577 photographs of horses, 470 ink-wash paintings of horses, not paired; the other images of the set are not "
    "trained on, because the test images show them again, most of them mirrored",
)

recipe = unpaired.cyclegan("horse2ink", PHOTO, INK, ABOUT, without_overlap=True)
variants = unpaired.variants(recipe)
cpu = unpaired.on_two_cores
