"""The only training loop: ``python -m synth train RECIPE``. Rerunning the same command resumes."""

import importlib.util
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from synth import recipe
from synth.data.sets.data_root import data_root
from synth.data.sets.dataset import Batches
from synth.methods.method import Method
from synth.networks.layers.norm import freeze
from synth.training import checkpoint, distributed
from synth.training.log import Log
from synth.training.trainer import Trainer, check_finite

SAVE_SECONDS = 60


def train(
    name: str,
    /,
    data: Path | None = None,
    out: Path | None = None,
    steps: int | None = None,
    minutes: float | None = None,
    batch: int | None = None,
    size: int | None = None,
    init: Path | None = None,
    preset: recipe.Preset = "auto",
    device: Literal["auto", "cpu", "cuda"] = "auto",
    seed: int = 0,
    save_every: int | None = None,
    compile: bool | None = None,
    as_name: str | None = None,
) -> int:
    """Train a recipe; the same command again goes on where it stopped.

    Args:
        name: a recipe (see ``python -m synth list``).
        data: the folder of the data set, or its name there; by default ``$SYNTH_DATA/SET`` or ``data/SET``.
        out: where checkpoint, log and samples go; by default ``runs/NAME``.
        steps: stop after so many steps; the learning rate's schedule follows.
        minutes: stop after so many minutes of training instead; the schedule follows.
        batch: pictures a step, over all processes.
        size: the side in pixels to train at instead of the recipe's, a multiple of the network's.
        init: start from the networks of this checkpoint, or from the network of this exported graph.
        preset: the full recipe, or the one for two CPU cores.
        device: where to train.
        seed: of weights, crops and order.
        save_every: a checkpoint every so many steps (by default one a minute).
        compile: compile the networks (by default on CUDA only).
        as_name: the name of the graph that will come out of it, and of the run's folder.
    """
    if steps is not None and minutes is not None:
        raise ValueError("Give --steps or --minutes, not both.")
    if any(value is not None and not value > 0 for value in (steps, minutes, batch, save_every)) or seed < 0:
        raise ValueError("--steps, --minutes, --batch and --save-every must be positive, and --seed not negative.")
    where = distributed.start(_device(device))
    try:
        method = recipe.find(name, preset)
        method = replace(method, batch=batch or method.batch, steps=steps or method.steps)
        method = _sized(method, size) if size else method
        as_name = as_name or name
        out = out or Path("runs") / as_name
        if compile is None:  # what compiles for CUDA is Triton, which not every platform has
            compile = where.type == "cuda" and importlib.util.find_spec("triton") is not None
        trainer = Trainer(method, where, seed, compile)
        _check(as_name, method.data.crop, trainer)
        folder = data_folder(method, data)
        info: dict[str, Any] = {"recipe": name, "name": as_name, "preset": method.preset, "repr": repr(method)}
        info |= {"size": method.data.crop, "batch": method.batch, "seed": seed, "data": folder.resolve().name}
        info["before"] = []
        if (out / "last.pt").exists():
            _resume(trainer, out / "last.pt", info)
            init = None
        return _run(trainer, folder, out, minutes, save_every, seed, info, init)
    except torch.OutOfMemoryError as error:
        raise ValueError("The GPU's memory is full. Use a smaller --batch or --size.") from error
    except ValueError as error:
        if "more than 1 value per channel" in str(error):
            raise ValueError("Batch norm needs more than one value: use a larger --size or --batch.") from error
        raise
    finally:
        distributed.stop()


def data_folder(method: Method, given: Path | None = None) -> Path:
    """Return where the data set lies: the folder that is given, else ``$SYNTH_DATA/SET`` or ``data/SET``.

    A bare name that is no folder here is looked for there too, so that ``--data me`` finds what was made as ``me``.
    """
    if given is None:
        return data_root() / method.data.name
    named = data_root() / given
    return named if not given.is_dir() and len(given.parts) == 1 and named.is_dir() else given


def _sized(method: Method, size: int) -> Method:
    if size < 16:
        raise ValueError("--size must be 16 pixels or more.")
    return replace(method, data=method.data.sized(size))


def _check(name: str, size: int, trainer: Trainer) -> None:
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"{name!r} cannot be the name of a graph: use letters, digits, _ and - only.")
    multiple = trainer.nets[trainer.method.exported].multiple
    if size % multiple:
        raise ValueError(f"This network needs a --size that is a multiple of {multiple}, not {size}.")


