"""Keys of residual generators, which CycleGAN, CUT and the global generator of pix2pixHD share.

``model.1`` is the 7x7 convolution; then come downsampling, blocks (``model.N.conv_block``), upsampling and the last
7x7. CUT has an additional layer of fixed blur filters at each change of size.
"""

import re
from dataclasses import dataclass

import torch
from torch import nn

from synth.importers.keys import CHANGED, Keys, State
from synth.networks.layers.norm import Norm
from synth.networks.pix2pixhd import CoarseToFineGenerator
from synth.networks.resnet import Block, ResNet, StyleTransfer

Place = tuple[nn.Sequential, str, str]
"""A layer of convolution and norm, and the key prefixes of both in a checkpoint."""


@dataclass(frozen=True)
class Layout:
    """Layout of a residual generator, read from its keys.

    ``begin`` is the number of the first block; ``blur`` and ``spread`` say whether fixed filters down- and upsample;
    ``running`` whether there are running statistics.
    """

    begin: int
    blocks: int
    channels: int
    inputs: int
    outputs: int
    norm: Norm
    bias: bool
    dropout: bool
    blur: bool
    spread: bool
    running: bool

    @property
    def levels(self) -> int:
        """How many times the network halves the resolution."""
        return (self.begin - 4) // (4 if self.blur else 3)

    @property
    def after(self) -> int:
        """Number of the first upsampling layer."""
        return self.begin + self.blocks

    @property
    def last(self) -> int:
        """Number of the last convolution."""
        return self.after + self.levels * (4 if self.spread else 3) + 1

    @property
    def question(self) -> bool:
        """Whether the user may choose between batch and running statistics."""
        return self.norm == "batch" and self.running

    @property
    def normed(self) -> str:
        """Description of the norm for the user."""
        return normed(self.norm, self.running)


def normed(norm: Norm, running: bool) -> str:
    """Return a description of the norm for the user."""
    if norm == "batch" and not running:
        return "norm with scale and shift (each picture's own statistics)"
    return {"batch": "batch norm", "instance": "instance norm", "none": "no norm"}[norm]


def layout(state: State) -> Layout | None:
    """Return the layout of a residual generator, or None if the keys are not those of one."""
    numbers = {int(found[1]) for key in state if (found := re.match(r"model\.(\d+)\.conv_block\.", key))}
    if not numbers:
        return None
    begin, end = min(numbers), max(numbers)
    filters = [int(found[1]) for key in state if (found := re.fullmatch(r"model\.(\d+)\.filt", key))]
    blur, spread = any(n < begin for n in filters), any(n > end for n in filters)
    affine = any(f"model.{place}.weight" in state for place in (2, f"{begin}.conv_block.2"))
    bias = any(f"model.{place}.bias" in state for place in (1, 4, f"{begin}.conv_block.1"))
    last = end + 1 + (begin - 4) // (4 if blur else 3) * (4 if spread else 3) + 1
    return Layout(
        begin=begin,
        blocks=end + 1 - begin,
        channels=size(state, 64, ("model.1", 0), ("model.4", 1)),
        inputs=size(state, 3, ("model.1", 1), ("model1_1.1", 1)),
        outputs=size(state, 3, (f"model.{last}", 0)),
        norm="batch" if affine else "instance" if bias else "none",
        bias=bias,
        dropout=size(state, 0, (f"model.{begin}.conv_block.6", 0)) > 0,
        blur=blur,
        spread=spread,
        running=any(".running_" in key for key in state),
    )


def size(state: State, otherwise: int, *places: tuple[str, int]) -> int:
    """Return the size of an axis of a convolution kernel, of the first of ``places`` (layer, axis) that exists."""
    for place, axis in places:
        kernel = state.get(f"{place}.weight")
        if kernel is not None and kernel.ndim == 4:
            return kernel.shape[axis]
    return otherwise


def sized(network: ResNet | CoarseToFineGenerator | StyleTransfer, levels: int) -> None:
    """Set the sizes that a network accepts to those of its authors' code: multiples of ``2 ** levels``, at least two.

    Our networks take multiples of twice that, so that reflect padding has two pixels even in the smallest image. To pad
    an image to those would change the whole output, because instance norm sees the whole image.
    """
    network.multiple, network.least = 2**levels, 2


def fill(keys: Keys, network: ResNet, at: Layout) -> None:
    """Fill all layers of a network but the last. Raises ``ValueError`` for a wrong key."""
    places: list[Place] = [(network.stem, "model.1", "model.2")]
    for i, layer in enumerate(network.down):
        place = 4 + i * (4 if at.blur else 3)
        places.append((layer, f"model.{place}", f"model.{place + 1}"))
    for i, block in enumerate(network.blocks):
        assert isinstance(block, Block)
        places += block_places(block, f"model.{at.begin + i}", at.dropout)
    for i, layer in enumerate(network.up):
        place = at.after + (4 * i + 1 if at.spread else 3 * i)
        places.append((layer, f"model.{place}", f"model.{place + 1}"))
    put(keys, places, at.bias)
    _drop_filters(keys)


def block_places(block: Block, at: str, dropout: bool = False) -> list[Place]:
    """Return the two layers of a block with the keys of their convolutions and norms."""
    second = 6 if dropout else 5
    inside = f"{at}.conv_block."
    return [
        (block.first, f"{inside}1", f"{inside}2"),
        (block.second, f"{inside}{second}", f"{inside}{second + 1}"),
    ]


def put(keys: Keys, places: list[Place], bias: bool = True) -> None:
    """Fill layers of convolution and norm; without ``bias``, a missing bias of a convolution counts as zero."""
    for layer, convolution, norm in places:
        keys.fill(layer[0], convolution, bias)
        keys.fill(layer[1], norm)


def _drop_filters(keys: Keys) -> None:
    """Drop the fixed blur filters. Raises ``ValueError`` if one differs from the filter that is built in here."""
    for key, given in keys.left.items():
        if key.endswith(".filt"):
            row = torch.tensor((1.0, 2.0, 1.0) if given.shape[-1] == 3 else (1.0, 3.0, 3.0, 1.0))
            own = row[:, None] * row / row.sum() ** 2 * (1 if len(row) == 3 else 4)
            if given.shape[-2:] != own.shape or not torch.allclose(given, own.expand_as(given), atol=1e-5):
                raise ValueError(f"This looks like {keys.what}, but the filter {key} is not the usual one. {CHANGED}")
    keys.drop(lambda key: key.endswith(".filt"), "a fixed filter, the same in every such network")
