"""Generators of the authors' PyTorch code for pix2pix, CycleGAN and CUT: U-Nets and residual networks.

Their U-Net nests: each level is a block that holds the next one. Their activations are in place, so that a skip carries
an activated map; since the decoder begins with a ReLU anyway, that makes no difference.
"""

import re

import torch

from synth.importers.keys import Found, Keys, State
from synth.networks.norm import Norm
from synth.networks.resnet import ResNet
from synth.networks.unet import UNet


def unet(state: State) -> Found | None:
    """Return a U-Net, or None if this is none. Raises ``ValueError`` where it is one with something wrong."""
    first, levels = state.get("model.model.0.weight"), 2
    if first is None or first.ndim != 4 or first.shape[2:] != (4, 4):
        return None
    while any(key.startswith(_block(levels)) for key in state):
        levels += 1
    norm: Norm = "batch" if f"{_block(1)}2.weight" in state else "instance"
    channels, inputs = first.shape[:2]
    outputs = state["model.model.3.weight"].shape[1] if "model.model.3.weight" in state else 3
    what = f"a U-Net with {levels} levels ({2**levels} pixels), {channels} channels, {norm} norm"
    keys, network = Keys(state, what), UNet(inputs, outputs, channels, levels, norm=norm)
    for level in range(levels):
        down, up = network.down[level], network.up[levels - 1 - level]
        inner = level == levels - 1
        places = ("0", "", "3", "") if level == 0 else ("1", "", "3", "4") if inner else ("1", "2", "5", "6")
        layers = (down[1], down[2], up[1], up[2] if level else None)  # type: ignore[index]
        for layer, place in zip(layers, places, strict=True):
            if layer is not None and place:
                keys.fill(layer, _block(level) + place)
    if norm == "instance":
        keys.drop_running()
    return Found(what, network, keys.done(), norm == "batch")


def _block(level: int) -> str:
    """Return what stands before the layers of a level: the outermost holds the next as its second, others as fourth."""
    return "model.model." if level == 0 else "model.model.1." + "model.3." * (level - 1) + "model."


def resnet(state: State) -> Found | None:
    """Return a residual generator, or None if this is none. Raises ``ValueError`` where something is wrong with it."""
    first = state.get("model.1.weight")
    if first is None or first.ndim != 4 or first.shape[2:] != (7, 7):
        return None
    antialias = any(key.endswith(".filt") for key in state)
    step = 4 if antialias else 3  # layers from one size to the next: CUT has one more, of fixed filters
    begin = 4 + 2 * step  # where the blocks begin
    numbers = {int(found[1]) for key in state if (found := re.match(r"model\.(\d+)\.conv_block\.", key))}
    sixth = state.get(f"model.{begin}.conv_block.6.weight")
    blocks, dropout = len(numbers), sixth is not None and sixth.ndim == 4
    norm: Norm = "batch" if "model.2.weight" in state else "instance"
    channels, inputs = first.shape[:2]
    after = begin + blocks
    last = f"model.{after + 2 * step + 1}"
    outputs = state[f"{last}.weight"].shape[0] if f"{last}.weight" in state else 3
    what = f"a{'n antialiased' * antialias} ResNet with {blocks} blocks, {channels} channels, {norm} norm"
    keys, network = Keys(state, what), ResNet(inputs, outputs, channels, blocks, norm, antialias=antialias)
    places = [(network.stem, "model.1", "model.2")]
    for i in range(2):
        down, up = 4 + step * i, after + step * i + antialias
        places += [(network.down[i], f"model.{down}", f"model.{down + 1}")]
        places += [(network.up[i], f"model.{up}", f"model.{up + 1}")]
    for i, block in enumerate(network.blocks):
        at, second = f"model.{begin + i}.conv_block.", 6 if dropout else 5
        places += [(block.first, f"{at}1", f"{at}2"), (block.second, f"{at}{second}", f"{at}{second + 1}")]
    for layer, conv, norm_at in places:
        keys.fill(layer[0], conv)  # type: ignore[index]
        keys.fill(layer[1], norm_at)  # type: ignore[index]
    keys.fill(network.head, last)
    if norm == "instance":
        keys.drop_running()
    if antialias:
        _check_filters(state, what)
        keys.drop(lambda key: key.endswith(".filt"), "a fixed filter, the same in every such network")
    return Found(what, network, keys.done(), norm == "batch")


def _check_filters(state: State, what: str) -> None:
    """Raise ``ValueError`` unless all fixed filters are those that the network here computes with."""
    for key, given in state.items():
        if key.endswith(".filt"):
            row = torch.tensor((1.0, 2.0, 1.0) if given.shape[-1] == 3 else (1.0, 3.0, 3.0, 1.0))
            own = row[:, None] * row / row.sum() ** 2 * (1 if len(row) == 3 else 4)
            if given.shape[-2:] != own.shape or not torch.allclose(given, own.expand_as(given), atol=1e-5):
                raise ValueError(f"This looks like {what}, but the filter {key} is another one than usual.")
