"""What the benchmark commands share: printing each line as it is measured, and running ``python -m export``."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from synth.benchmarks.served import ROOT


def print_lines(lines: Iterable[str]) -> int:
    """Print each line as soon as it is measured; return exit code 0."""
    for line in lines:
        print(line, flush=True)
    return 0


def run_export(*arguments: str | Path) -> None:
    """Run ``python -m export ARGUMENTS`` in a process of its own, since ``synth`` does not import ``export``.

    It runs in the checkout's folder: give absolute paths. Raises ``ValueError`` with what it printed if it fails.
    """
    command = [sys.executable, "-m", "export", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ValueError(ended.stderr.strip() or f"python -m export {arguments[0]} ended with code {ended.returncode}.")
