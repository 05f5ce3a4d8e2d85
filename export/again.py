"""``python -m export again``: rebuild graphs from their own weights after the exporter or a recipe has changed."""

from dataclasses import replace
from pathlib import Path

import torch
import tyro

from export.check import unit
from export.trained import commit, gmac, sized, write
from synth import recipe
from synth.card import Card
from synth.importers.exported import read, unwrapped
from synth.methods.method import Method
from synth.networks.layers.norm import freeze
from synth.networks.network import Network
from synth.training import overrides, recipe_file

INTERFACE = ("tabs", "inputs", "gives", "scale", "extras", "palette")
"""Fields of the card that are taken from the recipe as it is now."""


def again(names: tyro.conf.Positional[tuple[str, ...]] = (), weights: Path = Path("weights")) -> int:
    """Export graphs of this project again with the current exporter and recipes, without training.

    The metrics in a card are cleared, because they describe the old graph: measure with `python -m synth evaluate`.

    Args:
        names: the graphs, as in weights/NAME.onnx; by default all in the folder.
        weights: the folder of graphs.
    """
    for path in [weights / f"{name}.onnx" for name in names] or sorted(weights.glob("*.onnx")):
        saved, card = read(path)
        if reason := _why_not_again(path, card):
            if names:
                raise ValueError(reason)
            print(reason)  # the other graphs can still be exported
            continue
        method = _recipe(card).of(card)
        pixel_network = method.graph(_with_weights(method, saved, path))
        current = method.describe({"body": card.body})
        interface = {name: getattr(current, name) for name in INTERFACE}
        new = replace(card, **interface, metrics={}, protocol="", commit=commit())
        new = replace(new, gmac=round(gmac(pixel_network, new.inputs), 2))
        largest, half_largest, _, target = write(pixel_network, new, weights)
        print(f"{target}: differs from torch by {largest:.3g} {unit(new)}, stored as float16 by {half_largest:.3g}")
    return 0


def _why_not_again(path: Path, card: Card) -> str:
    """Return why a graph cannot be exported from its own weights, with the command to use instead; empty if it can."""
    if not card.recipe:
        return f"{path} was made from a third-party checkpoint. Run: python -m export --from FILE --name {path.stem}"
    if recipe_file.is_file(card.recipe):  # never run code that a graph names
        return (
            f"{path} was trained by a recipe file. Export its checkpoint: python -m export ./{card.recipe} CHECKPOINT"
        )
    return ""


def _recipe(card: Card) -> Method:
    """Return the recipe that a graph was trained with: its preset, the values given by ``--set``, its image size."""
    method = recipe.find(card.recipe, "cpu" if card.preset == "cpu" else "gpu")
    return sized(overrides.apply(method, card.overrides), card.size)


@torch.no_grad()
def _with_weights(method: Method, saved: dict[str, torch.Tensor], path: Path) -> Network:
    """Return the recipe's frozen network with the graph's weights.

    Raises ``ValueError`` if the parameters of the two differ, because the recipe has changed since.
    """
    network = method.part(freeze(method.networks()[method.exported], method.statistics))
    own = network.state_dict()
    saved = unwrapped(saved, own)
    for name, tensor in own.items():
        if name not in saved or saved[name].shape != tensor.shape:
            raise ValueError(
                f"{path} does not fit the network that its recipe builds now: {name} differs. Train it again."
            )
        tensor.copy_(saved[name])
    return network
