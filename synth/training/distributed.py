"""Train on several GPUs or processes under ``torchrun``: each takes a share of every batch, gradients are averaged.

``DistributedDataParallel`` is not used: a GAN updates its networks in turn with ``backward(inputs=...)``, for which its
hooks are not called.
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
    """Leave the process group, if there is one."""
    if dist.is_initialized():
        dist.destroy_process_group()


def rank() -> int:
    """Return this process's number in the group, 0 without one."""
    return dist.get_rank() if dist.is_initialized() else 0


def world() -> int:
    """Return the number of processes in the group, 1 without one."""
    return dist.get_world_size() if dist.is_initialized() else 1


def part(batch: int) -> slice:
    """Return which images of a batch this process takes. Raises ``ValueError`` if they cannot be divided evenly."""
    if batch % world():
        raise ValueError(f"A batch of {batch} cannot be divided among {world()} processes: give a multiple to --batch.")
    size = batch // world()
    return slice(rank() * size, (rank() + 1) * size)


def synchronise_norms(network: Network, device: torch.device) -> Network:
    """Return the network with batch norms that use statistics of the whole batch (CUDA only; CPUs have no kernel)."""
    if world() > 1 and device.type == "cuda":
        converted = nn.SyncBatchNorm.convert_sync_batchnorm(network)
        assert isinstance(converted, Network), "only its norms are replaced"
        return converted
    return network


def average(tensors: Iterable[Tensor | None]) -> None:
    """Replace each tensor by its mean over all processes, in a single all-reduce."""
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
    """Return the first process's ``value`` in all of them: their clocks differ, but all must stop at the same step."""
    if world() == 1:
        return value
    tensor = torch.tensor([value], dtype=torch.float64, device=device)
    dist.broadcast(tensor, 0)
    return float(tensor.item())
