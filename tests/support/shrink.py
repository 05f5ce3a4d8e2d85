"""Shrink any recipe so that two training steps take a moment."""

from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from synth.methods.belief import BeliefMaps
from synth.methods.colorize import Colorize
from synth.methods.cut import CUT
from synth.methods.cyclegan import CycleGAN
from synth.methods.dance import Dance
from synth.methods.enlarge import Enlarge
from synth.methods.fill import Fill
from synth.methods.method import Method
from synth.methods.pix2pix import Pix2Pix
from synth.methods.segment import Segment
from synth.networks.belief import Belief
from synth.networks.blazepose import BlazeBelief
from synth.networks.colornet import ColorNet
from synth.networks.coordinate_regression import CoordinateRegression
from synth.networks.espcn import ESPCN
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.patchgan import PatchGAN
from synth.networks.pose_machine import ConvolutionalPoseMachine
from synth.networks.resnet import ResNet
from synth.networks.srresnet import SRResNet
from synth.networks.trunks.lite import Lite0
from synth.networks.trunks.vgg import VGG16
from synth.networks.unet import UNet

N = TypeVar("N", bound=nn.Module)
SMALL: dict[Any, dict[str, Any]] = {
    UNet: {"channels": 4, "levels": 5},
    ResNet: {"channels": 4, "blocks": 6},
    Live: {"widths": (4, 4, 4, 4, 4), "blocks": 1},
    PatchGAN: {"channels": 4},
    ESPCN: {"channels": 4},
    SRResNet: {"channels": 4, "blocks": 2},
    Belief: {"width": 0.1, "middle": 8, "fine": 8},
    BlazeBelief: {"width": 0.1, "middle": 8, "fine": 8},
    ConvolutionalPoseMachine: {"width": 0.2, "channels": 24, "stages": 3},
    CoordinateRegression: {"width": 0.1, "hidden": 16},
    Lite0: {"width": 0.1},
    VGG16: {"width": 0.05},
}


def spec(value: Spec[N]) -> Spec[N]:
    """Return a spec of the same network with few channels and blocks."""
    return value.changed(**SMALL[value.build])


def shrink(method: Method) -> Method:
    """Return the recipe with tiny networks, batches of two and 32-pixel crops."""
    method = replace(method, card=replace(method.card, size=32), batch=2, steps=4)
    if isinstance(method, Pix2Pix):
        method = replace(method, data=replace(method.data, load=36, crop=32))
        discriminator = Spec(PatchGAN, channels=4, depth=1)
        return replace(method, generator=spec(method.generator), discriminator=discriminator)
    if isinstance(method, Dance):
        data, head = replace(method.data, side=32, window=32), 16 if method.head else 0
        networks = {"generator": spec(method.generator), "face": Spec(Live, widths=(4, 4), blocks=1)}
        discriminator = Spec(PatchGAN, channels=4, depth=1)
        return replace(method, data=data, head=head, discriminator=discriminator, perceptual=0.0, **networks)
    if isinstance(method, BeliefMaps):
        return replace(method, data=method.data.sized(32), network=spec(method.network))
    if isinstance(method, Segment):
        trunk = spec(method.network.options.get("trunk", Spec(Lite0)))
        network = method.network.changed(trunk=trunk, hidden=8)
        return replace(method, data=replace(method.data, load=36, crop=32), network=network)
    if isinstance(method, Enlarge):
        networks = {"generator": spec(method.generator), "discriminator": Spec(PatchGAN, channels=4, depth=1)}
        return replace(method, data=method.data.sized(32), perceptual=0.0, **networks)
    if isinstance(method, Colorize):
        judge = Spec(PatchGAN, channels=4, depth=1)
        data = replace(method.data, crop=32)
        return replace(method, data=data, network=Spec(ColorNet, width=0.1, channels=8), discriminator=judge, work=32)
    if isinstance(method, Fill):
        judge = Spec(PatchGAN, channels=4, depth=1)
        return replace(method, data=method.data.sized(32), generator=spec(method.generator), discriminator=judge)
    if isinstance(method, (CycleGAN, CUT)):
        data, judge = replace(method.data, load=36, crop=32), Spec(PatchGAN, channels=4, depth=1, norm="instance")
        flat = Spec(Live, widths=(4, 4, 4), blocks=1, norm="instance")  # a single pixel has no statistics
        generator = flat if method.generator.build is Live else spec(method.generator)
        return replace(method, data=data, generator=generator, discriminator=judge)
    raise AssertionError(f"{type(method).__name__} has no small version: add one to shrink().")


def made_up(method: Method, count: int = 2) -> dict[str, Tensor]:
    """Return a batch of random tensors with the names and shapes of the recipe's data."""
    if isinstance(method, BeliefMaps):
        joints = torch.rand(count, 17, 3) * torch.tensor([32, 32, 1])
        return {"x": torch.rand(count, 3, 32, 32) * 2 - 1, "joints": joints, "known": torch.ones(count, 17)}
    if isinstance(method, Fill):
        return {"y": torch.rand(count, 3, 32, 32) * 2 - 1, "mask": torch.rand(count, 3, 32, 32).round() * 2 - 1}
    names = ("x", "x_before", "y", "y_before", "y_first", "plate") if isinstance(method, Dance) else ("x", "y")
    return {name: torch.rand(count, 3, 32, 32) * 2 - 1 for name in names}


def total(terms: dict[str, Tensor]) -> Tensor:
    """Return the sum of loss terms, as training descends on it."""
    return torch.stack([*terms.values()]).sum()
