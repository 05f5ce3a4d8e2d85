"""``python -m export again``: export graphs from the weights inside them, after the exporter or a recipe changed."""

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


def again(names: tyro.conf.Positional[tuple[str, ...]] = (), weights: Path = Path("weights")) -> int:
    """Export graphs of this project again, without training, by the exporter and the recipes of today.

    Metrics were measured on the old graphs and are removed: measure again with `python -m synth evaluate`.

    Args:
        names: the graphs, as in weights/NAME.onnx; by default all of them.
        weights: the folder of graphs.
    """
    for path in [weights / f"{name}.onnx" for name in names] or sorted(weights.glob("*.onnx")):
        saved, card = read(path)
        if told := _beyond(path, card):
            if names:
                raise ValueError(told)
            print(told)  # the others can still be exported
            continue
        method = _recipe(card).of(card)
        network = _filled(method, saved, path)
        speaking = method.graph(network)
        today = method.describe({"body": card.body})
        of_today = ("tabs", "inputs", "gives", "scale", "extras", "palette")
        ends = {name: getattr(today, name) for name in of_today}
        new = replace(card, **ends, metrics={}, protocol="", commit=commit())
        largest, half_largest, _, target = write(
            speaking, replace(new, gmac=round(gmac(speaking, new.inputs), 2)), weights
        )
        print(f"{target}: differs from torch by {largest:.3g} {unit(new)}, stored as float16 by {half_largest:.3g}")
    return 0


def _beyond(path: Path, card: Card) -> str:
    """Return why a graph cannot be exported from its weights alone, and what to type instead; empty if it can."""
    if not card.recipe:
        return f"{path} came from another project's checkpoint: python -m export --from FILE --name {path.stem}"
    if recipe_file.is_file(card.recipe):  # nothing that a graph names is run
        return (
            f"{path} was trained by a recipe file. Export its checkpoint: python -m export ./{card.recipe} CHECKPOINT"
        )
    return ""


def _recipe(card: Card) -> Method:
    method = recipe.find(card.recipe, "cpu" if card.preset == "cpu" else "gpu")
    return sized(overrides.apply(method, card.overrides), card.size)


@torch.no_grad()
def _filled(method: Method, saved: dict[str, torch.Tensor], path: Path) -> Network:
    """Return the frozen network with the graph's weights. Raises ``ValueError`` if the recipe builds another now."""
    network = method.part(freeze(method.networks()[method.exported], method.statistics))
    own = network.state_dict()
    saved = unwrapped(saved, own)
    for name, tensor in own.items():
        if name not in saved or saved[name].shape != tensor.shape:
            raise ValueError(
                f"{path} holds another network than its recipe builds today: {name} differs. Train it again."
            )
        tensor.copy_(saved[name])
    return network
