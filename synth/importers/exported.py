"""Load the weights of an exported graph into a network for further training.

The initialisers of a graph have the names of the network's parameters. Batch norms that the export folded into
convolutions are unfolded: from one batch, a norm gets the statistics, scale and shift under which it changes nothing
but adds the folded bias.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from synth.card import KEY, Card
from synth.methods.method import Terms
from synth.networks.layers import labels, space_to_depth
from synth.networks.live import BLOCK
from synth.training.run_info import Stage
from synth.training.trainer import Trainer

HALF = ".half"
"""Suffix of initialisers that are stored as float16."""


def start_from(trainer: Trainer, path: Path, batch: Terms) -> list[Stage]:
    """Load the weights of the graph ``path`` into the exported network of ``trainer``; other networks are unchanged.

    ``batch`` is a batch of the recipe's data on the trainer's device, from which folded norms take their statistics.
    Returns the runs that made the graph, merged into one. Raises ``ValueError`` if the graph holds another network.
    """
    saved, card = read(path)
    network = trainer.nets[trainer.method.exported]
    biases = _fill(network, saved, path)
    _unfold(trainer, batch, biases)
    trainer.average.network.load_state_dict(network.state_dict())
    return [Stage(steps=card.steps, images=card.images, minutes=card.minutes, size=card.size)]


def check(trainer: Trainer, path: Path) -> None:
    """Raise ``ValueError`` if ``start_from`` would, before there is a batch; the weights may be loaded then."""
    _fill(trainer.nets[trainer.method.exported], read(path)[0], path)


def read(path: Path) -> tuple[dict[str, Tensor], Card]:
    """Return the initialisers of a graph by name, as float32, and its card.

    Raises ``ValueError`` if the file is missing or was not exported by this project.
    """
    try:
        model = onnx.load(path, load_external_data=False)
        card = Card.from_json({entry.key: entry.value for entry in model.metadata_props}[KEY])
    except FileNotFoundError:
        raise ValueError(f"There is no graph {path}. Check the path.") from None
    except Exception as error:  # protobuf raises many types for invalid bytes
        raise ValueError(f"{path} is not a graph that was exported by synth. Give one of weights/*.onnx.") from error
    found = {}
    for tensor in model.graph.initializer:
        found[tensor.name.removesuffix(HALF)] = torch.tensor(numpy_helper.to_array(tensor)).float()
    return labels.restored(space_to_depth.restored(found, BLOCK)), card


def unwrapped(saved: dict[str, Tensor], own: Iterable[str]) -> dict[str, Tensor]:
    """Remove the prefix that wrappers add to the names of the parameters; ``own`` are the network's names."""
    before = Counter(name.removesuffix(p) for name in saved for p in own if f".{name}".endswith(f".{p}"))
    wrapped = before.most_common(1)[0][0] if before else ""
    return {name.removeprefix(wrapped): value for name, value in saved.items() if name.startswith(wrapped)}


@torch.no_grad()
def _fill(network: nn.Module, saved: dict[str, Tensor], path: Path) -> dict[str, Tensor]:
    """Copy the parameters into the network; return the biases left over, into which norms were folded."""
    own = dict(network.named_parameters())
    saved = unwrapped(saved, own)
    norms = {name for name, module in network.named_modules() if isinstance(module, _BatchNorm)}
    for name, parameter in own.items():
        if name in saved and saved[name].shape == parameter.shape:
            parameter.copy_(saved[name])
        elif name in saved or name.rpartition(".")[0] not in norms:
            saved_shape = tuple(saved[name].shape) if name in saved else "missing"
            raise ValueError(
                f"{path} does not hold the network of this recipe: {name} is {saved_shape} there and "
                f"{tuple(parameter.shape)} in the recipe. Omit --init, or give a graph of the same recipe and preset."
            )
    return {name: value for name, value in saved.items() if name not in own and name.endswith(".bias")}


def _unfold(trainer: Trainer, batch: Terms, biases: dict[str, Tensor]) -> None:
    """Run one batch, and set every folded norm so that it only adds the folded bias of the convolution before it."""
    network = trainer.nets[trainer.method.exported]
    pending: dict[int, Tensor] = {}  # the bias for the norm that follows, by the id of a convolution's output
    handles, done = [], set()

    def remember(name: str) -> Any:
        def hook(_: nn.Module, __: Any, output: Tensor) -> None:
            pending[id(output)] = biases[name]

        return hook

    def settle(norm: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(norm, _BatchNorm)
        assert norm.running_mean is not None
        assert norm.running_var is not None
        bias = pending.pop(id(inputs[0]), None)
        if bias is None or norm in done:
            return
        done.add(norm)
        x = inputs[0].float().transpose(0, 1).flatten(1)  # [C, N * H * W]
        mean, variance = x.mean(1), x.var(1, unbiased=False)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        norm.weight.copy_((variance + norm.eps).sqrt())
        norm.bias.copy_(mean + bias.to(mean))

    for name, module in network.named_modules():
        if f"{name}.bias" in biases:
            handles.append(module.register_forward_hook(remember(f"{name}.bias")))
        elif isinstance(module, _BatchNorm):
            handles.append(module.register_forward_pre_hook(settle))
    try:
        with torch.no_grad():
            next(iter(trainer.method.losses(trainer.nets, batch, 0)))
    finally:
        for handle in handles:
            handle.remove()
