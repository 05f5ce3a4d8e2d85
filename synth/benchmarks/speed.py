"""Timing of training steps and of exported graphs: after warm-up, medians of many, synchronised with the device."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import numpy as np
import torch
from torch import nn

from synth.data.sets.store import Store
from synth.methods.cyclegan import CycleGAN
from synth.methods.pix2pix import Pix2Pix
from synth.training.trainer import Trainer

Timed = Pix2Pix | CycleGAN
IMAGES = 32
LONGEST = 20.0
"""Seconds after which no more training steps are timed, so that a slow machine finishes too."""
REST = 0.05
"""Seconds between two timed blocks, so that threads which still spin after the last call go to sleep."""


@dataclass(frozen=True)
class Times:
    """Timings of one call in milliseconds."""

    milliseconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the median."""
        return median(self.milliseconds)

    @property
    def slow(self) -> float:
        """Return the 90th percentile."""
        return float(np.percentile(self.milliseconds, 90))


def training_rate(method: Timed, device: torch.device, steps: int, fast: bool, compile: bool) -> float:
    """Return images/s of ``Trainer`` on random images in memory, augmentation included; the median of ten parts.

    An image is one example: a pair, or for unpaired methods one image of each side.
    ``fast=False`` is the reference: float32, eager, no averaged weights. Raises ``torch.OutOfMemoryError``.
    """
    torch.compiler.reset()  # or the second batch size would be compiled for dynamic sizes, which is slower
    trainer = Trainer(method, device, compile=compile, fast=fast)
    if not fast:
        trainer.average.update = lambda source: None
    # The original code lets cuDNN benchmark its algorithms.
    with torch.backends.cudnn.flags(enabled=True, benchmark=torch.backends.cudnn.benchmark or not fast):
        return method.batch / _seconds_a_step(trainer, device, steps)


def _seconds_a_step(trainer: Trainer, device: torch.device, steps: int) -> float:
    method = trainer.method
    assert isinstance(method, Timed)
    shape = (IMAGES, method.data.load, method.data.load, 3)
    random = np.random.default_rng(0)
    images = {name: random.integers(0, 256, shape, dtype=np.uint8) for name in ("x", "y")}
    batches = Store(images, method.data.crop, method.data.flip, method.batch, device).batches(0)

    def run(count: int) -> float:
        began = time.perf_counter()
        for _ in range(count):
            trainer.update(next(batches), 0.0)
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        return time.perf_counter() - began

    part = max(1, steps // 10)
    run(part)  # warm-up: compiles, chooses algorithms, fills the allocator
    readings: list[float] = []
    while len(readings) < max(1, steps // part) and sum(readings) < LONGEST:
        readings.append(run(part))
    return median(readings) / part


def side_by_side(
    calls: dict[str, Callable[[], object]], count: int, block: int = 10, seconds: float = 60.0
) -> dict[str, Times]:
    """Time ``calls`` alternately in blocks of ``block``, so that other load on the machine affects all of them alike.

    The first call of every block is warm-up and does not count. About ``count`` calls of each, fewer if that would take
    more than ``seconds``.
    """
    found: dict[str, list[float]] = {name: [] for name in calls}
    started = time.perf_counter()
    for turn in range(max(1, round(count / block))):
        if turn and time.perf_counter() - started > seconds:
            break
        for name, call in calls.items():
            time.sleep(REST)
            began = time.perf_counter()
            call()
            affordable = int(1 / (time.perf_counter() - began))  # a block of slow calls lasts about a second
            for _ in range(min(block, max(3, affordable))):
                began = time.perf_counter()
                call()
                found[name].append((time.perf_counter() - began) * 1e3)
    return {name: Times(tuple(values)) for name, values in found.items()}


def eager(network: nn.Module, device: torch.device) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from uint8 ``[N, H, W, 3]`` to the module's first output: float32 torch, from host to host.

    ``network`` comes with its pre- and post-processing, as ``Method.graph`` returns it.
    """
    module = network.to(device).eval()

    @torch.inference_mode()
    def run(image: np.ndarray) -> np.ndarray:
        found = module(torch.from_numpy(image).to(device))
        return (found[0] if isinstance(found, tuple) else found).contiguous().cpu().numpy()

    return run
