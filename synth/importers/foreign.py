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


def find(path: Path, part: str = "", labels: int | None = None) -> Found:
    """Return the network in a checkpoint, with its ends. Raises ``ValueError`` with a sentence if it cannot be read or
    told.

    ``part`` names one of several networks in the file; ``labels`` is how many of its planes are classes.
    """
    state = read(path, part)
    found = tell(state)
    if not found:
        some = ", ".join(list(state)[:3])
        raise ValueError(f"{path} holds {_other(state)} ({some}, ...). Known are {KNOWN}.")
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
    """Return what is known of a network that cannot be used."""
    firsts = [state.get(f"{place}.weight") for place in ("model.0", "layer0.model.0", "scale0_layer0.0", "net.0")]
    if any(first is not None and first.ndim == 4 for first in firsts):
        return "a discriminator, it seems, which makes no pictures. The generator is in another file (latest_net_G.pth)"
    prefixes = sorted({key.split(".")[0] for key in state} & {"netG", "netG_A", "netG_B", "G", "generator", "gen"})
    if prefixes:
        return f"several networks. Say which one is the generator: --part {prefixes[0]}"
    return "a network of no kind that is known here"
