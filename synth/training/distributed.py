"""Several GPUs (or processes) by ``torchrun``: each takes its part of every batch, gradients are averaged.

Written out rather than wrapped: a GAN updates its networks in turn, with ``backward(inputs=...)``, which the hooks of
``DistributedDataParallel`` do not follow.
"""

import os
from collections.abc import Iterable
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn

from synth.networks.network import Network


def start(device: torch.device) -> torch.device:
    """Join the group that ``torchrun`` announces in the environment, if any, and return this process's device."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo", timeout=timedelta(minutes=10))
    if device.type == "cuda":
        device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
        torch.cuda.set_device(device)
    return device


def stop() -> None:
    """Leave the group."""
    if dist.is_initialized():
        dist.destroy_process_group()


def rank() -> int:
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    return dist.get_world_size() if dist.is_initialized() else 1


def part(batch: int) -> slice:
    """Return which pictures of a batch are this process's. Raises ``ValueError`` if they cannot be dealt evenly."""
    if batch % world():
        raise ValueError(f"A batch of {batch} cannot be dealt to {world()} processes. Choose a multiple with --batch.")
    size = batch // world()
    return slice(rank() * size, (rank() + 1) * size)


def synchronise_norms(network: Network, device: torch.device) -> Network:
    """Make batch norm use the statistics of the whole batch (CUDA only: there is no such kernel for CPUs)."""
    if world() > 1 and device.type == "cuda":
        converted = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        assert isinstance(converted, Network)
        return converted
    return network


def average(tensors: Iterable[Tensor | None]) -> None:
    """Replace each tensor by its mean over all processes, in one message."""
    present = [t for t in tensors if t is not None]
    if world() == 1 or not present:
        return
    flat = torch.cat([t.reshape(-1).float() for t in present])
    dist.all_reduce(flat)
    flat /= world()
    offset = 0
    for tensor in present:
        tensor.copy_(flat[offset : offset + tensor.numel()].view_as(tensor))
        offset += tensor.numel()


def agree(value: float, device: torch.device) -> float:
    """Return the first process's ``value``: clocks differ, and all must stop at the same step."""
    if world() == 1:
        return value
    tensor = torch.tensor([value], dtype=torch.float64, device=device)
    dist.broadcast(tensor, 0)
    return float(tensor.item())
