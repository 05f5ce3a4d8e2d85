"""``python -m export again``: graphs from the weights inside them, after the exporter or a recipe's graph changed."""

from dataclasses import replace
from pathlib import Path

import torch
import tyro
from torch import nn

from export.check import unit
from export.trained import commit, gmac, sized, write
from synth import recipe
from synth.importers.exported import read, unwrapped
from synth.methods.method import Method
from synth.networks.layers.norm import freeze


def again(names: tyro.conf.Positional[tuple[str, ...]] = (), weights: Path = Path("weights")) -> int:
    """Export graphs of this project again, without training: by today's exporter, as today's recipe says.

    Their measured figures are of the old graphs and are taken out: measure again with `python -m synth evaluate`.

    Args:
        names: the graphs, as in weights/NAME.onnx; all of them if none is named.
        weights: the folder of graphs.
    """
    for path in [weights / f"{name}.onnx" for name in names] or sorted(weights.glob("*.onnx")):
        saved, card = read(path)
        if not card.recipe:  # imported: the rest can go on without it
            told = f"{path} came from another project's checkpoint: python -m export --from FILE --name {path.stem}"
            if names:
                raise ValueError(told)
            print(told)
            continue
        method = sized(recipe.find(card.recipe, "cpu" if card.preset == "cpu" else "gpu"), card.size).of(card)
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


@torch.no_grad()
def _filled(method: Method, saved: dict[str, torch.Tensor], path: Path) -> nn.Module:
    """Return the frozen network with the graph's weights. Raises ``ValueError`` if the recipe's is another one now."""
    network = method.part(freeze(method.networks()[method.exported], method.statistics))
    own = network.state_dict()
    saved = unwrapped(saved, own)
    for name, tensor in own.items():
        if name not in saved or saved[name].shape != tensor.shape:
            raise ValueError(
                f"{path} holds another network than the recipe makes today: {name} differs. Train it again."
            )
        tensor.copy_(saved[name])
    return network
