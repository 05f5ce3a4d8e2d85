"""Context encoders (Pathak et al. 2016): fill a hole in an image from its surroundings."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from synth.data.sets.holes import Holes
from synth.losses import adversarial
from synth.methods.method import Method, Networks, Terms, grid
from synth.methods.pix2pix import initialise
from synth.networks.fill import Filled, Filler, joined
from synth.networks.layers.norm import Statistics
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.network import Network
from synth.networks.patchgan import PatchGAN


@dataclass(frozen=True, kw_only=True)
class Fill(Method):
    """Squared error of weight ``l2`` (eq. 1) and, with ``gan``, an adversarial loss (eq. 2).

    The error also counts in a band of ``overlap`` known pixels around the hole, so that output and image agree at the
    border: weighted ``band`` times as much as in the hole. The paper uses 10 (sec. 3.3); here the output starts from
    the known pixels, so 1 suffices. D judges the whole image and a window of half its side around the hole (the local
    discriminator of Iizuka et al. 2017, but the same network), so that it sees more patches of the filled hole.
    """

    data: Holes
    generator: Spec[Live] = field(default_factory=lambda: Spec(Live, widths=(24, 48, 96, 128, 160)))
    discriminator: Spec[Network] = field(default_factory=lambda: Spec(PatchGAN, channels=32))
    gan: bool = True
    l2: float = 100.0
    overlap: int = 7
    band: float = 1.0
    statistics: Statistics = "running"

    def networks(self) -> Networks:
        G = Filler(self.generator(inputs=4))
        nets: Networks = {"G": G}
        if self.gan:
            nets["D"] = self.discriminator(inputs=3)
        for net in nets.values():
            net.apply(initialise)
        G.begin()
        return nets

    def losses(self, nets: Networks, batch: Terms, step: int) -> Iterator[tuple[str, Terms]]:
        y, mask = batch["y"], (batch["mask"][:, :1] > 0).float()
        made = nets["G"](y, mask)
        weight = mask + self.band * (dilated(mask, self.overlap) - mask)
        l2 = self.l2 * (weight * (y - made).square()).sum() / (3 * weight.sum())
        if not self.gan:
            yield "G", {"l2": l2}
            return
        real, fake = adversarial.terms("vanilla")
        D, y_hat = nets["D"], torch.where(mask > 0, made, y)
        judged = {"whole": (y, y_hat), "near": (around(y, mask), around(y_hat, mask))}
        terms = {f"real {n}": real(D(a)) / 4 for n, (a, _) in judged.items()}
        yield "D", terms | {f"fake {n}": fake(D(b.detach())) / 4 for n, (_, b) in judged.items()}
        yield "G", {"l2": l2} | {f"gan {n}": real(D(b)) / 2 for n, (_, b) in judged.items()}

    def graph(self, network: Network) -> Network:
        assert isinstance(network, Filler)
        return Filled(network)

    def pictures(self, network: Network, sample: Terms) -> np.ndarray:
        """Return rows of image with a hole, filled image, true image."""
        y, mask = sample["y"], (sample["mask"][:, :1] > 0).float()
        with torch.no_grad():
            filled = torch.where(mask > 0, joined(y, mask, network(y, mask)), y)
        return grid(y * (1 - mask) + mask, filled, y)


def dilated(mask: Tensor, by: int) -> Tensor:
    """Return a mask ``[N, 1, H, W]`` dilated by ``by`` pixels."""
    return F.max_pool2d(mask, 2 * by + 1, 1, by)


def around(x: Tensor, mask: Tensor) -> Tensor:
    """Return a window ``[N, C, H/2, W/2]`` of each image ``[N, C, H, W]``, centred on its hole as far as it fits.

    ``mask`` ``[N, 1, H, W]`` is 1 in the hole; the window of an image without a hole is at its centre.
    """
    height, width = x.shape[-2] // 2, x.shape[-1] // 2
    windows = []
    for picture, hole in zip(x, mask[:, 0], strict=True):
        middle = hole.nonzero().float().mean(0).nan_to_num(height).round().int().tolist()
        top, left = (min(max(0, at - side // 2), side) for at, side in zip(middle, (height, width), strict=True))
        windows.append(picture[:, top : top + height, left : left + width])
    return torch.stack(windows)
