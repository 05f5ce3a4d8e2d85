"""``python -m synth bench``: training images/s and inference milliseconds, the reference and ours side by side.

The reference is the configuration of the code that everybody starts from, float32, batch 1, eager: for pix2pix
U-Net-256 with 64 channels and a 70x70 PatchGAN, for CycleGAN two ResNet-9 and two such PatchGANs. Ours is the training
loop of this project and its ONNX session, whole.
"""

import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
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
from synth.benchmarks.speed import Timed
from synth.card import Card
from synth.data.sets.pairs import Pairs
from synth.methods.cyclegan import CycleGAN
from synth.methods.pix2pix import Pix2Pix
from synth.networks.layers.norm import Statistics, freeze
from synth.networks.layers.pixels import Pixels
from synth.networks.live import Live
from synth.networks.network import Network
from synth.networks.unet import UNet
from synth.runtime.session import open_graph

REFERENCE = Pix2Pix(data=Pairs(name="bench"), card=Card(name="bench"))
"""The defaults of ``Pix2Pix`` are the paper's."""
SIDE = 256
PAPER = "U-Net-256 + 70x70 PatchGAN"
CYCLE = "2 x (ResNet-9 + 70x70 PatchGAN)"
Paper = Literal["pix2pix", "cyclegan"]


@dataclass(frozen=True)
class Run:
    """One line of the training table."""

    networks: str
    how: str
    method: Timed
    fast: bool = True
    compile: bool = False


def bench(
    *,
    steps: int | None = None,
    calls: int | None = None,
    batches: tuple[int, ...] = (1, 16, 64, 128),
    device: Literal["auto", "cpu", "cuda"] = "auto",
    training: bool = True,
    inference: bool = True,
    method: Paper = "pix2pix",
) -> int:
    """Measure training and inference, the reference and ours side by side in one run.

    Args:
        steps: timed training steps of each line; by default 100 on CUDA and 3 on a CPU.
        calls: timed calls of each graph; by default 300 on CUDA and 50 on a CPU.
        batches: batch sizes to try on CUDA.
        device: where to measure.
        training: measure training.
        inference: measure inference.
        method: whose training.
    """
    if (steps is not None and steps < 1) or (calls is not None and calls < 1) or min(batches, default=0) < 1:
        raise ValueError("--steps, --calls and --batches must be positive.")
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("There is no CUDA device that PyTorch can use here. Leave --device out.")
    gpu = device != "cpu" and torch.cuda.is_available()
    where, console = torch.device("cuda" if gpu else "cpu"), Console()
    console.print(machine(where), highlight=False, soft_wrap=True)
    if training:
        console.print(_training(_runs(where, batches, method), where, steps or (100 if gpu else 3), console))
    if inference:
        console.print(_inference(where, calls or (300 if gpu else 50), console))
    return 0


def machine(device: torch.device) -> str:
    """Return the hardware, versions and thread counts that the figures hold for."""
    names = [f"{_processor()}, {torch.get_num_threads()} threads"]
    if device.type == "cuda":
        names.insert(0, f"{torch.cuda.get_device_name(device)} (CUDA {torch.version.cuda})")
    versions = f"Python {platform.python_version()}, torch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}"
    return f"{'; '.join(names)}. {versions}."


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _runs(device: torch.device, batches: tuple[int, ...], paper: Paper = "pix2pix") -> list[Run]:
    """Return what is trained: the reference, its networks in our loop, and a recipe as it ships."""
    networks, name = (PAPER, "street") if paper == "pix2pix" else (CYCLE, "horse2ink")
    preset = "gpu" if device.type == "cuda" else "cpu"
    shipped, base = recipes.find(name, preset), _reference(paper)
    assert isinstance(shipped, Timed)
    reference = Run(networks, "reference: float32, eager", base, fast=False)
    if device.type == "cpu":
        ours = [Run(networks, "ours: fused, layout by norm", base)]
    else:
        ours = [Run(networks, "ours: bf16, eager", replace(base, batch=max(batches)))]
        ours += [Run(networks, "ours: bf16, compiled", replace(base, batch=n), compile=True) for n in batches]
    side = shipped.data.crop
    label = f"{name}, {preset} preset{f' at {side}x{side}' if side != SIDE else ''}"
    return [reference, *ours, Run(label, "ours", shipped, compile=device.type == "cuda")]


