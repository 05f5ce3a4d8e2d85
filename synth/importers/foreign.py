"""Recognise the architecture of a third-party checkpoint by the keys of its state dict."""

from dataclasses import replace
from pathlib import Path

from synth.importers import ends, junyanz, pairs, pix2pixhd, style, zhang
from synth.importers.choices import Pair
from synth.importers.keys import Found, State
from synth.importers.reading import read
from synth.importers.reparametrized import folded

# The first family that recognises the keys wins. pix2pixHD comes before ResNet, whose keys are similar.
FAMILIES = (zhang.siggraph17, zhang.eccv16, pix2pixhd.pix2pixhd, junyanz.resnet, junyanz.unet, style.style)
KNOWN = (
    "the generators of pix2pix, CycleGAN and CUT (U-Net, ResNet), those of pix2pixHD, the colorizers eccv16 and "
    "siggraph17, and fast style transfer"
)

OTHERS = (
    (("model.0", "layer0.0", "scale0_layer0.0", "net.0"), "probably a discriminator, which does not generate images"),
    (("mlp_0.0",), "the projection heads of CUT, which do not generate images"),
    (("model.1",), "probably an encoder, which turns images into features"),
)
"""Networks that are saved beside generators: possible keys of their first layer, and a description."""


def find(path: Path, part: str = "", labels: int | None = None, inputs: Pair | None = None) -> Found:
    """Return the network in a checkpoint, with its interface.

    ``part`` names one of several networks in the file; ``labels`` is how many of its input planes are classes;
    ``inputs`` are the two images that it takes. Raises ``ValueError`` if the file cannot be read or its network is not
    recognised.
    """
    state, norms = folded(read(path, part))
    found = tell(state)
    if not found:
        raise ValueError(f"{path} holds {_other(state)}")
    found = replace(found, what=f"{found.what} ({norms} folded into the weights)") if norms else found
    return with_ends(found, labels, inputs)


def tell(state: State) -> Found | None:
    """Return the network of a state dict, or None if no known family has such keys.

    Raises ``ValueError`` if a family recognises the keys but something is wrong with them.
    """
    return next((found for family in FAMILIES if (found := family(state))), None)


def with_ends(found: Found, labels: int | None = None, inputs: Pair | None = None) -> Found:
    """Return the network with its interface, derived from the number of planes unless the family sets it."""
    if found.ends is None:
        try:
            if inputs and labels is not None:
                raise ValueError("Give --inputs or --labels, not both.")
            if inputs:
                return replace(found, ends=pairs.of(inputs, found.planes, found.classes))
            return replace(found, ends=ends.of(*found.planes, labels, found.classes))
        except ValueError as error:
            raise ValueError(f"This is {found.what}. {error}") from error
    if labels is not None:
        raise ValueError(f"This is {found.what}: it takes no classes. Omit --labels.")
    if inputs:
        raise ValueError(f"This is {found.what}: it does not take two images. Omit --inputs.")
    return found


def _other(state: State) -> str:
    """Return the end of the error message about a network that cannot be used, with what to do instead."""
    for places, what in OTHERS:
        if any(first.ndim > 1 for place in places if (first := state.get(f"{place}.weight")) is not None):
            return f"{what}. The generator is in another file, usually called …_net_G.pth."
    if parts := _parts(state):
        return f"{', '.join(parts)}. Say which one is the generator: --part {parts[0]}"
    return f"an unknown kind of network (keys: {', '.join(list(state)[:3])}, ...). Supported are {KNOWN}."


def _parts(state: State) -> list[str]:
    """Return the key prefixes of known generators in a file of several networks."""
    found = []
    for stem in sorted({key.partition(".")[0] for key in state}):
        part = {key.removeprefix(f"{stem}."): value for key, value in state.items() if key.startswith(f"{stem}.")}
        try:
            known = tell(part) is not None
        except ValueError:
            known = True
        found += [stem] * known
    return found
