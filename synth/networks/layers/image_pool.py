"""A discriminator that is also shown what the generator made some time ago (Shrivastava et al. 2017, sec. 2.3)."""

import torch
from torch import Tensor, nn


class ImagePool(nn.Module):
    """Wraps a discriminator; ``mixed`` gives pictures of which half are from the last ``size`` that it was given.

    What is remembered, uint8, is part of the network's state, so that a run that resumes goes on exactly.
    """

    memory: Tensor
    filled: Tensor

    def __init__(self, body: nn.Module, side: int, size: int = 50):
        super().__init__()
        self.body = body
        self.register_buffer("memory", torch.zeros(size, 3, side, side, dtype=torch.uint8))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)

    @torch.no_grad()
    def mixed(self, made: Tensor) -> Tensor:
        """Remember ``[N, 3, side, side]`` in [-1, 1], and return as many, each new or, half of the time, an old one."""
        shown = made.detach().clone()
        for picture in shown:
            count, size = int(self.filled), len(self.memory)
            new = ((picture.float() + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
            if count < size:
                self.memory[count] = new
                self.filled += 1
            elif size and torch.rand(()).item() < 0.5:
                place = int(torch.randint(size, ()).item())
                picture.copy_(self.memory[place].to(picture.dtype) / 127.5 - 1)
                self.memory[place] = new
        return shown
