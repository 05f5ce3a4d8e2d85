"""What the recipes of unpaired translation share: CycleGAN in both directions, CUT beside it, the CPU preset."""

from dataclasses import dataclass, replace

from synth.card import Card
from synth.data.unpaired import Unpaired
from synth.methods.cut import CUT
from synth.methods.cyclegan import CycleGAN
from synth.methods.method import Method
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.spec import Spec


@dataclass(frozen=True)
class Side:
    """One of the two kinds of pictures: the name of its folder, and what a graph that makes such ones is called."""

    folder: str
    title: str
    task: str


def cyclegan(data: str, x: Side, y: Side, about: Card) -> CycleGAN:
    """Return CycleGAN from ``x`` to ``y`` and back; ``about`` is what both cards say of data and terms."""
    names = f"{x.folder}2{y.folder}", f"{y.folder}2{x.folder}"
    there, back = (
        replace(about, name=name, title=side.title, task=side.task, tabs=("translate",), partner=partner)
        for name, partner, side in zip(names, names[::-1], (y, x), strict=True)
    )
    sets = Unpaired(name=data, x=x.folder, y=y.folder)
    return CycleGAN(data=sets, card=there, back_card=back, batch=16, steps=12_000)


def variants(recipe: CycleGAN) -> dict[str, Method]:
    """Return CUT and FastCUT on the same data, with the same networks; measured, not shown in a tab."""
    card = replace(recipe.card, tabs=(), partner="", group=f"{recipe.card.title}: CycleGAN and CUT")
    cut = CUT(
        data=recipe.data,
        card=replace(card, title="CUT"),
        generator=recipe.generator,
        discriminator=recipe.discriminator,
        batch=recipe.batch,
        steps=recipe.steps,
    )
    fast = replace(cut, nce=10.0, identity=False, card=replace(card, title="FastCUT"))
    return {"cut": cut, "fastcut": fast}


def on_two_cores(recipe: CycleGAN | CUT) -> Method:
    """The CPU preset: the generator that is live on two cores, from the identity on, small pictures, a narrow D.

    It halves less often than elsewhere: instance norm of 4x4 pixels leaves blots at fixed places. Batches of one, as
    the paper's: what counts in a short training is the number of steps.
    """
    if isinstance(recipe, CycleGAN):
        recipe = replace(recipe, back_card=replace(recipe.back_card, size=128))
    return replace(
        recipe,
        data=recipe.data.sized(128),
        card=replace(recipe.card, size=128),
        generator=Spec(Live, widths=(16, 40, 80), blocks=5, norm="instance", residual=True),
        discriminator=Spec(PatchGAN, channels=16, norm="instance"),
        batch=1,
        steps=24_000,
        preset="cpu",
    )
