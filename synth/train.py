"""The only training loop: ``python -m synth train RECIPE``. Rerunning the same command resumes."""

import os
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from synth import checkpoint, distributed, recipe
from synth.data.store import Store
from synth.log import Log
from synth.methods.method import Method
from synth.networks.norm import freeze
from synth.trainer import Trainer, check_finite

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
        data: the folder of the data set; by default ``$SYNTH_DATA/SET`` or ``data/SET``.
        out: where checkpoint, log and samples go; by default ``runs/NAME``.
        steps: stop after so many steps; the learning rate's schedule follows.
        minutes: stop after so many minutes of training instead; the schedule follows.
        batch: pictures a step, over all processes.
        size: the side in pixels to train at instead of the recipe's, a multiple of the network's.
        init: start from the networks of this checkpoint (say, of a quick run at a smaller --size).
        preset: the full recipe, or the one for two CPU cores.
        device: where to train.
        seed: of weights, crops and order.
        save_every: a checkpoint every so many steps (by default one a minute).
        compile: compile the networks (by default on CUDA only).
        as_name: the name of the graph that will come out of it, and of the run's folder.
    """
    if steps is not None and minutes is not None:
        raise ValueError("Give --steps or --minutes, not both.")
    if (steps is not None and steps < 1) or (minutes is not None and minutes <= 0) or (batch is not None and batch < 1):
        raise ValueError("--steps, --minutes and --batch must be positive.")
    where = distributed.start(_device(device))
    try:
        method = recipe.find(name, preset)
        method = replace(method, batch=batch or method.batch, steps=steps or method.steps)
        method = _sized(method, size) if size else method
        as_name = as_name or name
        out = out or Path("runs") / as_name
        compile = where.type == "cuda" if compile is None else compile
        trainer = Trainer(method, where, seed, compile)
        _check(as_name, method.data.crop, trainer)
        folder = data or data_folder(method)
        info: dict[str, Any] = {"recipe": name, "name": as_name, "preset": method.preset, "repr": repr(method)}
        info |= {"size": method.data.crop, "before": []}
        if (out / "last.pt").exists():
            _resume(trainer, out / "last.pt", info)
        elif init:
            state = checkpoint.load(init, where)
            trainer.start_from(state, init)
            info["before"] = history(state)
        return _run(trainer, folder, out, minutes, save_every, seed, info)
    finally:
        distributed.stop()


def data_folder(method: Method) -> Path:
    """Return where the recipe's data set lies unless told otherwise: ``$SYNTH_DATA/SET`` or ``data/SET``."""
    return Path(os.environ.get("SYNTH_DATA", "data")) / method.data.name


def _sized(method: Method, size: int) -> Method:
    if size < 16:
        raise ValueError("--size must be 16 pixels or more.")
    load = round(method.data.load * size / method.data.crop)
    data = replace(method.data, load=load, crop=size)
    return replace(method, data=data, card=replace(method.card, size=size))


def _check(name: str, size: int, trainer: Trainer) -> None:
    if not re.fullmatch(r"[\w-]+", name):
        raise ValueError(f"{name!r} cannot be the name of a graph: use letters, digits, _ and - only.")
    multiple = trainer.nets[trainer.method.exported].multiple
    if isinstance(multiple, int) and size % multiple:
        raise ValueError(f"This network needs a --size that is a multiple of {multiple}, not {size}.")


def _device(wanted: str) -> torch.device:
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError("There is no CUDA device that PyTorch can use here. Leave --device out.")
    return torch.device("cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu")


def _resume(trainer: Trainer, path: Path, info: dict[str, Any]) -> None:
    state = checkpoint.load(path, trainer.device)
    saved = state.get("info", {})
    if saved.get("recipe") != info["recipe"]:
        raise ValueError(
            f"{path} is a checkpoint of the recipe {saved.get('recipe')!r}, not of {info['recipe']!r}. Choose --out."
        )
    trainer.restore(state, path)
    info["before"] = saved.get("before", [])


