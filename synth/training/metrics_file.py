"""``metrics.jsonl``: the losses of a run, one JSON object per line, for plotting tools."""

import json
from io import FileIO
from pathlib import Path

from synth import files
from synth.training import checkpoint


class MetricsFile:
    """Appends a line per logged step: ``{"step": 25, "seconds": 1.9, "G/l1": 12.3, ...}``; steps always increase.

    Use as a context manager. ``step`` is where training resumes (0: from the start): lines beyond it belong to steps
    that were taken after the last checkpoint and will be taken again, and are dropped. With ``active`` false it
    writes nothing.
    """

    def __init__(self, path: Path, step: int, active: bool = True):
        self.path, self.active, self.step = path, active, -1
        self.file: FileIO | None = None
        if active:
            kept = _until(path, step)
            self.step = kept[-1][0] if kept else -1
            checkpoint.replace_file(path, "".join(f"{line}\n" for _, line in kept).encode())

    def __enter__(self) -> "MetricsFile":
        if self.active:
            self.file = self.path.open("ab", buffering=0)  # unbuffered: closing cannot fail when the disk is full
        return self

    def __exit__(self, *_: object) -> None:
        if self.file:
            self.file.close()

    def add(self, step: int, seconds: float, losses: dict[str, float]) -> None:
        """Append the losses of a step, ``seconds`` of training into the run. Raises ``CannotWrite`` if that fails."""
        if self.file is None or step <= self.step:
            return
        self.step = step
        with files.writing(self.path):
            self.file.write((json.dumps({"step": step, "seconds": round(seconds, 3), **losses}) + "\n").encode())


def _until(path: Path, step: int) -> list[tuple[int, str]]:
    """Return the lines of a file up to a step with their steps; lines that are cut off or not JSON are skipped."""
    if not path.is_file():
        return []
    found = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        try:
            number = json.loads(line)["step"]
        except (ValueError, TypeError, KeyError):
            continue
        if isinstance(number, int) and number <= step:
            found.append((number, line))
    return found
