"""``python -m synth inspect FILE``: describe a checkpoint or a graph."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from synth.card import Input
from synth.importers.choices import Pair

if TYPE_CHECKING:
    from synth.networks.network import Network


def inspect(file: Path, /, part: str = "", labels: int | None = None, inputs: Pair | None = None) -> int:
    """Describe a checkpoint or a graph: network, image sizes, parameters, and multiply-adds at 256x256.

    Args:
        file: a checkpoint of this or of another project (.pt, .pth, .safetensors), or a graph (.onnx).
        part: the network to describe, if a third-party file holds several.
        labels: the number of input channels that are one-hot classes, if a third-party network takes label maps.
        inputs: the two images that six input channels of a third-party network are.
    """
    if file.suffix == ".onnx":
        from export import operators

        return operators.check(file)
    for line in _own(file) or _foreign(file, part, labels, inputs):
        print(line)
    return 0


def _own(file: Path) -> list[str]:
    """Return the description of a checkpoint of this project, line by line; empty for a third-party one."""
    from export.trained import as_trained
    from synth.training import checkpoint, recipe_file

    try:
        state = checkpoint.load(file)
    except ValueError:
        return []
    info = checkpoint.about(state, file)
    summary = f"{file}: a checkpoint of synth, recipe {info.recipe} ({info.preset} preset), step {state['step']:,}."
    if recipe_file.is_file(info.recipe):  # never run code that a checkpoint names
        return [summary, f"To export it, in a folder that holds its recipe: python -m export ./{info.recipe} {file}"]
    method = as_trained(info.recipe, info)
    network = method.networks()[method.exported]
    checkpoint.restore({method.exported: network}, {method.exported: state["average"]}, file)
    inputs = method.describe(info.facts).inputs
    return [
        summary,
        *_size(method.part(network), method.graph(method.part(network.eval())), inputs),
        f"To export it: python -m export {info.recipe} {file}",
    ]


def _foreign(file: Path, part: str, labels: int | None, inputs: Pair | None) -> list[str]:
    """Return the description of a third-party checkpoint, line by line."""
    from export.foreign import told
    from synth.importers import foreign
    from synth.networks.layers.norm import freeze

    found = foreign.find(file, part, labels, inputs)
    assert found.ends is not None
    frozen = freeze(found.network, "running" if found.running else "batch")
    choices = (f" --part {part}" if part else "") + (f" --labels {labels}" if labels is not None else "")
    choices += f" --inputs {inputs}" if inputs else ""
    return [
        f"{file}: {found.what}, a third-party checkpoint.",
        *_size(frozen, found.ends.wrap(frozen), found.ends.card.inputs),
        *told(found),
        f"To export it: python -m export --from {file}{choices}",
    ]


def _size(network: "Network", pixel_network: "Network", inputs: Sequence[Input]) -> list[str]:
    """Return lines with the accepted image sizes, the parameters and the multiply-adds of a network."""
    import torch

    from export.trained import gmac

    parameters, unit = sum(parameter.numel() for parameter in network.parameters()), pixel_network.multiple
    with torch.no_grad():
        work = gmac(pixel_network, inputs, unit)
    return [
        f"Height and width must be multiples of {unit}." if unit > 1 else "It accepts any height and width.",
        f"{parameters:,} parameters, {work:.2f} billion multiply-adds for an image of 256x256.",
    ]
