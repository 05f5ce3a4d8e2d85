"""Snapshots: checkpoints kept during a run, to go back to if a GAN gets worse.

They are evenly spaced over the run's budget, not over time: their disk space is known in advance, and "half of the
run" means the same learning rate on every machine.
"""

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path

from synth import files

NAME = re.compile(r"step-(\d{6,})\.pt")


class Snapshots:
    """Keeps ``keep`` copies of a run's checkpoint in ``folder``, at 1/(keep + 1), 2/(keep + 1), ... of the run.

    The end of the run is ``last.pt`` itself. If a run is extended, those that lie closest together are dropped.
    """

    def __init__(self, folder: Path, keep: int):
        self.folder, self.keep = folder, keep
        self.marks = [number / (keep + 1) for number in range(1, keep + 1)]
        self.seen: float | None = None

    def due(self, done: float) -> bool:
        """Return whether a mark was passed since the last call; ``done`` in 0..1 is the share of the run."""
        passed = self.seen is not None and any(self.seen < mark <= done for mark in self.marks)
        self.seen = done
        return passed

    def take(self, last: Path, step: int, samples: Path | None = None) -> Path:
        """Keep the checkpoint ``last`` as ``step-STEP.pt``, its sample grid as ``step-STEP.png``; return its path.

        Raises ``CannotWrite`` if that fails.
        """
        target = self.folder / f"step-{step:06d}.pt"
        _copy(last, target)
        if samples is not None and samples.is_file():
            _copy(samples, target.with_suffix(samples.suffix), link=False)
        while len(steps := self.steps()) > self.keep:
            self._drop(_closest_neighbours(steps))
        return target

    def steps(self) -> list[int]:
        """Return the steps at which there are snapshots, in order."""
        names = (NAME.fullmatch(path.name) for path in self.folder.glob("step-*.pt"))
        return sorted(int(match[1]) for match in names if match)

    def _drop(self, step: int) -> None:
        for path in self.folder.glob(f"step-{step:06d}.*"):
            path.unlink()


def _closest_neighbours(steps: list[int]) -> int:
    """Return the step whose neighbours lie closest together; never the last one, and step 0 counts as a neighbour."""
    before = [0, *steps]
    return steps[min(range(len(steps) - 1), key=lambda n: steps[n + 1] - before[n])]


def _copy(source: Path, target: Path, link: bool = True) -> None:
    """Give a file a second name, which takes no space, or copy it where the file system cannot do that.

    A checkpoint is replaced and never written into, so the second name keeps the present content.
    """
    part = target.with_name(target.name + ".part")
    try:
        with files.writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            try:
                if not link:
                    raise OSError
                os.link(source, part)
            except OSError:
                shutil.copyfile(source, part)
            os.replace(part, target)
    finally:
        with suppress(OSError):  # POSIX leaves both names where they are one file already
            part.unlink()
