"""Description of a checkpoint or a graph: ``python -m synth inspect FILE``."""

from collections.abc import Sequence
from pathlib import Path

import torch

from export.foreign import told
from export.trained import as_trained, gmac
from synth.card import Input
from synth.importers import foreign
from synth.networks.layers.norm import freeze
from synth.networks.network import Network
from synth.training import checkpoint, recipe_file


def inspect(file: Path, /, part: str = "", labels: int | None = None) -> int:
    """Describe a checkpoint or a graph: its network, image sizes, parameters, and multiply-adds at 256x256.

    Args:
        file: a checkpoint of this or of another project (.pt, .pth, .safetensors), or a graph (.onnx).
        part: the network to describe, if a third-party file holds several.
        labels: the number of input channels that are one-hot classes, if a third-party network takes label maps.
    """
    if file.suffix == ".onnx":
        from export import operators

        return operators.check(file)
    for line in _own(file) or _foreign(file, part, labels):
        print(line)
    return 0


def _own(file: Path) -> list[str]:
    """Return the description of a checkpoint of this project; nothing for one of another project."""
    try:
        state = checkpoint.load(file)
    except ValueError:
        return []
    info = checkpoint.about(state, file)
    told = f"{file}: a checkpoint of synth, recipe {info.recipe} ({info.preset} preset), step {state['step']:,}."
    if recipe_file.is_file(info.recipe):  # nothing that a checkpoint names is run
        return [told, f"A graph of it, where its recipe is here: python -m export ./{info.recipe} {file}"]
    method = as_trained(info.recipe, info)
    network = method.networks()[method.exported]
    checkpoint.restore({method.exported: network}, {method.exported: state["average"]}, file)
    inputs = method.describe(info.facts).inputs
    return [
        told,
        *_size(method.part(network), method.graph(method.part(network.eval())), inputs),
        f"A graph of it: python -m export {info.recipe} {file}",
    ]


def _foreign(file: Path, part: str, labels: int | None) -> list[str]:
    found = foreign.find(file, part, labels)
    assert found.ends is not None
    frozen = freeze(found.network, "running" if found.running else "batch")
    choices = (f" --part {part}" if part else "") + (f" --labels {labels}" if labels is not None else "")
    return [
        f"{file}: {found.what}, of another project.",
        *_size(frozen, found.ends.wrap(frozen), found.ends.card.inputs),
        *told(found),
        f"A graph of it: python -m export --from {file}{choices}",
    ]


def _size(network: Network, speaking: Network, inputs: Sequence[Input]) -> list[str]:
    parameters, unit = sum(parameter.numel() for parameter in network.parameters()), speaking.multiple
    with torch.no_grad():
        work = gmac(speaking, inputs, unit)
    return [
        f"Height and width are multiples of {unit}." if unit > 1 else "It takes any height and width.",
        f"{parameters:,} parameters, {work:.2f} billion multiply-adds for an image of 256x256.",
    ]
