"""One training run: its folder, the training loop, and what is saved and printed meanwhile."""

import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from synth.counted import counted
from synth.data.sets.dataset import Batches
from synth.networks.layers.norm import freeze
from synth.pixels import file_kinds
from synth.training import checkpoint, distributed, initial, options
from synth.training.log import Log
from synth.training.metrics_file import MetricsFile
from synth.training.run_info import RunInfo
from synth.training.snapshots import Snapshots
from synth.training.trainer import Trainer, check_finite

SAVE_SECONDS = 60
FEW = 0.1
"""Share of the images that a recipe is meant to be trained on; with fewer, a warning is printed at the end."""


@dataclass(frozen=True)
class Budget:
    """How long to train, and what to keep: ``minutes`` of training, or else as many steps as the recipe says.

    A checkpoint is written every ``save_every`` steps, or every minute; ``keep`` of them are kept as snapshots.
    """

    minutes: float | None = None
    save_every: int | None = None
    keep: int = 3


@dataclass
class Run:
    """Trains what ``trainer`` holds on the data set in ``data`` and writes everything into ``out``.

    ``given`` are the options of the command. ``word`` is the recipe as the command line names it, ``usual`` the number
    of images that it is meant to be trained on.
    """

    trainer: Trainer
    data: Path
    out: Path
    info: RunInfo
    budget: Budget
    given: dict[str, Any]
    word: str
    usual: int

    def train(self, seed: int, init: Path | None = None) -> None:
        """Train until the budget is spent, from the weights of ``init`` if there is one."""
        trainer, method, first = self.trainer, self.trainer.method, distributed.rank() == 0
        with Log(self.out, first) as log, MetricsFile(self.out / "metrics.jsonl", trainer.step, first) as metrics:
            log.say("\n".join([f"{self.info.name}: reading {self.data} ...", *unread(self.data)]))
            store = method.data.open(self.data, method.batch, trainer.device, seed)
            sample = {name: held.to(trainer.device) for name, held in method.data.sample(self.data).items()}
            known = {"facts": store.facts, "examples": store.length, "hardware": hardware(trainer.device)}
            self.info = replace(self.info, **known)
            log.say(
                f"{counted(store.length, 'example')}, {method.preset} preset, batch {method.batch}, "
                f"{self.info.hardware}"
            )
            if init:
                self.info = replace(self.info, before=initial.start(trainer, init, lambda: next(store.batches(0))))
            for network in (trainer.nets[method.exported], trainer.average.network):
                method.prepare(network, store.facts)
            if first:
                options.write(self.out, self.given, self.info, trainer.device)
            if trainer.step:
                log.say(f"resuming at step {trainer.step}")
            log.say(method.data.describe(self.data))
            began, saver = trainer.step, Saver(self, log, sample)
            loop(trainer, store, self.budget, log, metrics, saver)
            if trainer.step > began:
                saver.save()
            log.say("\n".join(self.summary(saver.snapshots)))

    def summary(self, snapshots: Snapshots) -> list[str]:
        """Return the lines to print at the end: the checkpoint, a warning if training was short, the next command."""
        trainer, last = self.trainer, self.out / "last.pt"
        lines = [f"done: {counted(trainer.step, 'step')}, {trainer.elapsed / 60:.1f} minutes -> {last}"]
        stages = self.info.stages(trainer.step, trainer.elapsed)
        seen = sum(stage.images for stage in stages)
        if seen < FEW * self.usual:
            steps = self.usual // self.info.batch
            more = "--minutes with a larger number" if self.budget.minutes else f"--steps {steps}"
            lines.append(
                f"{counted(sum(stage.steps for stage in stages), 'step is', 'steps are')} far too few for usable "
                f"images: this recipe is meant for about {counted(steps, 'step')} of this batch. To go on from here, "
                f"repeat the command with {more}."
            )
        if kept := snapshots.steps():
            lines.append(f"Snapshots to go back to: {snapshots.folder}/step-*.pt (steps {', '.join(map(str, kept))})")
        return [*lines, f"Next: {shlex.join(['python', '-m', 'export', self.word, str(last)])}"]


def unread(folder: Path) -> list[str]:
    """Return one line for all images of a data set that cannot be read; none if there are none."""
    found = file_kinds.unread(folder)
    return [" ".join(file_kinds.sentences(found))] if found else []


class Saver:
    """Writes the checkpoints, sample grids and snapshots of a run; in a group of processes only the first one does."""

    def __init__(self, run: Run, log: Log, sample: dict[str, Tensor]):
        self.run, self.log, self.sample = run, log, sample
        self.last, self.step = run.out / "last.pt", -1
        self.snapshots = Snapshots(run.out / "snapshots", run.budget.keep)

    def save(self) -> None:
        """Write the checkpoint and the sample grid, at most once per step."""
        trainer, method = self.run.trainer, self.run.trainer.method
        if distributed.rank() != 0 or self.step == trainer.step:
            return
        self.step = trainer.step
        checkpoint.save(self.last, {**trainer.state(), "info": self.run.info.to_dict()})
        network = freeze(trainer.average.network, method.statistics)
        self.log.pictures(method.pictures(network, self.sample), trainer.step)

    def snapshot(self) -> None:
        """Write the checkpoint and keep it."""
        self.save()
        if distributed.rank() == 0:
            self.snapshots.take(self.last, self.run.trainer.step, self.run.out / "samples.png")


def loop(trainer: Trainer, store: Batches, budget: Budget, log: Log, metrics: MetricsFile, saver: Saver) -> None:
    """Step until the budget is spent. Every loss that is read must be finite, or ``FloatingPointError`` is raised."""
    # Reading a loss waits for the GPU, so there it is not done at every step.
    every = 1 if trainer.device.type == "cpu" else 25
    began, last = trainer.step, time.perf_counter()
    saved_at = last
    batches = store.batches(trainer.step, distributed.part(store.batch))
    terms: dict[str, Tensor] = {}

    def read() -> None:
        losses = {name: value.item() for name, value in terms.items()}
        check_finite(losses, trainer.step)
        log.losses(losses, trainer.step)
        if losses:
            metrics.add(trainer.step, trainer.elapsed, losses)

    def saved(write: Callable[[], None]) -> float:
        read()
        write()
        return time.perf_counter()

    while (done := share_done(trainer, budget.minutes)) < 1:
        if saver.snapshots.due(done):
            saved_at = saved(saver.snapshot)
        terms = trainer.update(next(batches), done)
        now = time.perf_counter()
        trainer.elapsed, last = trainer.elapsed + now - last, now
        if trainer.step % every == 0 or trainer.step == began + 1:
            read()
        log.progress(min(done, 1.0), trainer.step, trainer.step - began, store.batch)
        if trainer.step % budget.save_every == 0 if budget.save_every else now - saved_at > SAVE_SECONDS:
            saved_at = saved(saver.save)
    read()


def share_done(trainer: Trainer, minutes: float | None) -> float:
    """Return how much of the budget is spent, 0..1."""
    if not minutes:
        return trainer.step / trainer.method.steps
    return distributed.agree(trainer.elapsed / (minutes * 60), trainer.device)


def hardware(device: torch.device) -> str:
    """Return the name of the hardware that the run uses."""
    if device.type == "cuda":
        return f"{distributed.world()} x {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads() * distributed.world()
    return f"CPU, {threads} thread{'s' * (threads > 1)}"
