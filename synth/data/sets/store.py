"""Decoded images, kept on the network's device if they fit, and batches cropped from them on the device.

A batch is a pure function of (seed, step): images, crops and mirroring. A run that resumes at step n therefore gets
exactly the batches of an uninterrupted run, without a saved position in the data.
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
    """Named uint8 arrays ``[n, side, side, 3]`` of equal length; batches are ``[B, 3, crop, crop]`` in [-1, 1].

    They are kept in GPU memory if they take less than half of what is free, else in RAM, where worker threads prepare
    the batches ahead of time in pinned memory.
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
            raise ValueError(
                f"The images are {self.side} pixels wide, less than the crop of {crop}. Raise load, or lower crop."
            )
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
        """Return ``part`` of the batch of ``step``, uint8 ``[B, crop, crop, 3]``, on the store's device."""
        index, top, left, mirror = (a[part] for a in self.draw(step))
        span = np.arange(self.crop)
        rows = top[:, None] + span  # [B, crop]
        columns = left[:, None] + np.where(mirror[:, None], span[::-1], span)
        where = [torch.from_numpy(a) for a in (index[:, None, None], rows[:, :, None], columns[:, None, :])]
        if self.resident:
            where = [w.to(self.device, non_blocking=True) for w in where]
        return {name: tensor[where[0], where[1], where[2]] for name, tensor in self.tensors.items()}

    def draw(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return image index, top, left and whether mirrored, each ``[batch]``, for a step.

        Every image comes once per epoch; a batch may cross the end of an epoch.
        """
        index = epoch_order(self.seed, self.length, self.batch, step)
        random = np.random.default_rng((self.seed, 1, step))
        top, left = random.integers(0, self.side - self.crop + 1, (2, self.batch))
        mirror = random.random(self.batch) < (0.5 if self.flip else 0.0)
        return index, top, left, mirror

    def batches(self, start: int, part: slice = ALL, workers: int = 4) -> Iterator[dict[str, Tensor]]:
        """Yield the batches from step ``start`` on, endlessly: float ``[B, 3, crop, crop]``, channels last."""
        if self.resident:
            while True:
                yield normalised(self.cut(start, part))
                start += 1
        for ready in prefetch(lambda step: self.cut(step, part), start, self.device, workers):
            yield normalised(ready)


def prefetch(
    cut: Callable[[int], dict[str, Tensor]], start: int, device: torch.device, workers: int, depth: int = 0
) -> Iterator[dict[str, Tensor]]:
    """Yield ``cut(start)``, ``cut(start + 1)``, ... on the device, prepared by threads while earlier ones are in use.

    ``depth`` of them are prepared at a time, by default one per worker.
    """

    def made(step: int) -> dict[str, Tensor]:
        batch = cut(step)  # pinned memory, which needs a GPU, makes copies to it asynchronous
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
    """Return the indices of the ``length`` examples in the batch of ``step``, ``[batch]``: each once per epoch."""
    position = step * batch + np.arange(batch)
    epochs = position // length
    orders = {e: np.random.default_rng((seed, 0, int(e))).permutation(length) for e in np.unique(epochs)}
    return np.array([orders[e][p % length] for e, p in zip(epochs, position, strict=True)])


def normalised(pixels: dict[str, Tensor]) -> dict[str, Tensor]:
    """Convert uint8 ``[B, H, W, 3]`` to float ``[B, 3, H, W]`` in [-1, 1], channels last."""
    # NHWC viewed as NCHW is torch's channels_last: no copy.
    return {name: batch.permute(0, 3, 1, 2).float().div_(127.5).sub_(1) for name, batch in pixels.items()}
