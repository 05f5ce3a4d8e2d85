"""Other people's checkpoints, told apart by their keys."""

from dataclasses import replace
from pathlib import Path

from synth.importers import ends, junyanz, pix2pixhd, style, zhang
from synth.importers.keys import Found, State
from synth.importers.reading import read

# The first that recognises the keys as its own has the word: a pix2pixHD is also nearly a ResNet.
FAMILIES = (zhang.siggraph17, zhang.eccv16, pix2pixhd.hd, junyanz.resnet, junyanz.unet, style.style)
KNOWN = (
    "the generators of pix2pix, CycleGAN and CUT (U-Net, ResNet), those of pix2pixHD, the colorizers eccv16 and "
    "siggraph17, and fast style transfer"
)

OTHERS = (
    (("model.0", "layer0.0", "scale0_layer0.0", "net.0"), "a discriminator, it seems, which makes no pictures"),
    (("mlp_0.0",), "the part of CUT that compares patches, which makes no pictures"),
    (("model.1",), "an encoder, it seems, which makes features of pictures and no pictures"),
)
"""Networks that are saved beside generators: where their first layer is, and what they are."""


def find(path: Path, part: str = "", labels: int | None = None) -> Found:
    """Return the network in a checkpoint, with its ends. Raises ``ValueError`` with a sentence if it cannot be read or
    told.

    ``part`` names one of several networks in the file; ``labels`` is how many of its planes are classes.
    """
    state = read(path, part)
    found = tell(state)
    if not found:
        raise ValueError(f"{path} holds {_other(state)}")
    return _with_ends(found, labels)


def tell(state: State) -> Found | None:
    """Return the network of a state dict, or None if its keys are of none that is known. Raises ``ValueError`` with a
    sentence where something is wrong with it."""
    return next((found for family in FAMILIES if (found := family(state))), None)


def _with_ends(found: Found, labels: int | None) -> Found:
    if found.ends is None:
        try:
            return replace(found, ends=ends.of(*found.planes, labels, found.classes))
        except ValueError as error:
            raise ValueError(f"This is {found.what}. {error}") from error
    if labels is not None:
        raise ValueError(f"This is {found.what}: it takes no classes. Leave --labels out.")
    return found


def _other(state: State) -> str:
    """Return, as the end of a sentence and a way out, what is known of a network that cannot be used."""
    for places, what in OTHERS:
        if any(first.ndim > 1 for place in places if (first := state.get(f"{place}.weight")) is not None):
            return f"{what}. The generator is in another file, usually called …_net_G.pth."
    if parts := _parts(state):
        return f"{', '.join(parts)}. Say which one is the generator: --part {parts[0]}"
    return f"a network of no kind that is known ({', '.join(list(state)[:3])}, ...). Known are {KNOWN}."


def _parts(state: State) -> list[str]:
    """Return what stands before the keys of known generators, in a file of several networks."""
    found = []
    for stem in sorted({key.partition(".")[0] for key in state}):
        part = {key.removeprefix(f"{stem}."): value for key, value in state.items() if key.startswith(f"{stem}.")}
        try:
            known = tell(part) is not None
        except ValueError:
            known = True
        found += [stem] * known
    return found
