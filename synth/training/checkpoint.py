"""Checkpoints: a dict of tensors and plain values in one file, replaced atomically so that it is always complete."""

import contextlib
import errno
import os
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import torch
from torch import Tensor

from synth import files
from synth.losses.colors import log_weights
from synth.training.run_info import RunInfo

FORMAT = 2
"""Version of the file format: 1 had an untyped dict as ``info``, 2 has ``RunInfo.to_dict()``."""


def save(path: Path, state: dict[str, Any]) -> None:
    """Write ``state`` to ``path`` atomically: after a crash or on a full disk the previous checkpoint is still there.

    Raises ``CannotWrite`` when it cannot be written, ``ValueError`` when a network holds NaN or infinity.
    """
    broken = [name for name, tensor in tensors(state.get("networks", {})) if not torch.isfinite(tensor).all()]
    if broken:
        raise ValueError(f"The checkpoint was not saved: the networks hold NaN or infinity (first in {broken[0]}).")
    _atomic(path, lambda file: torch.save({"format": FORMAT, **state}, file))


def replace_file(path: Path, content: bytes) -> None:
    """Write a file atomically. Raises ``CannotWrite`` when it cannot be written."""
    _atomic(path, lambda file: file.write(content))


def _atomic(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    part = path.with_name(path.name + ".part")  # one name: what a killed run left is overwritten
    try:
        with files.writing(path, "The previous one is kept." if path.exists() else ""):
            path.parent.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                _short_writes_are_errors(write, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def _short_writes_are_errors(write: Callable[[IO[bytes]], object], file: IO[bytes]) -> None:
    try:
        write(file)
    except RuntimeError as error:  # torch reports a write that failed, or was cut short, in this way
        cause = error.__context__
        raise cause if isinstance(cause, OSError) else OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error


def load(path: Path, device: torch.device | str = "cpu") -> dict[str, Any]:
    """Read a checkpoint of ``save``; only tensors and plain values are ever unpickled. Raises ``ValueError``."""
    if not path.is_file():
        others = ", ".join(sorted(file.name for file in path.parent.glob("*.pt")))
        advice = f"In {path.parent} there are: {others}." if others else "Train first: python -m synth train RECIPE."
        raise ValueError(f"There is no checkpoint {path}. {advice}")
    try:
        state = unpickled(path, device)
    except Exception as error:  # arbitrary bytes make the unpickler raise almost any exception
        raise ValueError(
            f"{path} is not a checkpoint that can be read safely. "
            "Give the last.pt or a snapshot of a run; python -m synth inspect tells what a file is."
        ) from error
    if not isinstance(state, dict) or "networks" not in state or not isinstance(state.get("format"), int):
        raise ValueError(f"{path} is not a checkpoint of synth.")
    if state["format"] > FORMAT:
        raise ValueError(f"{path} was written by a newer synth (format {state['format']}). Update synth.")
    with contextlib.suppress(ValueError):  # the caller that needs the facts will say what is wrong with them
        _add_log_weights(state, about(state, path))
    return state


def _add_log_weights(state: dict[str, Any], info: RunInfo) -> None:
    """Give the networks of a rebalanced colorizer the weights of their bins, which they did not keep at first."""
    if info.fields.get("loss") == repr("rebalanced") and "colors" in info.facts:
        for network in (state["networks"].get("G"), state["average"]):
            if network:
                network.setdefault("log_weights", log_weights(info.facts["colors"]))


def unpickled(path: Path | IO[bytes], device: torch.device | str = "cpu") -> Any:
    """Return the tensors and plain values in a file of torch. Anything else in it raises an exception."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns of a TorchScript archive before it raises
        return torch.load(path, map_location=device, weights_only=True)


def about(state: dict[str, Any], path: Path) -> RunInfo:
    """Return the facts that a checkpoint of any format records about its run.

    Raises ``ValueError`` if it lacks that or the averaged weights.
    """
    try:
        if "average" in state and isinstance(state.get("info"), dict):
            return RunInfo.from_dict(state["info"], state["format"])
    except (KeyError, TypeError) as error:
        raise ValueError(_no_info(path) + f" What is missing or malformed: {error}.") from error
    raise ValueError(_no_info(path))


def _no_info(path: Path) -> str:
    return f"{path} does not say which recipe it belongs to. Train again with this version of synth."


def restore(networks: Mapping[str, torch.nn.Module], saved: dict[str, dict[str, Tensor]], path: Path) -> None:
    """Load state dicts into networks of the same names. Raises ``ValueError`` that names the first difference."""
    if networks.keys() != saved.keys():
        raise ValueError(
            f"{path} holds the networks {', '.join(saved)}, this recipe has {', '.join(networks)}: "
            "it is a checkpoint of another recipe."
        )
    for name, network in networks.items():
        own = network.state_dict()
        for key in sorted(own.keys() | saved[name].keys()):
            shapes = [tuple(d[key].shape) if key in d else "missing" for d in (own, saved[name])]
            if shapes[0] != shapes[1]:
                raise ValueError(
                    f"{path} is a checkpoint of another recipe: {name}.{key} is {shapes[1]} in it "
                    f"and {shapes[0]} in this recipe."
                )
        network.load_state_dict(saved[name])


def tensors(state: dict[str, Any], prefix: str = "") -> list[tuple[str, Tensor]]:
    """Return all floating-point tensors of nested dicts with their dotted names."""
    found = []
    for key, value in state.items():
        if isinstance(value, dict):
            found += tensors(value, f"{prefix}{key}.")
        elif isinstance(value, Tensor) and value.is_floating_point():
            found.append((f"{prefix}{key}", value))
    return found
