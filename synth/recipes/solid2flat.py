"""Turn a 3D emoji into a flat one: ``flat2solid`` in the other direction."""

from synth.methods import unpaired
from synth.recipes.flat2solid import ABOUT, FLAT, SOLID

recipe = unpaired.cyclegan("emoji_styles", SOLID, FLAT, ABOUT)
variants = unpaired.variants(recipe)
cpu = unpaired.on_two_cores
