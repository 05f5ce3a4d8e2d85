"""Begin a run with the weights of an earlier one (``--init``): a checkpoint, or an exported graph."""

from collections.abc import Callable
from pathlib import Path

from synth.methods.method import Terms
from synth.training import checkpoint
from synth.training.run_info import Stage
from synth.training.trainer import Trainer


def check(trainer: Trainer, path: Path) -> None:
    """Raise ``ValueError`` for a file that the run cannot start from; its weights may be in the networks then."""
    if path.suffix == ".onnx":
        from synth.importers import exported

        exported.check(trainer, path)
        return
    state = checkpoint.load(path, trainer.device)
    checkpoint.about(state, path)
    trainer.start_from(state, path)


def start(trainer: Trainer, path: Path, batch: Callable[[], Terms]) -> tuple[Stage, ...]:
    """Load the weights of a checkpoint or an exported graph; return the runs that made them.

    ``batch`` gives a batch of the recipe's data, which a graph needs.
    """
    if path.suffix == ".onnx":
        from synth.importers import exported

        return tuple(exported.start_from(trainer, path, batch()))
    state = checkpoint.load(path, trainer.device)
    info = checkpoint.about(state, path)
    trainer.start_from(state, path)
    return info.stages(state["step"], state["elapsed"])
