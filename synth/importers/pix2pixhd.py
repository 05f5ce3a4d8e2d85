"""Generators of pix2pixHD (Wang et al. 2018): the global generator, and coarse-to-fine ones with local enhancers.

The global generator has the keys of CycleGAN's ResNet with more levels, usually four. With local enhancers, its last
layer is missing and there are ``model1_1`` and ``model1_2`` (``model2_1``, ... for more enhancers).
"""

import re

from synth.counted import counted
from synth.importers import residual
from synth.importers.junyanz import generator
from synth.importers.keys import Found, Keys, State
from synth.importers.residual import Layout, size
from synth.networks.network import Network
from synth.networks.pix2pixhd import CoarseToFineGenerator, LocalEnhancer
from synth.networks.resnet import Block

LOCAL = re.compile(r"model(\d+)_[12]\.")
ORDINARY = 2
"""Levels of CycleGAN's ResNet: with as many, the global generator is the same network."""


def pix2pixhd(state: State) -> Found | None:
    """Return a pix2pixHD generator, or None if the keys are of another. Raises ``ValueError`` if some are wrong."""
    at = residual.layout(state)
    enhancers = max((int(found[1]) for key in state if (found := LOCAL.match(key))), default=0)
    if at is None or at.blur or at.spread:
        return None
    if enhancers:
        return _local(state, at, enhancers)
    plain = at.levels == ORDINARY and not (at.norm == "batch" and at.bias)
    return None if plain else _global(state, at)


def _global(state: State, at: Layout) -> Found:
    """Return a global generator."""
    what = f"a global generator of pix2pixHD with {_parts(at)}"
    keys, network = Keys(state, what), generator(at)
    residual.fill(keys, network, at)
    keys.fill(network.head, f"model.{at.last}")
    return _found(keys, network, at, at.outputs)


def _local(state: State, at: Layout, enhancers: int) -> Found:
    """Return a global generator with local enhancers."""
    blocks = _blocks(state, 1)
    channels = max(1, at.channels >> enhancers)
    each = f"{counted(enhancers, 'local enhancer')} of {counted(blocks, 'block')}, {counted(channels, 'channel')}"
    what = f"a generator of pix2pixHD with {each}, around a global one with {_parts(at)}"
    last = f"model{enhancers}_2.{_blocks(state, enhancers) + 4}"
    outputs = size(state, 3, (last, 0))
    keys = Keys(state, what)
    network = CoarseToFineGenerator(at.inputs, outputs, channels, at.blocks, at.norm, at.levels, enhancers, blocks)
    residual.sized(network, at.levels + enhancers)
    residual.fill(keys, network.body, at)
    for number, enhancer in enumerate(network.enhancers, 1):
        residual.put(keys, _places(enhancer, number))
    keys.fill(network.head, last)
    return _found(keys, network, at, outputs)


def _places(enhancer: LocalEnhancer, number: int) -> list[residual.Place]:
    """Return the layers of an enhancer with the keys of their convolutions and norms."""
    before, behind, blocks = f"model{number}_1.", f"model{number}_2.", len(enhancer.blocks)
    places = [(enhancer.stem, f"{before}1", f"{before}2"), (enhancer.down, f"{before}4", f"{before}5")]
    for i, block in enumerate(enhancer.blocks):
        assert isinstance(block, Block)
        places += residual.block_places(block, f"{behind}{i}")
    return [*places, (enhancer.up, f"{behind}{blocks}", f"{behind}{blocks + 1}")]


def _blocks(state: State, number: int) -> int:
    """Return the number of residual blocks of an enhancer."""
    inside = re.compile(rf"model{number}_2\.(\d+)\.conv_block\.")
    return 1 + max((int(found[1]) for key in state if (found := inside.match(key))), default=-1)


def _parts(at: Layout) -> str:
    """Return a description of the global generator."""
    parts = counted(at.blocks, "block"), counted(at.levels, "halving"), counted(at.channels, "channel"), at.normed
    return ", ".join(parts)


def _found(keys: Keys, network: Network, at: Layout, outputs: int) -> Found:
    """Return the filled network. Raises ``ValueError`` if a key is missing or unused."""
    if at.norm == "instance":
        keys.drop_running()
    planes = (at.inputs, outputs)
    return Found(
        keys.what, network, keys.done(), batch_norm=at.question, planes=planes, classes=True, dropout=at.dropout
    )
