"""Do as I do: the drawn skeleton of a person becomes a character (Chan et al. 2019). ``--data`` names whose clips."""

from dataclasses import replace
from typing import Any

from synth.card import Card, Input
from synth.data.sets.frames import Frames
from synth.methods.dance import Dance
from synth.methods.method import Method
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN

card = Card(
    name="dance",
    title="Dancer",
    task="skeleton → character",
    tabs=("dance",),
    inputs=(Input("figure", kind="figure"), Input("previous", kind="previous")),
    licence="as the person filmed allows",
    data="clips of one person before a fixed camera",
)
recipe = Dance(
    data=Frames(name="me", window=224, cut_out_share=0.2),
    card=card,
    discriminator=Spec(PatchGAN, channels=48),
    perceptual=5.0,
    steady=60.0,
    feedback=False,
    batch=16,
    steps=20_000,
    lr=4e-4,
)
"""With ``perceptual`` at 10 the VGG features alone made more than half of G's loss."""


def _character(name: str, title: str, licence: str, data: str, **changes: Any) -> Dance:
    """Return the recipe of a bundled character, without the clips whose motion is unchecked (``dm_*``)."""
    own = replace(card, name=f"dance-{name}", title=title, licence=licence, data=data)
    frames = replace(recipe.data, name=f"dancers/{name}", without=("dm_",))
    return replace(recipe, card=own, data=frames, **changes)


ava = _character(
    "ava",
    "Ava",
    "Apache-2.0 (character: MakeHuman, CC0; motion: CMU, free for all uses)",
    "rendered clips of a fictional character, walking, dancing and posing",
)
rogue = _character(
    "rogue",
    "Rogue",
    "Apache-2.0 (character: KayKit Adventurers, CC0; motion: CMU, free for all uses, and KayKit, CC0)",
    "rendered clips of a fictional character, walking, dancing and posing",
    head=96,
    feedback=True,
    settle=24.0,
)
"""G sees its own last image (``feedback``), so that what is beside a moving limb stays as it was. A D makes that drift:
the shipped model was trained further with ``gan="none"``, then briefly against a new D of 16 channels, and its weights
are a blend of the two (``synth.training.blend``)."""

ava_512 = replace(
    ava,
    data=replace(ava.data, name="dancers_512/ava", side=512, window=448),
    card=replace(
        ava.card, name="dance-ava-512", title="Ava, 512 pixels", data=f"{ava.card.data}, enlarged by enlarge-gan"
    ),
    generator=Spec(Live, widths=(24, 48, 96, 128, 160, 160)),
    head=128,
    batch=8,
)
"""For a GPU, and for offline use. Its data set is Ava's: ``train``, ``test`` and the background were enlarged by
``python -m synth apply enlarge-gan``; joints and clip lists are copied and keep the coordinates of 256 pixels."""

PAPER: dict[str, Any] = {"steady": 0.0, "settle": 0.0}
"""The paper's method alone, without the loss and the filter against trembling that this project adds."""
FRAME_BY_FRAME = {**PAPER, "temporal": False, "head": 0}


def _ablations(character: Dance) -> dict[str, Dance]:
    """Return the paper's ablations (frame by frame, temporal, head), L1 alone before them, our additions after them.

    From ``frames`` on each differs from the one before in one value. All train on the clips alone, without rotated
    images (``tumbled=0``).
    """
    character = replace(character, data=replace(character.data, cut_out_share=0.0))
    only_l1 = {"gan": "none", "perceptual": 0.0, **FRAME_BY_FRAME}
    variants = {
        "l1": ("frame by frame, L1 only", {"plate": False, **only_l1}),
        "plate_l1": ("frame by frame, L1 only, clean plate", only_l1),
        "frames": ("frame by frame", FRAME_BY_FRAME),
        "temporal": ("two frames judged together", {**FRAME_BY_FRAME, "temporal": True}),
        "face": ("and its head corrected, as in the paper", PAPER),
        "steady": ("and a loss against trembling", {"settle": 0.0}),
    }
    title = character.card.title
    return {
        name: replace(character, card=replace(character.card, title=f"{title}, {what}", tabs=()), **changes)
        for name, (what, changes) in variants.items()
    }


variants: dict[str, Method] = {
    "ava": ava,
    "rogue": rogue,
    "ava-512": ava_512,
    **{f"ava-{name}": variant for name, variant in _ablations(ava).items()},
}


def cpu(method: Method) -> Method:
    """Return the CPU preset: small batches, one narrow D, and no VGG, which would take most of the arithmetic.

    Windows usually hold a whole body: trained on windows of 128 pixels, which cut it, G guesses at what lies beyond
    their edge and draws a streak of hair along the edge of a whole image.

    After so short a training, G drifts within seconds when it sees its own images: on the test clips Ava reached
    28.3 dB without feedback and 27.4 with it, Rogue 22.3 and 21.3. So feedback is off here.
    """
    assert isinstance(method, Dance)
    narrow = Spec(PatchGAN, **{**method.discriminator.options, "channels": 16})
    data = replace(method.data, window=192)
    gradients = 30.0 if method.perceptual else 0.0  # in place of VGG, at almost no cost
    changes = {"perceptual": 0.0, "scales": 1, "batch": 4, "steps": 4_000, "feedback": False, "gradients": gradients}
    return replace(method, data=data, discriminator=narrow, preset="cpu", **changes)
