"""``python -m synth train RECIPE``: the command. Running the same command again resumes."""

import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import torch
import tyro

from synth import files, recipe
from synth.data.sets.data_root import data_root
from synth.methods.method import Method
from synth.training import checkpoint, distributed, initial, overrides, recipe_file
from synth.training.run import Budget, Run
from synth.training.run_info import RunInfo
from synth.training.trainer import Trainer

Changes = Annotated[tuple[str, ...], tyro.conf.UseAppendAction, tyro.conf.arg(name="set", metavar="NAME=VALUE")]


def train(
    name: Annotated[str, tyro.conf.arg(metavar="RECIPE")],
    /,
    data: Path | None = None,
    out: Path | None = None,
    changes: Changes = (),
    steps: int | None = None,
    minutes: float | None = None,
    batch: int | None = None,
    size: int | None = None,
    init: Path | None = None,
    preset: recipe.Preset = "auto",
    device: Literal["auto", "cpu", "cuda"] = "auto",
    seed: int = 0,
    save_every: int | None = None,
    keep: int = 3,
    compile: bool | None = None,
    as_name: str | None = None,
) -> int:
    """Train a recipe; running the same command again resumes where it stopped.

    Args:
        name: a recipe (see ``python -m synth list``), or a file with one: ./my_recipe.py, ./my_recipe.py:VARIANT.
        data: the data set: its folder, or its name in ``$SYNTH_DATA``; by default ``$SYNTH_DATA/SET`` or ``data/SET``.
        out: the folder for checkpoints, logs and samples; by default ``runs/NAME``.
        changes: replace a value of the recipe, for instance l1=50 or generator.widths=16,32,64; may be repeated.
        steps: stop after this many steps; the learning rate schedule follows.
        minutes: stop after this many minutes of training instead; the schedule follows.
        batch: images per step, over all processes.
        size: the side in pixels to train at instead of the recipe's, a multiple of the network's.
        init: start from the networks of this checkpoint, or from the network of this exported graph.
        preset: the full recipe (gpu), or the one for two CPU cores.
        device: where to train.
        seed: the random seed of weights, crops and order.
        save_every: write a checkpoint every this many steps (by default every minute).
        keep: how many earlier checkpoints to keep, evenly spaced over the run, in OUT/snapshots.
        compile: compile the networks (by default on CUDA only).
        as_name: the name of the exported graph, and of the run's folder.
    """
    given = {"set" if option == "changes" else option: value for option, value in locals().items()}
    _check_numbers(keep, seed, steps=steps, minutes=minutes, batch=batch, save_every=save_every)
    with _group(device) as where:
        own = overrides.apply(recipe_file.find(name, preset), changes)
        if preset == "cpu" and own.preset != "cpu" and distributed.rank() == 0:
            print(f"{name} has no CPU preset (its file defines no `cpu`): training the full recipe.")
        method = replace(own, batch=batch or own.batch, steps=steps or own.steps)
        method = _sized(method, size) if size else method
        as_name = as_name or recipe_file.run_name(name)
        out = out or Path("runs") / as_name
        if distributed.rank() == 0:
            files.folder(out)
        trainer = _trainer(method, where, seed, compile, changes)
        _check(as_name, method.data.crop, trainer)
        folder = data_folder(method, data)
        known = {"name": as_name, "recipe": recipe_file.identity(name), "overrides": overrides.canonical(own, changes)}
        info = RunInfo.of(method, **known, seed=seed, data=folder.resolve().name)
        resumes = (out / "last.pt").exists()
        if resumes:
            info = _resume(trainer, out / "last.pt", info)
        elif init:
            initial.check(trainer, init)  # reading the data set may take minutes
        run = Run(trainer, folder, out, info, Budget(minutes, save_every, keep), given, name, own.steps * own.batch)
        run.train(seed, None if resumes else init)
    return 0


def _check_numbers(keep: int, seed: int, **counts: float | None) -> None:
    if counts["steps"] is not None and counts["minutes"] is not None:
        raise ValueError("Give --steps or --minutes, not both.")
    for name, value in counts.items():
        if value is not None and not value > 0:
            raise ValueError(f"--{name.replace('_', '-')} must be positive, not {value}.")
    for name, value in (("seed", seed), ("keep", keep)):
        if value < 0:
            raise ValueError(f"--{name} must be 0 or more, not {value}.")


@contextmanager
def _group(device: str) -> Iterator[torch.device]:
    """Join the other processes, if there are any, and turn PyTorch's errors into readable ones."""
    try:
        yield distributed.start(_device(device))
    except torch.OutOfMemoryError as error:
        raise ValueError("The GPU's memory is full. Use a smaller --batch or --size.") from error
    except ValueError as error:
        if "more than 1 value per channel" in str(error):
            raise ValueError("Batch norm needs more than one value: use a larger --size or --batch.") from error
        raise
    finally:
        distributed.stop()


def _trainer(method: Method, where: torch.device, seed: int, compile: bool | None, changes: tuple[str, ...]) -> Trainer:
    if compile is None:  # PyTorch compiles for CUDA with Triton, which not every platform has
        compile = where.type == "cuda" and importlib.util.find_spec("triton") is not None
    try:
        return Trainer(method, where, seed, compile)
    except torch.OutOfMemoryError:
        raise
    except (ArithmeticError, AssertionError, LookupError, RuntimeError, TypeError) as error:
        if not changes:
            raise
        given = " ".join(f"--set {change}" for change in changes)
        raise ValueError(f"The networks cannot be built with {given}: {error or type(error).__name__}.") from error


def data_folder(method: Method, given: Path | None = None) -> Path:
    """Return the data set's folder: the one given, else ``$SYNTH_DATA/SET`` or ``data/SET``.

    A bare name that is not a folder here is looked up there as well, so that ``--data me`` finds the set ``me``.
    """
    if given is None:
        return data_root() / method.data.name
    named = data_root() / given
    return named if not given.is_dir() and len(given.parts) == 1 and named.is_dir() else given


def _sized(method: Method, size: int) -> Method:
    if size < 16:
        raise ValueError(f"--size must be 16 pixels or more, not {size}.")
    return replace(method, data=method.data.sized(size))


def _check(name: str, size: int, trainer: Trainer) -> None:
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"{name!r} cannot be the name of a graph: use letters, digits, _ and - only.")
    multiple = trainer.nets[trainer.method.exported].multiple
    if size % multiple:
        raise ValueError(f"This network needs a --size that is a multiple of {multiple}, not {size}.")


def _device(wanted: str) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("There is no CUDA device that PyTorch can use here. Leave out --device cuda.")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def _resume(trainer: Trainer, path: Path, info: RunInfo) -> RunInfo:
    """Load the checkpoint of a stopped run into the trainer; return the run's facts with its earlier runs."""
    state = checkpoint.load(path, trainer.device)
    saved = checkpoint.about(state, path)
    if differs := saved.changed(info):
        raise ValueError(
            f"{path} was trained with {differs}. Go on with the same command, "
            "or begin another run with --out DIR (and --init to start from these weights)."
        )
    trainer.restore(state, path)
    return replace(info, before=saved.before)
