"""Describe the machine of a benchmark (hardware, versions, threads), and lay out its table."""

import platform
from pathlib import Path
from typing import Literal

import onnxruntime
import torch
from rich.table import Table

from synth.counted import counted

Device = Literal["auto", "cpu", "cuda"]


def choose(device: Device) -> torch.device:
    """Return the device to measure on; ``auto`` is CUDA if available.

    Raises ``ValueError`` where CUDA is asked for and PyTorch cannot use it.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise ValueError("There is no CUDA device that PyTorch can use here. Leave out --device cuda.")
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def machine(device: torch.device) -> str:
    """Return the hardware, versions and thread counts that the measured numbers hold for."""
    names = [f"{_processor()}, {counted(torch.get_num_threads(), 'thread')}"]
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


def table(title: str, what: str, *numbers: str) -> Table:
    """Return an empty table with the columns ``what`` and ``how``, and right-aligned ones for the numbers."""
    made = Table(title=title, title_justify="left", box=None, padding=(0, 1, 0, 0))
    for column in (what, "how"):
        made.add_column(column, no_wrap=True)
    for column in numbers:
        made.add_column(column, justify="right")
    return made