def _reference(paper: Paper) -> Timed:
    if paper == "pix2pix":
        return REFERENCE
    full = recipes.find("horse2ink", "gpu")
    assert isinstance(full, CycleGAN)
    return replace(full, batch=1)


def _training(runs: list[Run], device: torch.device, steps: int, console: Console) -> Table:
    """Return the table of training, on CUDA with the most memory that each line took."""
    cuda = device.type == "cuda"
    table = _table(f"training at {SIDE}x{SIDE}", "networks", "batch", "images/s", "faster", *["peak GiB"] * cuda)
    first = 0.0
    for run in runs:
        with console.status(f"training: {run.networks}, {run.how}, batch {run.method.batch}"):
            if cuda:
                torch.cuda.reset_peak_memory_stats(device)
            try:
                rate = speed.training_rate(run.method, device, steps, run.fast, run.compile)
            except torch.OutOfMemoryError:
                table.add_row(run.networks, run.how, str(run.method.batch), "out of memory")
                continue
            finally:
                torch.cuda.empty_cache()
        first = first or rate
        peak = [f"{torch.cuda.max_memory_allocated(device) / 2**30:.1f}"] if cuda else []
        table.add_row(run.networks, run.how, str(run.method.batch), _rate(rate), f"{rate / first:.1f}x", *peak)
    return table


def _rate(rate: float) -> str:
    return f"{rate:,.1f}" if rate >= 1 else f"{rate:.3f}"


def _inference(device: torch.device, calls: int, console: Console) -> Table:
    table = _table("inference at 256x256, batch 1, from host to host", "network", "median ms", "90% below", "over bare")
    networks = {
        "U-Net-256": _pixels(UNet(), "batch"),
        "Live": _pixels(Live(), "running"),
        "Live, street labels": _recipe("street", "gpu"),
        "Enlarge ×4, live": _recipe("enlarge-live", "cpu"),
        "Enlarge ×4, CPU preset": _recipe("enlarge", "cpu"),
        "FCN-8s, street": _recipe("see-street", "cpu"),
        "Belief maps, pose": _recipe("pose", "cpu"),
    }
    for name, (speaking, card) in networks.items():
        with console.status(f"inference: {name}"), tempfile.TemporaryDirectory() as folder:
            found = speed.side_by_side(_ways(speaking, card, device, Path(folder)), calls, seconds=15)
        bare = found["ONNX Runtime, bare call"].median
        for how, times in found.items():
            over = f"{times.median / bare - 1:+.1%}" if how.startswith("synth") else ""
            table.add_row(name, how, f"{times.median:.2f}", f"{times.slow:.2f}", over)
            name = ""
    return table


def _table(title: str, what: str, *figures: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    for column in (what, "how"):
        table.add_column(column, no_wrap=True)
    for column in figures:
        table.add_column(column, justify="right")
    return table


def _pixels(network: Network, statistics: Statistics) -> tuple[Network, Card]:
    """Return a network, frozen, that speaks pixels, and the card of its graph."""
    return Pixels(freeze(network, statistics)), Card(name="bench", multiple=network.multiple)


def _recipe(name: str, preset: Literal["gpu", "cpu"]) -> tuple[Network, Card]:
    """Return the network of a recipe, untrained, as it would be exported, and the card of its graph."""
    method = recipes.find(name, preset)
    network = freeze(method.networks()[method.exported], method.statistics)
    return method.graph(network), replace(method.card, multiple=network.multiple)


def _ways(speaking: Network, card: Card, device: torch.device, folder: Path) -> dict[str, Callable[[], Any]]:
    """Return the ways to run a frozen network that speaks pixels on one picture, from host to host."""
    model = exporter.halve(exporter.export(speaking, card))
    path = folder / "graph.onnx"
    path.write_bytes(exporter.with_card(model, card).SerializeToString())
    graph = open_graph(path, "cuda" if device.type == "cuda" else "cpu")
    bare = onnxruntime.InferenceSession(str(path), providers=[graph.provider])
    image = np.random.default_rng(0).integers(0, 256, (1, SIDE, SIDE, 3), dtype=np.uint8)
    eager = speed.eager(speaking, device)
    return {
        "torch, float32, eager": lambda: eager(image),
        "ONNX Runtime, bare call": lambda: bare.run(None, {"image": image}),
        "synth's session": lambda: graph.run(image[0]),
    }
