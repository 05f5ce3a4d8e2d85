"""What the recipes of unpaired translation share: CycleGAN in both directions, CUT beside it, the CPU preset."""

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
    """One of the two kinds of pictures: the name of its folder, and what a graph that makes such ones is called."""

    folder: str
    title: str
    task: str


def cyclegan(data: str, x: Side, y: Side, about: Card, without_overlap: bool = False) -> CycleGAN:
    """Return CycleGAN from ``x`` to ``y`` and back; ``about`` is what both cards say of data and terms.

    ``without_overlap`` is for sets whose test pictures are also among the training ones, mirrored or nearly so.
    """
    names = f"{x.folder}2{y.folder}", f"{y.folder}2{x.folder}"
    there, back = (
        replace(about, name=name, title=side.title, task=side.task, tabs=("translate",), partner=partner)
        for name, partner, side in zip(names, names[::-1], (y, x), strict=True)
    )
    sets = Unpaired(name=data, x=x.folder, y=y.folder, without_overlap=without_overlap)
    return CycleGAN(data=sets, card=there, back_card=back, batch=16, steps=12_000)


def variants(recipe: CycleGAN) -> dict[str, Method]:
    """Return CUT and FastCUT on the same data, with the same networks; measured, not shown in a tab."""
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
"""The CPU preset trains on windows of larger pictures: their brush strokes are as fine as in what it will be shown."""


def on_two_cores(recipe: CycleGAN | CUT) -> Method:
    """The CPU preset: the generator that is live on two cores, small windows, a narrow D.

    It halves less often than elsewhere: instance norm of 4x4 pixels leaves blots at fixed places. It makes all of its
    picture, unlike residual ones: what is to become blank paper must not show through. Batches of one, as the paper's:
    what counts in a short training is the number of steps. For the same reason the identity loss is lazy; quite without
    it, dark horses became white ones on dark paper, and came back dark.
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
