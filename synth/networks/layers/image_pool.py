"""Image pool: a discriminator also sees earlier outputs of the generator (Shrivastava et al. 2017, sec. 2.3)."""

import torch
from torch import Tensor

from synth.networks.network import Network, Wrapper


class ImagePool(Wrapper[Network]):
    """Discriminator with a pool of the last ``size`` generated images, from which ``mixed`` draws.

    The pool, uint8 ``[size, 3, side, side]``, is part of the state dict, so that a resumed run continues exactly.
    """

    memory: Tensor
    filled: Tensor

    def __init__(self, body: Network, side: int, size: int = 50):
        super().__init__(body)
        self.register_buffer("memory", torch.zeros(size, 3, side, side, dtype=torch.uint8))
        self.register_buffer("filled", torch.zeros((), dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        return self.body(x)

    @torch.no_grad()
    def mixed(self, made: Tensor) -> Tensor:
        """Store generated images ``[N, 3, side, side]`` in [-1, 1] and return as many: each new or, half the time, old.

        Every old image that is returned is replaced in the pool by the new one. Until the pool is full, all are new.
        """
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
