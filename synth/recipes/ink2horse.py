"""Turn an ink-wash painting of a horse into a photograph: ``horse2ink`` in the other direction."""

from synth.methods import unpaired
from synth.recipes.horse2ink import ABOUT, INK, PHOTO

recipe = unpaired.cyclegan("horse2ink", INK, PHOTO, ABOUT, without_overlap=True)
variants = unpaired.variants(recipe)
cpu = unpaired.on_two_cores
