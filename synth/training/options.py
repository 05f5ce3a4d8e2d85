"""``options.json``: what a run was started with, so that it can be repeated and compared."""

import json
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from synth.training import checkpoint
from synth.training.run_info import RunInfo

PACKAGES = ("synth", "torch", "numpy", "pillow", "opencv-python")


def write(folder: Path, options: dict[str, Any], info: RunInfo, device: torch.device) -> None:
    """Write ``options.json``: every option of the command, the recipe with its overrides, device, data and versions.

    It is rewritten at each start, also when a run resumes. Raises ``CannotWrite`` if it cannot be written.
    """
    content = {
        "recipe": info.source(),
        "set": list(info.overrides),
        "fields": info.fields,
        "options": options,
        "data": {"name": info.data, "examples": info.examples},
        "device": str(device),
        "hardware": info.hardware,
        "versions": versions(),
    }
    text = json.dumps(content, indent=2, ensure_ascii=False, default=str)
    checkpoint.replace_file(folder / "options.json", text.encode())


def versions() -> dict[str, str]:
    """Return the versions that a result may depend on: Python, packages, CUDA, the commit of the code."""
    found = {"python": platform.python_version(), "platform": platform.platform(), "commit": commit()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:  # synth itself, run from its folder
            continue
    return {**found, "cuda": torch.version.cuda or ""}


def commit() -> str:
    """Return the short hash of the commit of the code, or an empty string outside of a repository."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
