"""Shared recipes of unpaired translation: CycleGAN in both directions, CUT for comparison, and the CPU preset."""

from dataclasses import dataclass, replace

from synth.card import Card
from synth.data.sets.unpaired import Unpaired
from synth.methods.cut import CUT
from synth.methods.cyclegan import CycleGAN
from synth.methods.method import Method
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN


@dataclass(frozen=True)
class Side:
    """One of the two image domains: its folder, and the title and task of the graph that translates into it."""

    folder: str
    title: str
    task: str


def cyclegan(data: str, x: Side, y: Side, about: Card, without_overlap: bool = False) -> CycleGAN:
    """Return a CycleGAN from ``x`` to ``y`` and back on the data set ``data``; ``about`` is the card of both graphs.

    ``without_overlap`` removes training images that are duplicates of test images, mirrored or nearly equal.
    """
    names = f"{x.folder}2{y.folder}", f"{y.folder}2{x.folder}"
    there, back = (
        replace(about, name=name, title=side.title, task=side.task, tabs=("translate",), partner=partner)
        for name, partner, side in zip(names, names[::-1], (y, x), strict=True)
    )
    sets = Unpaired(name=data, x=x.folder, y=y.folder, without_overlap=without_overlap)
    return CycleGAN(data=sets, card=there, back_card=back, batch=16, steps=12_000)


def variants(recipe: CycleGAN) -> dict[str, Method]:
    """Return CUT and FastCUT on the same data with the same networks; for comparison, in no tab of the app."""
    card = replace(recipe.card, tabs=(), partner="")
    cut = CUT(
        data=recipe.data,
        card=replace(card, title=f"{card.title}, CUT"),
        generator=recipe.generator,
        discriminator=recipe.discriminator,
        batch=recipe.batch,
        steps=recipe.steps,
    )
    fast = replace(cut, nce=10.0, identity=False, card=replace(card, title=f"{card.title}, FastCUT"))
    return {"cut": cut, "fastcut": fast}


LOAD, CROP = 200, 128
"""Side in pixels to which the CPU preset resizes images, and side of its crops. Brush strokes then have the same size
as in images that the app processes."""


def on_two_cores(recipe: CycleGAN | CUT) -> Method:
    """Return the CPU preset: the generator that runs live on two cores, small crops and a narrow D.

    G has fewer levels than elsewhere, because instance norm over 4x4 pixels leaves blots at fixed positions. It is not
    residual, because parts that must become blank paper would show through. The batch size is 1 as in the paper: in a
    short training the number of steps matters most. For the same reason the identity loss is computed lazily; without
    it, dark horses became white ones on dark paper, and dark again on the way back.
    """
    if isinstance(recipe, CycleGAN):
        recipe = replace(recipe, lazy=4)
    return replace(
        recipe,
        data=replace(recipe.data, load=LOAD, crop=CROP, windows=True),
        generator=Spec(Live, widths=(24, 48, 96), blocks=6, norm="instance"),
        discriminator=Spec(PatchGAN, channels=16, norm="instance"),
        batch=1,
        steps=24_000,
        preset="cpu",
    )
