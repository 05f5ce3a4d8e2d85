"""``python -m synth inspect FILE``: what a file of weights is."""

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from export.foreign import multiple
from export.trained import gmac, sized
from synth import checkpoint, recipe
from synth.card import Input
from synth.importers import foreign
from synth.networks.norm import freeze


def inspect(file: Path, /) -> int:
    """Say what a checkpoint or a graph is: its network, the sizes it takes, parameters and work for 256x256 pixels.

    Args:
        file: a checkpoint of this or of another project (.pt, .pth, .safetensors), or a graph (.onnx).
    """
    if file.suffix == ".onnx":
        from export import operators

        return operators.check(file)
    for line in _own(file) or _foreign(file):
        print(line)
    return 0


def _own(file: Path) -> list[str]:
    """Return what a checkpoint of this project says; nothing for one of another."""
    try:
        state = checkpoint.load(file)
    except ValueError:
        return []
    info = checkpoint.about(state, file)
    method = sized(recipe.find(info["recipe"], info["preset"]), info["size"])
    network = method.networks()[method.exported]
    checkpoint.restore({method.exported: network}, {method.exported: state["average"]}, file)
    inputs = method.describe(info.get("facts", {})).inputs
    return [
        f"{file}: a checkpoint of synth, recipe {info['recipe']} ({info['preset']} preset), step {state['step']:,}.",
        *_size(method.part(network), method.graph(method.part(network.eval())), inputs),
        f"A graph of it: python -m export {info['recipe']} {file}",
    ]


def _foreign(file: Path) -> list[str]:
    found = foreign.find(file)
    assert found.ends is not None
    frozen = freeze(found.network, "running" if found.running else "batch")
    unused = f"{len(found.dropped)} keys are not used." if found.dropped else "All keys are used."
    return [
        f"{file}: {found.what}, of another project.",
        *_size(frozen, found.ends.wrap(frozen), found.ends.card.inputs),
        *([found.ends.said] if found.ends.said else []),
        unused,
        f"A graph of it: python -m export --from {file}",
    ]


def _size(network: nn.Module, speaking: nn.Module, inputs: Sequence[Input]) -> list[str]:
    parameters = sum(parameter.numel() for parameter in network.parameters())
    with torch.no_grad():
        work = gmac(speaking, inputs)
    unit = multiple(speaking, network)
    return [
        f"Height and width are multiples of {unit}." if unit > 1 else "It takes any height and width.",
        f"{parameters:,} parameters, {work:.2f} billion multiply-adds for a picture of 256x256.",
    ]