def _device(wanted: str) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("There is no CUDA device that PyTorch can use here. Leave --device out.")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def _resume(trainer: Trainer, path: Path, info: dict[str, Any]) -> None:
    state = checkpoint.load(path, trainer.device)
    saved = checkpoint.about(state, path)
    for key in ("recipe", "preset", "data", "size", "batch", "seed"):
        if saved.get(key, info[key]) != info[key]:
            raise ValueError(
                f"{path} was trained with the {key} {saved[key]!r}, not {info[key]!r}. Go on with the same command, "
                "or begin another run with --out DIR (and --init to start from these weights)."
            )
    trainer.restore(state, path)
    info["before"] = saved.get("before", [])


def history(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs that made a checkpoint, first to last: steps, images, minutes and size of each."""
    info = state["info"]
    run = {"steps": state["step"], "images": state["step"] * info["batch"], "minutes": state["elapsed"] / 60}
    return [*info.get("before", []), {**run, "size": info["size"]}]


def _start(trainer: Trainer, path: Path, store: Batches) -> list[dict[str, Any]]:
    """Begin with the weights of a checkpoint or of an exported graph; return the runs that made them."""
    if path.suffix == ".onnx":
        from synth.importers import exported

        return exported.start_from(trainer, path, next(store.batches(0)))
    state = checkpoint.load(path, trainer.device)
    checkpoint.about(state, path)
    trainer.start_from(state, path)
    return history(state)


def _run(
    trainer: Trainer,
    folder: Path,
    out: Path,
    minutes: float | None,
    save_every: int | None,
    seed: int,
    info: dict[str, Any],
    init: Path | None,
) -> int:
    method, data = trainer.method, trainer.method.data
    with Log(out, distributed.rank() == 0) as log:
        log.say(f"{info['name']}: reading {folder} ...")
        store = data.open(folder, method.batch, trainer.device, seed)
        sample = {name: held.to(trainer.device) for name, held in data.sample(folder).items()}
        info |= {"facts": store.facts, "examples": store.length, "hardware": _hardware(trainer.device)}
        log.say(f"{store.length} examples, {method.preset} preset, batch {method.batch}, {info['hardware']}")
        if init:
            info["before"] = _start(trainer, init, store)
        for network in (trainer.nets[method.exported], trainer.average.network):
            method.prepare(network, store.facts)
        if trainer.step:
            log.say(f"resuming at step {trainer.step}")

        def save() -> None:
            if distributed.rank() == 0:
                checkpoint.save(out / "last.pt", {**trainer.state(), "info": info})
                network = freeze(trainer.average.network, method.statistics)
                log.pictures(method.pictures(network, sample), trainer.step)

        log.say(data.describe(folder))
        began = trainer.step
        _loop(trainer, store, log, minutes, save_every, save)
        if trainer.step > began:
            save()
        log.say(f"done: {trainer.step} steps, {trainer.elapsed / 60:.1f} minutes -> {out / 'last.pt'}")
    return 0


def _loop(
    trainer: Trainer, store: Batches, log: Log, minutes: float | None, save_every: int | None, save: Callable[[], None]
) -> None:
    """Step until the budget is spent; every loss that is looked at must be a number."""
    # Reading a loss waits for the GPU, so there it is not done at every step.
    look = 1 if trainer.device.type == "cpu" else 25
    began, last = trainer.step, time.perf_counter()
    saved_at = last
    batches = store.batches(trainer.step, distributed.part(store.batch))
    terms: dict[str, Tensor] = {}
    while (done := _done(trainer, minutes)) < 1:
        terms = trainer.update(next(batches), done)
        if trainer.step % look == 0 or trainer.step == began + 1:
            _look(terms, trainer.step, log)
        now = time.perf_counter()
        trainer.elapsed, last = trainer.elapsed + now - last, now
        log.progress(min(done, 1.0), trainer.step, trainer.step - began, store.batch)
        if trainer.step % save_every == 0 if save_every else now - saved_at > SAVE_SECONDS:
            _look(terms, trainer.step, log)
            save()
            saved_at = time.perf_counter()
    _look(terms, trainer.step, log)


def _done(trainer: Trainer, minutes: float | None) -> float:
    """Return how much of the budget is spent, 0..1."""
    if not minutes:
        return trainer.step / trainer.method.steps
    return distributed.agree(trainer.elapsed / (minutes * 60), trainer.device)


def _look(terms: dict[str, Tensor], step: int, log: Log) -> None:
    losses = {name: value.item() for name, value in terms.items()}
    check_finite(losses, step)
    log.losses(losses, step)


def _hardware(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{distributed.world()} x {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads() * distributed.world()
    return f"CPU, {threads} thread{'s' * (threads > 1)}"