def history(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the runs that made a checkpoint, first to last: steps, images, minutes and size of each."""
    info = state["info"]
    run = {"steps": state["step"], "images": state["step"] * info["batch"], "minutes": state["elapsed"] / 60}
    return [*info.get("before", []), {**run, "size": info["size"]}]


def _run(
    trainer: Trainer,
    folder: Path,
    out: Path,
    minutes: float | None,
    save_every: int | None,
    seed: int,
    info: dict[str, Any],
) -> int:
    method, data = trainer.method, trainer.method.data
    with Log(out, distributed.rank() == 0) as log:
        log.say(f"{info['name']}: reading {folder} ...")
        x, y = data.stack(data.find(folder, "train"), data.load)
        store = Store({"x": x, "y": y}, data.crop, data.flip, method.batch, trainer.device, seed)
        held_out = data.stack(data.find(folder, "test")[:4], data.crop)
        info |= {"pairs": store.length, "hardware": _hardware(trainer.device), "batch": method.batch}
        log.say(f"{store.length} pairs, {method.preset} preset, batch {method.batch}, {info['hardware']}")
        if trainer.step:
            log.say(f"resuming at step {trainer.step}")

        def save() -> None:
            if distributed.rank() == 0:
                checkpoint.save(out / "last.pt", {**trainer.state(), "info": info})
                log.pictures(_samples(trainer, *held_out), trainer.step)

        _loop(trainer, store, log, minutes, save_every, save)
        save()
        log.say(f"done: {trainer.step} steps, {trainer.elapsed / 60:.1f} minutes -> {out / 'last.pt'}")
    return 0


def _loop(
    trainer: Trainer, store: Store, log: Log, minutes: float | None, save_every: int | None, save: Callable[[], None]
) -> None:
    """Step until the budget is spent; every loss that is looked at must be a number."""
    # Reading a loss waits for the GPU, so there it is not done at every step.
    look = 1 if trainer.device.type == "cpu" else 25
    began, last = trainer.step, time.perf_counter()
    saved_at = last
    batches = store.batches(trainer.step, distributed.part(store.batch))
    terms: dict[str, Tensor] = {}
    while (done := distributed.agree(_done(trainer, minutes), trainer.device)) < 1:
        terms = trainer.update(next(batches), done)
        if trainer.step % look == 0 or trainer.step == began + 1:
            _look(terms, trainer.step, log)
        now = time.perf_counter()
        trainer.elapsed, last = trainer.elapsed + now - last, now
        log.progress(min(_done(trainer, minutes), 1.0), trainer.step - began, store.batch)
        if trainer.step % save_every == 0 if save_every else now - saved_at > SAVE_SECONDS:
            _look(terms, trainer.step, log)
            save()
            saved_at = time.perf_counter()
    _look(terms, trainer.step, log)


def _done(trainer: Trainer, minutes: float | None) -> float:
    """Return how much of the budget is spent, 0..1."""
    return trainer.elapsed / (minutes * 60) if minutes else trainer.step / trainer.method.steps


def _look(terms: dict[str, Tensor], step: int, log: Log) -> None:
    losses = {name: value.item() for name, value in terms.items()}
    check_finite(losses, step)
    log.losses(losses, step)


def _samples(trainer: Trainer, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return held-out pairs as a grid of input, output, target: uint8 ``[n * crop, 3 * crop, 3]``."""
    network = freeze(trainer.average.network, trainer.method.statistics)
    pixels = torch.from_numpy(x).to(trainer.device).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.no_grad():
        y_hat = torch.cat([network(one[None]) for one in pixels])
    shown = ((y_hat.permute(0, 2, 3, 1) + 1) * 127.5).round().clamp(0, 255).byte().cpu().numpy()
    return np.concatenate([np.concatenate(row, 1) for row in zip(x, shown, y, strict=True)])


def _hardware(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{distributed.world()} x {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads() * distributed.world()
    return f"CPU, {threads} thread{'s' * (threads > 1)}"
