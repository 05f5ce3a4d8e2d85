"""``python -m export RECIPE CHECKPOINT``: a trained checkpoint becomes a graph in ``weights/``."""

import math
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from export import check, graph
from export.progress import step
from synth import recipe
from synth.card import Card, Input
from synth.methods.method import Method
from synth.networks.layers.norm import freeze
from synth.training import checkpoint
from synth.training.train import history

BACK = "-back"
"""What the name of a second graph, of the way back, ends in."""


def export(name: str, path: Path, /, out: Path = Path("weights"), title: str | None = None) -> int:
    """Turn the averaged generator of a checkpoint into a self-contained ONNX graph; two of them into two.

    Args:
        name: the recipe that was trained.
        path: its checkpoint, for instance runs/street/last.pt.
        out: the folder of graphs; the app shows what is in it.
        title: what the app calls the graph.
    """
    step(f"Reading {path}")
    state = checkpoint.load(path)
    info = checkpoint.about(state, path)
    if info["recipe"] != name:
        raise ValueError(f"{path} is a checkpoint of the recipe {info['recipe']!r}, not of {name!r}.")
    method = sized(recipe.find(name, info["preset"]), info["size"])
    network = load(method, state, path)
    for number, one in enumerate(method.graphs()):
        part = one.part(network)
        described = _named(card(one, state, part, None if number else title), one.card, info["name"], number > 0)
        largest, half_largest, half_mean, target = write(one.graph(part), described, out)
        size, batches, unit = target.stat().st_size / 2**20, len(check.sizes(1)), check.unit(described)
        print(f"{target}: {size:.1f} MiB, torch against ONNX Runtime on {batches} batches: largest difference")
        print(f"  {largest:.3g} {unit} in float32; stored as float16: {half_largest:.3g}, mean {half_mean:.3f}")
    return 0


def _named(card: Card, own: Card, run: str, back: bool) -> Card:
    """Give the graphs of a run that makes two their names, and each that of the other as its partner.

    They have those of the recipe, or the run's own, once with ``BACK`` behind it.
    """
    if not own.partner:
        return card
    names = (own.partner, own.name) if back else (own.name, own.partner)
    names = names if run == names[0] else (run, run + BACK)
    return replace(card, name=names[back], partner=names[not back])


def sized(method: Method, size: int) -> Method:
    """Return the recipe for pictures of ``size`` pixels, as it was trained: some networks take one size alone."""
    return method if size in (method.data.crop, method.side) else replace(method, data=method.data.sized(size))


def load(method: Method, state: dict[str, Any], path: Path) -> nn.Module:
    """Return the frozen, averaged generator of a checkpoint. Raises ``ValueError`` for another recipe's."""
    step(f"Building the network and folding its normalisation ({method.exported})")
    network = method.networks()[method.exported]
    checkpoint.restore({method.exported: network}, {method.exported: state["average"]}, path)
    return freeze(network, method.statistics)


def card(method: Method, state: dict[str, Any], network: nn.Module, title: str | None = None) -> Card:
    """Return the recipe's card, completed with what the run knows."""
    info, runs = state["info"], history(state)
    multiple = int(network.multiple)  # type: ignore[arg-type]
    described = method.describe(info.get("facts", {}))
    return replace(
        described,
        name=info["name"],
        title=title or (described.title if info["name"] == info["recipe"] else info["name"]),
        multiple=multiple,
        size=method.side,
        recipe=info["recipe"],
        # What was trained; which statistics are used afterwards is the recipe's word of today.
        source=re.sub(r"statistics='\w+'", f"statistics={method.statistics!r}", info["repr"]),
        preset=method.preset,
        steps=sum(run["steps"] for run in runs),
        images=sum(run["images"] for run in runs),
        minutes=round(sum(run["minutes"] for run in runs), 1),
        notes=_notes(runs, method.statistics, info.get("blend", 1.0)),
        hardware=info["hardware"],
        commit=commit(),
        parameters=sum(p.numel() for p in network.parameters()),
        gmac=round(gmac(method.graph(network), described.inputs), 2),
    )


def _notes(runs: list[dict[str, Any]], statistics: str, share: float) -> str:
    own = {"batch": "each picture's own (at training: the batch's)", "running": "running, folded"}[statistics]
    parts = [f"{run['steps']:,} steps at {run['size']}x{run['size']}" for run in runs]
    mixed = f"Weights {share:.0%} of the way from those before the last run to those after it. " if share < 1 else ""
    return f"Trained for {', then '.join(parts)}. {mixed}Batch norm statistics: {own}. Averaged weights, no dropout."


def gmac(speaking: nn.Module, inputs: Sequence[Input] = (Input(),), multiple: int = 1) -> float:
    """Return the billions of multiply-adds of the convolutions for one 256x256 picture (or its fixed size).

    Where 256 is no ``multiple`` that the network takes, they are counted at the next one and scaled by the area.
    """
    import torch

    fixed = getattr(speaking, "side", 0)
    side = fixed or -(-256 // multiple) * multiple
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        picture = torch.zeros(1, side, side, 3, dtype=torch.uint8)
        speaking(*(torch.full((1,), given.value) if given.kind == "number" else picture for given in inputs))
    return counter.get_total_flops() / 2e9 * (1 if fixed else (256 / side) ** 2)


def write(speaking: nn.Module, card: Card, out: Path, worst: float = math.inf) -> tuple[float, float, float, Path]:
    """Export, check and write ``out/NAME.onnx`` atomically, stored as float16 where that changes at most ``worst``.

    Returns the largest float32 difference, the largest and mean one with float16 initialisers, and the path. Raises
    ``ValueError``, leaving what was there untouched, if torch and ONNX Runtime disagree.
    """
    step(f"{card.name}: tracing the network to ONNX")
    model = graph.export(speaking, card)
    step(f"{card.name}: comparing ONNX Runtime with PyTorch")
    largest = check.require(speaking, model, card)
    step(f"{card.name}: storing the weights as float16 and comparing again")
    half = graph.halve(model)
    half_largest, half_mean = check.difference(speaking, half, card)
    target = out / f"{card.name}.onnx"
    step(f"{card.name}: writing {target}")
    out.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    part.write_bytes(graph.with_card(half if half_largest <= worst else model, card).SerializeToString())
    os.replace(part, target)
    return largest, half_largest, half_mean, target


def commit() -> str:
    """Return the short name of the commit that the code is at, or an empty text outside of a repository."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
