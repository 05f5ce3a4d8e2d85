"""One training step and all state it changes: networks, optimisers, averaged weights, random generators."""

import math
from typing import Any

import torch
from torch import Tensor, nn

from synth.methods.method import Method, Terms
from synth.networks.multiscale import Multiscale
from synth.networks.network import FeatureNetwork
from synth.training import checkpoint, distributed
from synth.training.ema import Average


class Trainer:
    """Holds all that training changes; ``state`` and ``restore`` carry it over a restart, on a CPU bit for bit.

    Fast means fused Adam, bf16 autocast on CUDA, and channels-last memory, except for instance norm on a CPU, which
    would copy every feature map twice (CycleGAN's CPU preset: 20% slower). ``fast=False``, the reference of
    ``python -m synth bench``, uses none of these. ``compile`` compiles the networks.
    """

    def __init__(self, method: Method, device: torch.device, seed: int = 0, compile: bool = False, fast: bool = True):
        torch.manual_seed(seed)
        self.method, self.device, self.autocast = method, device, fast and device.type == "cuda"
        torch.backends.cudnn.benchmark = True  # shapes never change
        nets = {n: distributed.synchronise_norms(net, device) for n, net in method.networks().items()}
        self.contiguous = not fast or (device.type == "cpu" and any(map(_normed_alone, nets.values())))
        layout = torch.contiguous_format if self.contiguous else torch.channels_last
        self.nets = {n: net.to(device=device, memory_format=layout) for n, net in nets.items()}  # type: ignore[call-overload]
        self.optimizers = {
            n: torch.optim.Adam(net.parameters(), method.lr, method.betas, fused=fast) for n, net in self.nets.items()
        }
        self.average = Average(self.nets[method.exported], method.ema)
        if compile:
            for net in self.nets.values():
                net.compile()
                # Feature matching does not call ``forward``. Two branches, since the types of the maps differ.
                if isinstance(net, FeatureNetwork):  # noqa: SIM114
                    net.features = torch.compile(net.features)
                elif isinstance(net, Multiscale):
                    net.features = torch.compile(net.features)
        torch.manual_seed(seed + 1000 * distributed.rank())  # dropout must differ between processes, weights must not
        self.step = 0
        self.elapsed = 0.0

    def update(self, batch: Terms, progress: float) -> dict[str, Tensor]:
        """Take one step on a batch (tensors in [-1, 1]); ``progress`` in 0..1 is the share of the run that is done.

        Returns the loss terms, detached, as ``network/term``.
        """
        start = min(1.0, (self.step + 1) / max(self.method.warmup, 1))
        rate = self.method.lr * min(start, (1.0 - progress) / max(self.method.decay, 1e-9))
        terms_seen: dict[str, Tensor] = {}
        if self.contiguous:
            batch = {name: part.contiguous() for name, part in batch.items()}
        losses = self.method.losses(self.nets, batch, self.step)
        while True:
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
                name, terms = next(losses, (None, None))
            if name is None or terms is None:
                break
            self._descend(name, terms, rate)
            terms_seen.update({f"{name}/{term}": value.detach() for term, value in terms.items()})
        self.average.update(self.nets[self.method.exported])
        self.step += 1
        return terms_seen

    def _descend(self, name: str, terms: Terms, rate: float) -> None:
        optimizer, parameters = self.optimizers[name], [p for p in self.nets[name].parameters() if p.requires_grad]
        optimizer.zero_grad(set_to_none=True)
        torch.stack([t.float() for t in terms.values()]).sum().backward(inputs=parameters)
        distributed.average(p.grad for p in parameters)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()

    def state(self) -> dict[str, Any]:
        """Return all state as nested dicts of tensors and plain values."""
        cuda = torch.cuda.get_rng_state(self.device) if self.device.type == "cuda" else None
        return {
            "step": self.step,
            "elapsed": self.elapsed,
            "networks": {n: net.state_dict() for n, net in self.nets.items()},
            "average": self.average.network.state_dict(),
            "updates": self.average.updates,
            "optimizers": {n: o.state_dict() for n, o in self.optimizers.items()},
            "random": {"cpu": torch.get_rng_state(), "cuda": cuda},
        }

    def start_from(self, state: dict[str, Any], path: Any) -> None:
        """Load the exported network of a ``state``, and the other networks where their shapes fit, for a new run."""
        main = self.method.exported
        checkpoint.restore({main: self.nets[main]}, {main: state["networks"].get(main, {})}, path)
        checkpoint.restore({"average": self.average.network}, {"average": state["average"]}, path)
        for name, network in self.nets.items():
            saved, own = state["networks"].get(name, {}), network.state_dict()
            if name != main and {k: v.shape for k, v in saved.items()} == {k: v.shape for k, v in own.items()}:
                network.load_state_dict(saved)

    def restore(self, state: dict[str, Any], path: Any) -> None:
        """Load a ``state``. Raises ``ValueError`` if it belongs to another recipe."""
        checkpoint.restore(self.nets, state["networks"], path)
        checkpoint.restore({"average": self.average.network}, {"average": state["average"]}, path)
        for name, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        self.step, self.elapsed, self.average.updates = state["step"], state["elapsed"], state["updates"]
        if distributed.world() > 1:  # only the first process saved its state; each needs a different one
            torch.manual_seed(hash((self.step, distributed.rank())))
            return
        torch.set_rng_state(state["random"]["cpu"].cpu())
        if self.device.type == "cuda" and state["random"]["cuda"] is not None:
            torch.cuda.set_rng_state(state["random"]["cuda"].cpu(), self.device)


def check_finite(losses: dict[str, float], step: int) -> None:
    """Raise ``FloatingPointError`` if a loss is NaN or infinite."""
    for name, value in losses.items():
        if not math.isfinite(value):
            raise FloatingPointError(
                f"The loss {name} became {value} at step {step}. Training stopped; the last good checkpoint is kept. "
                "Lower the recipe's learning rate, or look at the data with `python -m synth doctor`."
            )


def _normed_alone(net: nn.Module) -> bool:
    """Return whether a network has instance norm, which normalises each image alone."""
    return any(isinstance(module, nn.InstanceNorm2d) for module in net.modules())
