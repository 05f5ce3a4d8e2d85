"""Shared pix2pix recipes: the live one that is bundled, the paper's with its ablations, and the CPU preset."""

from dataclasses import replace
from typing import Any

from synth.card import Card
from synth.data.sets.pairs import Pairs
from synth.methods.pix2pix import Pix2Pix
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.unet import UNet

TITLES = {
    "l1": "Pixel loss only (L1)",
    "l2": "Pixel loss only (L2)",
    "gan": "Adversarial only (GAN)",
    "cgan": "Adversarial only (cGAN)",
    "gan_l1": "Both losses (L1 + GAN)",
    "l1_cgan": "Both losses (L1 + cGAN)",
    "l1_cgan_ls": "Both losses (L1 + least-squares cGAN)",
    "encdec-l1": "Pixel loss only, no skip connections (encoder-decoder)",
    "encdec-l1_cgan": "Both losses, no skip connections (encoder-decoder)",
}
"""Titles of the ablations, see ``ablations``."""


def live(data: Pairs, card: Card, embed: int = 0, **changes: Any) -> Pix2Pix:
    """Return a recipe with a generator that runs live on two CPU cores, and feature matching.

    With ``embed`` > 0, label maps are one-hot encoded and mapped to that many planes. Least squares and L1 of weight
    100 gave grey, smooth images in short trainings; the paper's vanilla GAN and L1 of weight 30 do not.
    """
    recipe = Pix2Pix(
        data=data,
        card=card,
        generator=Spec(Live, embed=embed),
        discriminator=Spec(PatchGAN, channels=32),
        l1=30.0,
        feature_matching=10.0,
        one_hot=embed > 0,
        batch=32,
        steps=30_000,
        lr=4e-4,
    )
    return replace(recipe, **changes)


def paper(data: Pairs, card: Card, group: str, **changes: Any) -> Pix2Pix:
    """Return a recipe with the paper's losses and networks, at a quarter of the width so that ablations take less time.

    ``group`` is the name under which the app compares the ablations.
    """
    card = replace(card, group=group, tabs=("compare",))
    generator, discriminator = Spec(UNet, channels=16), Spec(PatchGAN, channels=32)
    recipe = Pix2Pix(data=data, card=card, generator=generator, discriminator=discriminator, batch=16, steps=15_000)
    return replace(recipe, **changes)


def without_gan(recipe: Pix2Pix) -> Pix2Pix:
    """Return the recipe with L1 as its only loss, the baseline that a bundled model must beat; in no tab of the app."""
    card = replace(recipe.card, title=f"{recipe.card.title}, L1 only", tabs=())
    return replace(recipe, gan="none", gradients=0.0, card=card)


def comparisons(recipe: Pix2Pix, paper: Pix2Pix) -> dict[str, Pix2Pix]:
    """Return all variants of a task: the bundled recipe without GAN, the paper's full-width U-Net, the ablations."""
    full = replace(paper, generator=Spec(UNet), discriminator=Spec(PatchGAN))
    return {"live_l1": without_gan(recipe), "unet": full, **ablations(paper)}


def ablations(recipe: Pix2Pix) -> dict[str, Pix2Pix]:
    """Return the ablations of figures 4-5 and table 1 of the paper: losses, and U-Net against encoder-decoder."""
    encoder_decoder = replace(recipe, generator=recipe.generator.changed(skip=False))
    variants = {
        "l1": replace(recipe, gan="none", l1=100.0, l2=0.0),
        "l2": replace(recipe, gan="none", l1=0.0, l2=100.0),
        "gan": replace(recipe, conditional=False, l1=0.0),
        "cgan": replace(recipe, l1=0.0),
        "gan_l1": replace(recipe, conditional=False),
        "l1_cgan": recipe,
        "l1_cgan_ls": replace(recipe, gan="least_squares"),
        "encdec-l1": replace(encoder_decoder, gan="none"),
        "encdec-l1_cgan": encoder_decoder,
    }
    return {name: replace(v, card=replace(v.card, title=TITLES[name])) for name, v in variants.items()}


def on_two_cores(recipe: Pix2Pix, l1: float = 5.0) -> Pix2Pix:
    """Return the CPU preset: small batches and a narrow D, which would otherwise take four fifths of the arithmetic.

    U-Nets are trained on a quarter of the pixels, hence with one level less, at batch size 1 as in the paper: that is
    four times the steps for the same number of images, which improved every ablation. Together with an adversarial
    loss, the weight of L1 is at most ``l1``: with 100 or 30, so narrow a G ignores its D and a grid pattern remains.
    """
    discriminator = recipe.discriminator.changed(channels=16)
    recipe = replace(recipe, discriminator=discriminator, batch=4, steps=6_000, preset="cpu")
    if recipe.generator.build is not UNet:
        return recipe
    generator = Spec(UNet, **{**recipe.generator.options, "channels": 16, "levels": 7, "upsample": "nearest"})
    data, card = replace(recipe.data, load=143, crop=128), replace(recipe.card, size=128)
    l1 = min(recipe.l1, l1) if recipe.gan != "none" else recipe.l1
    return replace(recipe, data=data, card=card, generator=generator, l1=l1, batch=1, steps=14_000)
