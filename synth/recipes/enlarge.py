"""Enlarge a photograph two or four times (Ledig et al. 2017; Shi et al. 2016; Johnson et al. 2016)."""

from dataclasses import replace

from synth.card import Card
from synth.data.sets.photos import Photos
from synth.methods.enlarge import Enlarge
from synth.networks.espcn import ESPCN
from synth.networks.layers.spec import Spec
from synth.networks.patchgan import PatchGAN
from synth.networks.srresnet import SRResNet

card = Card(
    name="enlarge",
    title="Faithful ×4 (L1)",
    task="photograph → the same, four times as large",
    tabs=("enlarge",),
    group="Enlarged ×4",
    scale=4,
    size=192,
    licence="research use (trained on photographs of mixed origin)",
    data="2,050 photographs: ImageNet samples, natural scenes, BSDS500",
)

recipe = Enlarge(
    data=Photos(crop=192, turn=True),
    card=card,
    batch=64,
    steps=60_000,
    lr=1e-3,
    betas=(0.9, 0.99),
    decay=0.9,
    warmup=200,
)


def called(recipe: Enlarge, title: str, scale: int = 4) -> Enlarge:
    """Return the recipe with another title and factor."""
    words = {2: "twice", 4: "four times"}
    task = f"photograph → the same, {words[scale]} as large"
    return replace(recipe, card=replace(recipe.card, title=title, task=task, scale=scale, group=f"Enlarged ×{scale}"))


def live(scale: int) -> Enlarge:
    """Return the recipe of the network that runs live on two CPU cores: all its layers work at low resolution."""
    return called(replace(recipe, generator=Spec(ESPCN), steps=40_000), f"Fast ×{scale} (small network)", scale)


# The losses are compared by short runs that start from the L1 weights: ``--init runs/enlarge/last.pt``.
tuned = replace(recipe, lr=4e-4, warmup=10, steps=10_000, batch=32)
variants = {
    "live": live(4),
    "live_x2": live(2),
    "x2": called(recipe, "Faithful ×2 (L1)", 2),
    "l2": called(replace(tuned, l1=0.0, l2=10.0), "Smooth ×4 (L2)"),
    "perceptual": called(replace(tuned, l1=0.5, perceptual=0.02), "Detailed ×4 (perceptual loss)"),
    "gan": called(replace(tuned, l1=0.5, perceptual=0.02, gan=0.004, lr=5e-4), "Sharp ×4 (GAN)"),
}


def cpu(recipe: Enlarge) -> Enlarge:
    """Return the preset that two CPU cores train in an hour: half the width, windows of a quarter of the size."""
    narrow = {SRResNet: Spec(SRResNet, channels=32, blocks=12), ESPCN: recipe.generator}
    data = replace(recipe.data, crop=24 * recipe.card.scale)
    recipe = replace(recipe, generator=narrow[recipe.generator.build], data=data, preset="cpu")
    recipe = replace(recipe, batch=32, steps=6_000, ema=0.998, card=replace(recipe.card, size=data.crop))
    if recipe.perceptual:  # VGG16 needs a hundred times the arithmetic of the generator
        discriminator = Spec(PatchGAN, channels=32, depth=2, norm="instance")
        data, card = replace(data, crop=16 * recipe.card.scale), replace(recipe.card, size=16 * recipe.card.scale)
        return replace(recipe, data=data, card=card, discriminator=discriminator, batch=8, steps=600, ema=0.99)
    return recipe
