"""Progress bar (or plain lines where there is no terminal), TensorBoard and sample grids of a training run."""

import threading
import time
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from synth import files


class Log:
    """Shows and logs a run in the folder ``out``; use as a context manager.

    With ``active`` false (all but the first process of a group) it shows and writes nothing. Without a terminal it
    prints a line every ``every`` seconds.
    """

    def __init__(self, out: Path, active: bool = True, every: float = 30.0):
        self.out, self.active, self.every = out, active, every
        self.console = Console(quiet=not active)
        self.bar = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[rate]}  {task.fields[shown]}"),
            console=self.console,
            disable=not (active and self.console.is_terminal),
        )
        self.task = self.bar.add_task("training", total=1.0, rate="", shown="")
        self.shown = ""
        self.began = self.printed = time.perf_counter()

    def __enter__(self) -> "Log":
        if self.active:
            from torch.utils.tensorboard import SummaryWriter

            self._hook, threading.excepthook = threading.excepthook, self._failed_in_a_thread
            try:
                with files.writing(self.out / "log"):
                    self.board = SummaryWriter(str(self.out / "log"))
            except files.CannotWrite:
                threading.excepthook = self._hook
                raise
        self.bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, *_: object) -> None:
        self.bar.stop()
        if self.active:
            try:
                with files.writing(self.out / "log"):
                    self.board.close()
            except files.CannotWrite:
                if error is None:
                    raise
            finally:
                threading.excepthook = self._hook

    def _failed_in_a_thread(self, failed: threading.ExceptHookArgs) -> None:
        """Print no traceback of TensorBoard's thread where the disk is full: its next call here raises that error."""
        if not isinstance(failed.exc_value, OSError):
            self._hook(failed)

    def say(self, text: str) -> None:
        """Print a line above the progress bar."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def losses(self, losses: dict[str, float], step: int) -> None:
        """Record the loss terms of a step."""
        self.shown = "  ".join(f"{name} {value:.3f}" for name, value in losses.items())
        if self.active:
            with files.writing(self.out / "log"):
                for name, value in losses.items():
                    self.board.add_scalar(name, value, step)

    def progress(self, done: float, step: int, steps: int, batch: int) -> None:
        """Show the share ``done`` (0..1) of the run; ``step`` is the ``steps``-th since the command was started."""
        if not self.active:
            return
        now = time.perf_counter()
        if steps == 1:
            self.began = now  # the first step compiles and warms up, so it does not count
        rate = (steps - 1) * batch / (now - self.began) if steps > 1 else 0.0
        self.bar.update(self.task, completed=done, rate=f"{rate:,.1f} images/s", shown=self.shown)
        if self.bar.disable and now - self.printed > self.every:
            self.printed = now
            self.say(f"{done:6.1%}  step {step}  {rate:,.1f} images/s  {self.shown}")

    def pictures(self, grid: np.ndarray, step: int) -> None:
        """Write a sample grid, uint8 ``[H, W, 3]``, to TensorBoard and ``samples.png``."""
        if self.active:
            with files.writing(self.out / "log"):
                self.board.add_image("samples", grid, step, dataformats="HWC")
            with files.replacing(self.out / "samples.png") as part:
                Image.fromarray(grid).save(part, "PNG")
