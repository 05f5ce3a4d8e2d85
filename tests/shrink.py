"""Any recipe, so small that two steps of it take a moment."""

from dataclasses import replace
from typing import Any

from synth.methods.method import Method
from synth.methods.pix2pix import Pix2Pix
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.spec import Spec
from synth.networks.unet import UNet

SMALL: dict[Any, dict[str, Any]] = {
    UNet: {"channels": 4, "levels": 5},
    Live: {"widths": (4, 4, 4, 4, 4), "blocks": 1},
    PatchGAN: {"channels": 4},
}


def spec(value: Spec) -> Spec:
    return Spec(value.build, **{**value.options, **SMALL[value.build]})


def shrink(method: Method) -> Method:
    """Return the recipe with tiny networks, batches of two and 32-pixel crops."""
    method = replace(method, card=replace(method.card, size=32), batch=2, steps=4)
    if isinstance(method, Pix2Pix):
        method = replace(method, data=replace(method.data, load=36, crop=32))
        discriminator = Spec(PatchGAN, channels=4, depth=1)
        return replace(method, generator=spec(method.generator), discriminator=discriminator)
    raise AssertionError(f"say here how to shrink a {type(method).__name__}")
