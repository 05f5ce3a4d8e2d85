"""Training speed in images/s, the reference and ours in one run: ``python -m synth bench training``.

The reference is the configuration of the published code, float32, batch 1, eager: for pix2pix U-Net-256 with 64
channels and a 70x70 PatchGAN (Isola et al. 2017), for CycleGAN two ResNet-9 and two such PatchGANs (Zhu et al. 2017).
Ours is the whole training loop of this project.
"""

from dataclasses import dataclass, replace
from typing import Literal

import torch
from rich.console import Console
from rich.table import Table

from synth import recipe as recipes
from synth.benchmarks import speed
from synth.benchmarks.machine import Device, choose, machine, table
from synth.benchmarks.speed import Timed
from synth.card import Card
from synth.data.sets.pairs import Pairs
from synth.methods.cyclegan import CycleGAN
from synth.methods.pix2pix import Pix2Pix

REFERENCE = Pix2Pix(data=Pairs(name="bench"), card=Card(name="bench"))
"""The defaults of ``Pix2Pix`` are the paper's."""
SIDE = 256
PAPER = "U-Net-256 + 70x70 PatchGAN"
CYCLE = "2 x (ResNet-9 + 70x70 PatchGAN)"
Paper = Literal["pix2pix", "cyclegan"]


@dataclass(frozen=True)
class Run:
    """One row of the training table."""

    networks: str
    how: str
    method: Timed
    fast: bool = True
    compile: bool = False


def training(
    *,
    steps: int | None = None,
    batches: tuple[int, ...] = (1, 16, 64, 128),
    device: Device = "auto",
    method: Paper = "pix2pix",
) -> int:
    """Measure the training speed of the reference configuration and of ours, side by side in one run.

    Args:
        steps: timed training steps per row; by default 100 on CUDA and 3 on a CPU.
        batches: batch sizes to try on CUDA.
        device: where to measure.
        method: the method to train.
    """
    if (steps is not None and steps < 1) or min(batches, default=0) < 1:
        raise ValueError("--steps and --batches must be positive.")
    where, console = choose(device), Console()
    console.print(machine(where), highlight=False, soft_wrap=True)
    count = steps or (100 if where.type == "cuda" else 3)
    console.print(_training(_runs(where, batches, method), where, count, console))
    return 0


def _runs(device: torch.device, batches: tuple[int, ...], paper: Paper = "pix2pix") -> list[Run]:
    """Return what to train: the reference, its networks in our loop, and a bundled recipe unchanged."""
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
    """Return the training table, on CUDA with the peak memory of each row."""
    cuda = device.type == "cuda"
    rows = table(f"training at {SIDE}x{SIDE}", "networks", "batch", "images/s", "faster", *["peak GiB"] * cuda)
    first = 0.0
    for run in runs:
        with console.status(f"training: {run.networks}, {run.how}, batch {run.method.batch}"):
            if cuda:
                torch.cuda.reset_peak_memory_stats(device)
            try:
                rate = speed.training_rate(run.method, device, steps, run.fast, run.compile)
            except torch.OutOfMemoryError:
                rows.add_row(run.networks, run.how, str(run.method.batch), "out of memory")
                continue
            finally:
                torch.cuda.empty_cache()
        first = first or rate
        peak = [f"{torch.cuda.max_memory_allocated(device) / 2**30:.1f}"] if cuda else []
        rows.add_row(run.networks, run.how, str(run.method.batch), _rate(rate), f"{rate / first:.1f}x", *peak)
    return rows


def _rate(rate: float) -> str:
    return f"{rate:,.1f}" if rate >= 1 else f"{rate:.3f}"
