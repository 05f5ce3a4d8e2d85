"""Residual generators told by their keys: those of CycleGAN, of CUT and the global one of pix2pixHD are of one make.

``model.1`` is 7x7, then come the halvings, the blocks (``model.N.conv_block``), the doublings and 7x7 again. CUT has
one more layer between sizes, of fixed filters.
"""

import re
from dataclasses import dataclass

import torch
from torch import nn

from synth.importers.keys import Keys, State
from synth.networks.layers.norm import Norm
from synth.networks.pix2pixhd import Enhanced
from synth.networks.resnet import ResNet, Style


@dataclass(frozen=True)
class Layout:
    """What the keys of a residual generator say. ``begin`` is where the blocks do; ``blur`` and ``spread`` say whether
    fixed filters halve and double; ``running`` whether there are running statistics."""

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
        return (self.begin - 4) // (4 if self.blur else 3)

    @property
    def after(self) -> int:
        """Where the doublings begin."""
        return self.begin + self.blocks

    @property
    def last(self) -> int:
        return self.after + self.levels * (4 if self.spread else 3) + 1

    @property
    def question(self) -> bool:
        """Whether one may choose between statistics."""
        return self.norm == "batch" and self.running

    @property
    def normed(self) -> str:
        return normed(self.norm, self.running)


def normed(norm: Norm, running: bool) -> str:
    """Return for people which norm it is, and with ``running`` statistics or without."""
    if norm == "batch" and not running:
        return "norm with scale and shift (each picture's own statistics)"
    return {"batch": "batch norm", "instance": "instance norm", "none": "no norm"}[norm]


def layout(state: State) -> Layout | None:
    """Return what the keys say, or None if they are of no residual generator."""
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
    """Return how long an axis of a layer's kernel is: of the first of these layers and axes that is there."""
    for place, axis in places:
        kernel = state.get(f"{place}.weight")
        if kernel is not None and kernel.ndim == 4:
            return kernel.shape[axis]
    return otherwise


def sized(network: ResNet | Enhanced | Style, levels: int) -> None:
    """Let a network take height and width as its authors' code makes them: multiples of what ``levels`` halve away.

    Ours take multiples of twice that, so that reflect padding finds two pixels even in the smallest picture. To pad
    somebody else's pictures as far would change all of them, since a norm sees the whole.
    """
    network.multiple, network.least = 2**levels, 2


def fill(keys: Keys, network: ResNet, at: Layout) -> None:
    """Give a network all layers but the last. Raises ``ValueError`` with a sentence for a key that is wrong."""
    places = [(network.stem, "model.1", "model.2")]
    for i, layer in enumerate(network.down):
        place = 4 + i * (4 if at.blur else 3)
        places.append((layer, f"model.{place}", f"model.{place + 1}"))  # type: ignore[arg-type]
    for i, block in enumerate(network.blocks):
        places += block_places(block, f"model.{at.begin + i}", at.dropout)
    for i, layer in enumerate(network.up):
        place = at.after + (4 * i + 1 if at.spread else 3 * i)
        places.append((layer, f"model.{place}", f"model.{place + 1}"))  # type: ignore[arg-type]
    put(keys, places, at.bias)
    _drop_filters(keys)


def block_places(block: nn.Module, at: str, dropout: bool = False) -> list[tuple[nn.Sequential, str, str]]:
    """Return a block's two layers, and where their convolutions and norms stand."""
    second = 6 if dropout else 5
    inside = f"{at}.conv_block."
    return [
        (block.first, f"{inside}1", f"{inside}2"),  # type: ignore[list-item]
        (block.second, f"{inside}{second}", f"{inside}{second + 1}"),  # type: ignore[list-item]
    ]


def put(keys: Keys, places: list[tuple[nn.Sequential, str, str]], bias: bool = True) -> None:
    """Fill layers of a convolution, which may lack a ``bias``, and a norm each."""
    for layer, convolution, norm in places:
        keys.fill(layer[0], convolution, bias)
        keys.fill(layer[1], norm)


def _drop_filters(keys: Keys) -> None:
    """Drop all fixed filters. Raises ``ValueError`` if one is not what the network here computes with."""
    for key, given in keys.left.items():
        if key.endswith(".filt"):
            row = torch.tensor((1.0, 2.0, 1.0) if given.shape[-1] == 3 else (1.0, 3.0, 3.0, 1.0))
            own = row[:, None] * row / row.sum() ** 2 * (1 if len(row) == 3 else 4)
            if given.shape[-2:] != own.shape or not torch.allclose(given, own.expand_as(given), atol=1e-5):
                raise ValueError(f"This looks like {keys.what}, but the filter {key} is another one than usual.")
    keys.drop(lambda key: key.endswith(".filt"), "a fixed filter, the same in every such network")
