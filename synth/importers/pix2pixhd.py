"""Generators of pix2pixHD (Wang et al. 2018): the global one, and local enhancers around it.

The global one has the keys of CycleGAN's ResNet with more halvings, four as a rule. With local enhancers its last
layers are missing, and ``model1_1``, ``model1_2`` (``model2_1``, ... where there are more) stand around it.
"""

import re

from torch import nn

from synth.importers import residual
from synth.importers.junyanz import generator
from synth.importers.keys import Found, Keys, State
from synth.importers.residual import Layout, size
from synth.networks.pix2pixhd import Enhanced, Enhancer

LOCAL = re.compile(r"model(\d+)_[12]\.")
ORDINARY = 2
"""Halvings of CycleGAN's ResNet: with so many, both are the same network."""


def hd(state: State) -> Found | None:
    """Return a generator of pix2pixHD, or None if this is none. Raises ``ValueError`` where something is wrong."""
    at = residual.layout(state)
    enhancers = max((int(found[1]) for key in state if (found := LOCAL.match(key))), default=0)
    if at is None or at.blur or at.spread:
        return None
    if enhancers:
        return _local(state, at, enhancers)
    plain = at.levels == ORDINARY and not (at.norm == "batch" and at.bias)
    return None if plain else _global(state, at)


def _global(state: State, at: Layout) -> Found:
    what = f"a global generator of pix2pixHD with {_parts(at)}"
    keys, network = Keys(state, what), generator(at)
    residual.fill(keys, network, at)
    keys.fill(network.head, f"model.{at.last}")
    return _found(keys, network, at, at.outputs)


def _local(state: State, at: Layout, enhancers: int) -> Found:
    blocks = _blocks(state, 1)
    channels = max(1, at.channels >> enhancers)
    each = f"{enhancers} local enhancer{'s' * (enhancers > 1)} of {blocks} blocks, {channels} channels"
    what = f"a generator of pix2pixHD with {each}, around a global one with {_parts(at)}"
    last = f"model{enhancers}_2.{_blocks(state, enhancers) + 4}"
    outputs = size(state, 3, (last, 0))
    keys = Keys(state, what)
    network = Enhanced(at.inputs, outputs, channels, at.blocks, at.norm, at.levels, enhancers, blocks)
    residual.sized(network, at.levels + enhancers)
    residual.fill(keys, network.body, at)
    for number, enhancer in enumerate(network.enhancers, 1):
        residual.put(keys, _places(enhancer, number))  # type: ignore[arg-type]
    keys.fill(network.head, last)
    return _found(keys, network, at, outputs)


def _places(enhancer: Enhancer, number: int) -> list[tuple[nn.Sequential, str, str]]:
    """Return the layers of an enhancer, and where their convolutions and norms stand."""
    before, behind, blocks = f"model{number}_1.", f"model{number}_2.", len(enhancer.blocks)
    places = [(enhancer.stem, f"{before}1", f"{before}2"), (enhancer.down, f"{before}4", f"{before}5")]
    for i, block in enumerate(enhancer.blocks):
        places += residual.block_places(block, f"{behind}{i}")
    return [*places, (enhancer.up, f"{behind}{blocks}", f"{behind}{blocks + 1}")]


def _blocks(state: State, number: int) -> int:
    inside = re.compile(rf"model{number}_2\.(\d+)\.conv_block\.")
    return 1 + max((int(found[1]) for key in state if (found := inside.match(key))), default=-1)


def _parts(at: Layout) -> str:
    return f"{at.blocks} blocks, {at.levels} halvings, {at.channels} channels, {at.normed}"


def _found(keys: Keys, network: nn.Module, at: Layout, outputs: int) -> Found:
    if at.norm == "instance":
        keys.drop_running()
    planes = (at.inputs, outputs)
    return Found(keys.what, network, keys.done(), batch_norm=at.question, planes=planes, classes=True)
