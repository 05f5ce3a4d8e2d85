"""Commands that train on a data set, as the doctor and ``data video`` print them."""

import re
import shlex
from pathlib import Path

BASE_CHARACTER = "dance-ava.onnx"
"""Bundled character whose weights a new one starts from."""


def pairs(folder: Path) -> str:
    """Return the command that trains on pairs."""
    return _command("pairs", folder, as_name(folder))


def unpaired(folder: Path) -> str:
    """Return the command that trains on two unpaired folders: CycleGAN, both directions."""
    return _command("horse2ink", folder, as_name(folder))


def character(folder: Path, weights: Path = Path("weights")) -> str:
    """Return the command that trains a character, starting from the bundled one if ``weights`` has it."""
    base = weights / BASE_CHARACTER
    init = f" --init {shlex.quote(str(base))}" if base.is_file() else ""
    return _command("dance", folder, f"dance-{as_name(folder)}") + init


def as_name(folder: Path) -> str:
    """Return a folder's name as a graph may be called: letters, digits, _ and - only."""
    return re.sub(r"[^\w-]+", "_", folder.resolve().name).strip("_") or "mine"


def _command(recipe: str, folder: Path, name: str) -> str:
    return f"python -m synth train {recipe} --data {shlex.quote(str(folder))} --as-name {name} --minutes 20"
