"""``python -m export RECIPE CHECKPOINT``: turn a trained checkpoint into a graph in ``weights/``."""

import math
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch.utils.flop_counter import FlopCounterMode

from export import check, graph
from export.progress import step
from synth import files
from synth.card import Card, Input
from synth.methods.method import Method
from synth.networks.layers.norm import freeze
from synth.networks.network import Network
from synth.training import checkpoint, overrides, recipe_file
from synth.training.options import commit
from synth.training.run_info import RunInfo, Stage

BACK = "-back"
"""Suffix of the name of a run's second graph, which translates back."""
WEIGHTS = Path("weights")


def export(name: str, path: Path, /, out: Path = WEIGHTS, title: str | None = None) -> int:
    """Export the averaged generator of a checkpoint as a self-contained ONNX graph; a CycleGAN gives two graphs.

    Args:
        name: the recipe that was trained, or its file (./my_recipe.py).
        path: its checkpoint, for instance runs/street/last.pt.
        out: the folder of graphs; the app lists what it holds.
        title: title of the graph in the app.
    """
    step(f"Reading {path}")
    state = checkpoint.load(path)
    info = checkpoint.about(state, path)
    if info.recipe != recipe_file.identity(name):
        right = info.recipe if not recipe_file.is_file(info.recipe) else f"./{info.recipe}"
        raise ValueError(
            f"{path} is a checkpoint of the recipe {info.recipe!r}, not of {name!r}. Write: "
            f"{shlex.join(['python', '-m', 'export', right, str(path)])}"
        )
    method = as_trained(name, info)
    network = load(method, state, path)
    stages = info.stages(state["step"], state["elapsed"])
    for number, one in enumerate(method.graphs()):
        part = one.part(network)
        described = card(one, info, stages, part, None if number else title)
        described = _named(described, one.card, info.name, number > 0)
        largest, half_largest, half_mean, target = write(one.graph(part), described, out)
        size, batches, unit = target.stat().st_size / 2**20, len(check.sizes(1)), check.unit(described)
        print(f"{target}: {size:.1f} MiB, PyTorch against ONNX Runtime on {batches} batches: largest difference")
        print(f"  {largest:.3g} {unit} in float32; stored as float16: {half_largest:.3g}, mean {half_mean:.3f}")
    print(f"Next: {shlex.join(['python', 'app.py', *(['--weights', str(out)] if out != WEIGHTS else [])])}")
    return 0


def as_trained(name: str, info: RunInfo) -> Method:
    """Return the recipe ``name`` as it was trained: with the run's preset, values of ``--set`` and image size."""
    method = overrides.apply(recipe_file.find(name, info.preset), info.overrides)
    return sized(method, info.size)


def _named(card: Card, own: Card, run: str, back: bool) -> Card:
    """Return the card with name and partner set, for a run that exports two graphs; ``back`` marks the second.

    The names are those of the recipe or, with ``--as-name``, the run's name and the same with ``BACK`` appended.
    """
    if not own.partner:
        return card
    names = (own.partner, own.name) if back else (own.name, own.partner)
    names = names if run == names[0] else (run, run + BACK)
    examples = names[back] if card.examples == run else card.examples
    return replace(card, name=names[back], partner=names[not back], examples=examples)


def sized(method: Method, size: int) -> Method:
    """Return the recipe for images of ``size`` pixels, at which it was trained: some networks accept one size only."""
    return method if size in (method.data.crop, method.side) else replace(method, data=method.data.sized(size))


def load(method: Method, state: dict[str, Any], path: Path) -> Network:
    """Return the frozen, averaged generator of a checkpoint. Raises ``ValueError`` if the weights do not fit."""
    step(f"Building the network and folding its normalisation ({method.exported})")
    network = method.networks()[method.exported]
    checkpoint.restore({method.exported: network}, {method.exported: state["average"]}, path)
    return freeze(network, method.statistics)


def card(method: Method, info: RunInfo, stages: Sequence[Stage], network: Network, title: str | None = None) -> Card:
    """Return the recipe's card with the facts of the run; ``stages`` are all runs that the weights went through."""
    described = method.describe(info.facts)
    own = info.data in (None, Path(method.data.name).name)  # trained on the recipe's own data set: its examples fit
    return replace(
        described,
        name=info.name,
        examples=described.examples or described.name if own else info.name,
        title=title or (described.title if info.name == recipe_file.run_name(info.recipe) else info.name),
        multiple=network.multiple,
        size=method.side,
        recipe=info.recipe,
        # As trained, except for the batch norm statistics: the graph uses those that the recipe names now.
        source=info.source(statistics=repr(method.statistics)),
        overrides=info.overrides,
        preset=method.preset,
        steps=sum(stage.steps for stage in stages),
        images=sum(stage.images for stage in stages),
        minutes=round(sum(stage.minutes for stage in stages), 1),
        notes=_notes(stages, method.statistics, info.blend),
        hardware=info.hardware,
        commit=commit(),
        parameters=sum(p.numel() for p in network.parameters()),
        gmac=round(gmac(method.graph(network), described.inputs), 2),
    )


def _notes(stages: Sequence[Stage], statistics: str, share: float) -> str:
    """Return the card's notes: steps and sizes, ``share`` of a blend of weights, and batch norm statistics."""
    own = {"batch": "of each image (in training: of the batch)", "running": "running, folded"}[statistics]
    parts = [f"{stage.steps:,} steps at {stage.size}x{stage.size}" for stage in stages]
    mixed = f"Weights {share:.0%} of the way from those before the last run to those after it. " if share < 1 else ""
    return f"Trained for {', then '.join(parts)}. {mixed}Batch norm statistics: {own}. Averaged weights, no dropout."


def gmac(pixel_network: Network, inputs: Sequence[Input] = (Input(),), multiple: int = 1) -> float:
    """Return the multiply-adds, in billions, of the convolutions for one 256x256 image (or the fixed size).

    If 256 is not a multiple of ``multiple``, they are counted at the next larger size and scaled by the area.
    """
    import torch

    fixed = pixel_network.side
    side = fixed or -(-256 // multiple) * multiple
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        image = torch.zeros(1, side, side, 3, dtype=torch.uint8)
        pixel_network(*(torch.full((1,), given.value) if given.kind == "number" else image for given in inputs))
    return counter.get_total_flops() / 2e9 * (1 if fixed else (256 / side) ** 2)


def write(pixel_network: Network, card: Card, out: Path, worst: float = math.inf) -> tuple[float, float, float, Path]:
    """Export, check and write ``out/NAME.onnx`` atomically; ``pixel_network`` takes and returns uint8 images.

    Weights are stored as float16 unless that changes the output by more than ``worst``. Returns the largest difference
    in float32, the largest and the mean one with float16 weights, and the path. Raises ``ValueError`` and leaves an
    existing file untouched if PyTorch and ONNX Runtime disagree.
    """
    step(f"{card.name}: tracing the network to ONNX")
    model = graph.export(pixel_network, card)
    step(f"{card.name}: comparing ONNX Runtime with PyTorch")
    largest = check.require(pixel_network, model, card)
    step(f"{card.name}: storing the weights as float16 and comparing again")
    half = graph.halve(model)
    half_largest, half_mean = check.difference(pixel_network, half, card)
    target = out / f"{card.name}.onnx"
    step(f"{card.name}: writing {target}")
    files.remove_unfinished([target])
    files.write(target, graph.with_card(half if half_largest <= worst else model, card).SerializeToString())
    return largest, half_largest, half_mean, target
