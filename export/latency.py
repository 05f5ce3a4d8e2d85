"""``python -m export latency``: measure the latency of exported networks in PyTorch and in ONNX Runtime.

Also available as ``python -m synth bench latency``. The networks are untrained: speed does not depend on the weights.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
import torch
from rich.console import Console
from rich.table import Table

from export import graph as exporter
from synth import recipe as recipes
from synth.benchmarks import speed
from synth.benchmarks.machine import Device, choose, machine, table
from synth.card import Card
from synth.networks.layers.norm import Statistics, freeze
from synth.networks.layers.pixels import Pixels
from synth.networks.live import Live
from synth.networks.network import Network
from synth.networks.unet import UNet
from synth.runtime.session import open_graph

SIDE = 256


def latency(*, calls: int | None = None, device: Device = "auto") -> int:
    """Measure milliseconds per 256x256 image, from host to host: torch, a bare ONNX Runtime, and the app's session.

    Args:
        calls: timed calls of each graph; by default 300 on CUDA and 50 on a CPU.
        device: where to measure.
    """
    if calls is not None and calls < 1:
        raise ValueError(f"--calls must be positive, not {calls}.")
    where, console = choose(device), Console()
    console.print(machine(where), highlight=False, soft_wrap=True)
    console.print(_inference(where, calls or (300 if where.type == "cuda" else 50), console))
    return 0


def _inference(device: torch.device, calls: int, console: Console) -> Table:
    """Return a table of the median and the 90th percentile of each network in each runtime."""
    rows = table("inference at 256x256, batch 1, from host to host", "network", "median ms", "90% below", "over bare")
    networks = {
        "U-Net-256": _pixels(UNet(), "batch"),
        "Live": _pixels(Live(), "running"),
        "Live, street labels": _recipe("street", "gpu"),
        "Enlarge ×4, live": _recipe("enlarge-live", "cpu"),
        "Enlarge ×4, CPU preset": _recipe("enlarge", "cpu"),
        "FCN-8s, street": _recipe("see-street", "cpu"),
        "Belief maps, pose": _recipe("pose", "cpu"),
    }
    for name, (pixel_network, card) in networks.items():
        with console.status(f"inference: {name}"), tempfile.TemporaryDirectory() as folder:
            found = speed.side_by_side(_runs(pixel_network, card, device, Path(folder)), calls, seconds=15)
        bare = found["ONNX Runtime, bare call"].median
        for runtime, times in found.items():
            over = f"{times.median / bare - 1:+.1%}" if runtime.startswith("synth") else ""
            rows.add_row(name, runtime, f"{times.median:.2f}", f"{times.slow:.2f}", over)
            name = ""
    return rows


def _pixels(network: Network, statistics: Statistics) -> tuple[Network, Card]:
    """Return the frozen network, wrapped to take and return uint8 images, and the card of its graph."""
    return Pixels(freeze(network, statistics)), Card(name="bench", multiple=network.multiple)


def _recipe(name: str, preset: Literal["gpu", "cpu"]) -> tuple[Network, Card]:
    """Return the untrained network of a recipe, wrapped as for export, and the card of its graph."""
    method = recipes.find(name, preset)
    network = freeze(method.networks()[method.exported], method.statistics)
    return method.graph(network), replace(method.card, multiple=network.multiple)


def _runs(pixel_network: Network, card: Card, device: torch.device, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return functions by name that each run the network on one image in another runtime, from host to host."""
    model = exporter.halve(exporter.export(pixel_network, card))
    path = folder / "graph.onnx"
    path.write_bytes(exporter.with_card(model, card).SerializeToString())
    graph = open_graph(path, "cuda" if device.type == "cuda" else "cpu")
    bare = onnxruntime.InferenceSession(str(path), providers=[graph.provider])
    image = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), dtype=np.uint8)
    eager = speed.eager(pixel_network, device)
    return {
        "torch, float32, eager": lambda: eager(image),
        "ONNX Runtime, bare call": lambda: bare.run(None, {"image": image}),
        "synth's session": lambda: graph.run(image[0]),
    }
