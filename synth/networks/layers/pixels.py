"""The way between pixels and what networks see, the same in training samples, benchmarks and exported graphs."""

import torch
from torch import Tensor, nn


def from_pixels(image: Tensor) -> Tensor:
    """Return uint8 ``[N, H, W, 3]`` as float ``[N, 3, H, W]`` in [-1, 1]."""
    return image.permute(0, 3, 1, 2).float() / 127.5 - 1


def to_pixels(y: Tensor) -> Tensor:
    """Return float ``[N, 3, H, W]`` in [-1, 1] as uint8 ``[N, H, W, 3]``."""
    return ((y + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1)


def to_picture(y: Tensor) -> Tensor:
    """Return float ``[N, 3, H, W]``, or ``[N, 1, H, W]`` of gray, in [-1, 1] as uint8 RGB ``[N, H, W, 3]``."""
    return to_pixels(y if y.shape[1] == 3 else torch.cat((y, y, y), 1))


class Pixels(nn.Module):
    """Wraps a generator (RGB in [-1, 1]) so that it takes and gives uint8 RGB ``[N, H, W, 3]``; any number of inputs
    are stacked channel by channel, in their order."""

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body
        self.side: int = getattr(body, "side", 0)  # of pictures, where the network takes one size alone

    def forward(self, *images: Tensor) -> Tensor:
        return to_pixels(self.body(self.stacked(*images)))

    def stacked(self, *images: Tensor) -> Tensor:
        """Return the inputs as the body takes them: float ``[N, 3 * count, H, W]`` in [-1, 1]."""
        x = [from_pixels(image) for image in images]
        return torch.cat(x, 1) if len(x) > 1 else x[0]


class Gray(nn.Module):
    """Wraps a generator with one plane at an end, or at both, so that it takes and gives uint8 RGB ``[N, H, W, 3]``.

    Gray levels are the whole ones that Pillow makes of colours, as the networks were trained with.
    """

    def __init__(self, body: nn.Module):
        super().__init__()
        self.body = body
        self.takes: int = next(p.shape[1] for p in body.parameters() if p.ndim == 4)

    def forward(self, *images: Tensor) -> Tensor:
        (image,) = images  # declared as in the other wrappers, whose inputs the exporter's dynamic sizes are told for
        x = from_pixels(image)
        if self.takes == 1:
            red, green, blue = image.float().split(1, 3)
            gray = ((19595 * red + 38470 * green + 7471 * blue + 32768) / 65536).floor()
            x = gray.permute(0, 3, 1, 2) / 127.5 - 1
        return to_picture(self.body(x))
