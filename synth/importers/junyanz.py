"""Generators of the authors' PyTorch code for pix2pix, CycleGAN and CUT (junyanz): U-Nets and residual networks.

In their U-Net every level is a block that contains the next one. Their activations are in place, so a skip connection
carries the activated map; since the decoder begins with a ReLU, the result is the same.
"""

from torch import nn

from synth.counted import counted
from synth.importers import residual
from synth.importers.keys import Found, Keys, State
from synth.importers.residual import normed, size
from synth.networks.layers.norm import Norm
from synth.networks.resnet import ResNet
from synth.networks.unet import UNet

WITHOUT = 5
"""Levels of a U-Net up to which the authors' code has no dropout: it follows the norms of the levels between."""


def unet(state: State) -> Found | None:
    """Return a U-Net, or None if the keys are not those of one. Raises ``ValueError`` if some of them are wrong."""
    if not any(key.startswith(_block(1)) for key in state):
        return None
    levels = 2
    while any(key.startswith(_block(levels)) for key in state):
        levels += 1
    affine = any(f"{_block(level)}{place}.weight" in state for level, place in ((1, 2), (1, 6), (levels - 1, 4)))
    bias = any(f"{_block(level)}{place}.bias" in state for level, place in ((0, 0), (1, 1), (levels - 1, 1)))
    norm: Norm = "batch" if affine else "instance" if bias else "none"
    channels = size(state, 64, ("model.model.0", 0), ("model.model.1.model.1", 1))
    inputs, outputs = size(state, 3, ("model.model.0", 1)), size(state, 3, ("model.model.3", 1))
    running = any(".running_" in key for key in state)
    size_text = f"{counted(levels, 'level')} ({2**levels} pixels), {counted(channels, 'channel')}"
    what = f"a U-Net with {size_text}, {normed(norm, running)}"
    keys, network = Keys(state, what), UNet(inputs, outputs, channels, levels, norm=norm)
    for level in range(levels):
        down, up = network.down[level], network.up[levels - 1 - level]
        inner = level == levels - 1
        places = ("0", "", "3", "") if level == 0 else ("1", "", "3", "4") if inner else ("1", "2", "5", "6")
        layers = (down[1], down[2], up[1], up[2] if level else None)
        for layer, place in zip(layers, places, strict=True):
            if layer is not None and place:
                final = level == 0 and layer is up[1]
                # With batch norm or without any norm, their convolutions have no bias, except for the last one.
                optional = not (bias or final) and isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d))
                keys.fill(layer, _block(level) + place, bias=not optional)
    if norm == "instance":
        keys.drop_running()
    dropout = None if levels > WITHOUT else False
    question, planes = norm == "batch" and running, (inputs, outputs)
    return Found(what, network, keys.done(), batch_norm=question, planes=planes, dropout=dropout, squashed=True)


def _block(level: int) -> str:
    """Return the key prefix of a level's layers: the next level is layer 1 of the outermost block, 3 of the others."""
    return "model.model." if level == 0 else "model.model.1." + "model.3." * (level - 1) + "model."


def resnet(state: State) -> Found | None:
    """Return a residual generator, or None if the keys are not those of one. Raises ``ValueError`` if any is wrong."""
    at = residual.layout(state)
    if at is None:
        return None
    size_text = f"{counted(at.blocks, 'block')}, {counted(at.channels, 'channel')}"
    what = f"a{'n antialiased' * at.blur} ResNet with {size_text}, {at.normed}"
    keys, network = Keys(state, what), generator(at)
    residual.fill(keys, network, at)
    keys.fill(network.head, f"model.{at.last}")
    if at.norm == "instance":
        keys.drop_running()
    planes = (at.inputs, at.outputs)
    return Found(what, network, keys.done(), batch_norm=at.question, planes=planes, dropout=at.dropout, squashed=True)


def generator(at: residual.Layout) -> ResNet:
    """Return an untrained network of this layout that takes the sizes of the authors' code."""
    network = ResNet(
        at.inputs,
        at.outputs,
        at.channels,
        at.blocks,
        at.norm,
        antialias=at.blur,
        antialias_up=at.spread,
        levels=at.levels,
        bias=at.bias,
    )
    residual.sized(network, at.levels)
    return network
