"""Decoded pairs, kept where the network is, and batches cut out of them on the device.

A batch is a pure function of (seed, step): which pictures, which crop, which are mirrored. So a run that resumes at
step n sees exactly what it would have seen, and there is no data position to save.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from synth.data.sets.dataset import ALL


class Store:
    """uint8 arrays ``[n, side, side, 3]`` of the same length, by name; batches are ``[B, 3, crop, crop]`` in [-1, 1].

    They lie in GPU memory if they take less than half of what is free, else in RAM, where worker threads cut the
    batches ahead of time into pinned memory.
    """

    def __init__(
        self,
        arrays: dict[str, np.ndarray],
        crop: int,
        flip: bool,
        batch: int,
        device: torch.device,
        seed: int = 0,
        resident: bool | None = None,
    ):
        first = next(iter(arrays.values()))
        self.length, self.side = first.shape[:2]
        if self.side < crop:
            raise ValueError(f"The pictures are {self.side} pixels wide, less than the crop of {crop}.")
        assert all(len(a) == self.length for a in arrays.values())
        self.facts: dict[str, Any] = {}
        self.crop, self.flip, self.batch, self.seed, self.device = crop, flip, batch, seed, device
        tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
        self.resident = self._fits(sum(t.numel() for t in tensors.values())) if resident is None else resident
        self.tensors = {n: t.to(device) if self.resident else t for n, t in tensors.items()}

    def _fits(self, size: int) -> bool:
        if self.device.type != "cuda":
            return True
        free, _ = torch.cuda.mem_get_info(self.device)
        return size < free // 2

    def cut(self, step: int, part: slice = ALL) -> dict[str, Tensor]:
        """Return ``part`` of the batch of ``step``, uint8 ``[B, crop, crop, 3]``, where the store lies."""
        index, top, left, mirror = (a[part] for a in self.draw(step))
        span = np.arange(self.crop)
        rows = top[:, None] + span  # [B, crop]
        columns = left[:, None] + np.where(mirror[:, None], span[::-1], span)
        where = [torch.from_numpy(a) for a in (index[:, None, None], rows[:, :, None], columns[:, None, :])]
        if self.resident:
            where = [w.to(self.device, non_blocking=True) for w in where]
        return {name: tensor[where[0], where[1], where[2]] for name, tensor in self.tensors.items()}

    def draw(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return picture index, top, left and whether mirrored, each ``[batch]``, for a step.

        Every picture comes once an epoch; a batch may run over the end of an epoch into the next.
        """
        index = epoch_order(self.seed, self.length, self.batch, step)
        random = np.random.default_rng((self.seed, 1, step))
        top, left = random.integers(0, self.side - self.crop + 1, (2, self.batch))
        mirror = random.random(self.batch) < (0.5 if self.flip else 0.0)
        return index, top, left, mirror

    def batches(self, start: int, part: slice = ALL, workers: int = 4) -> Iterator[dict[str, Tensor]]:
        """Yield the batches from step ``start`` on, for ever: float ``[B, 3, crop, crop]``, channels last."""
        if self.resident:
            while True:
                yield normalised(self.cut(start, part))
                start += 1
        for ready in prefetch(lambda step: self.cut(step, part), start, self.device, workers):
            yield normalised(ready)


def prefetch(
    cut: Callable[[int], dict[str, Tensor]], start: int, device: torch.device, workers: int, depth: int = 0
) -> Iterator[dict[str, Tensor]]:
    """Yield ``cut(start)``, ``cut(start + 1)``, ... on the device, made by threads while those before are used.

    ``depth`` of them wait at a time, by default one a worker.
    """

    def made(step: int) -> dict[str, Tensor]:
        batch = cut(step)  # a GPU reads pinned memory by itself; there is none without a GPU
        return {name: part.pin_memory() for name, part in batch.items()} if device.type == "cuda" else batch

    with ThreadPoolExecutor(workers) as pool:
        waiting = deque(pool.submit(made, start + i) for i in range(depth or workers))
        start += len(waiting)
        while True:
            ready = waiting.popleft().result()
            waiting.append(pool.submit(made, start))
            start += 1
            yield {name: part.to(device, non_blocking=True) for name, part in ready.items()}


def epoch_order(seed: int, length: int, batch: int, step: int) -> np.ndarray:
    """Return which of ``length`` examples the batch of ``step`` takes, ``[batch]``: each once an epoch."""
    position = step * batch + np.arange(batch)
    epochs = position // length
    orders = {e: np.random.default_rng((seed, 0, int(e))).permutation(length) for e in np.unique(epochs)}
    return np.array([orders[e][p % length] for e, p in zip(epochs, position, strict=True)])


def normalised(pixels: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return uint8 ``[B, H, W, 3]`` as float ``[B, 3, H, W]`` in [-1, 1], channels last."""
    # NHWC seen as NCHW is what torch calls channels_last: no copy.
    return {name: batch.permute(0, 3, 1, 2).float().div_(127.5).sub_(1) for name, batch in pixels.items()}
