"""Test networks and losses of super-resolution."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from synth import recipe as recipes
from synth.methods.enlarge import Enlarge, shrink, textured
from synth.networks.espcn import ESPCN
from synth.networks.layers.pixels import Pixels
from synth.networks.layers.shuffle import Shuffle
from synth.networks.network import Network
from synth.networks.srresnet import SRResNet
from synth.pixels import bicubic


def sizes(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_sizes() -> None:
    """32 maps: 3x3x3x32 + 4 x 3x3x32x32 with biases, out 3x3x32x48 with biases, and bicubic's 48 filters of 5x5."""
    assert sizes(ESPCN()) == (27 * 32 + 32) + 4 * (288 * 32 + 32) + (288 * 48 + 48) + 48 * 25 == 52_960
    assert sizes(SRResNet(channels=32, blocks=12)) == 247_168


@pytest.mark.parametrize("scale", [2, 4])
def test_what_is_added_to_nothing_is_bicubic(scale: int) -> None:
    out = Shuffle(8, scale)
    image = np.random.default_rng(0).integers(60, 200, (12, 15, 3), dtype=np.uint8)
    network = Pixels(Residual(out))
    found = network(torch.from_numpy(image)[None])[0].numpy()
    wanted = bicubic.scaled(image, scale)
    inner = slice(2 * scale, -2 * scale)  # at the edges one mirrors, the other repeats the last pixel
    assert found.shape == wanted.shape
    assert np.abs(found[inner, inner].astype(int) - wanted[inner, inner]).max() <= 1


class Residual(Network):
    """Bicubic and a residual of empty features."""

    def __init__(self, out: Shuffle):
        super().__init__()
        self.out = out

    def forward(self, x: Tensor) -> Tensor:
        with torch.no_grad():
            return self.out(x.new_zeros(len(x), 8, *x.shape[2:]), x)


def test_the_residual_begins_small_and_equal_within_a_cell() -> None:
    out = Shuffle(16, 4)
    residual = torch.nn.functional.pixel_shuffle(out.last(torch.randn(1, 16, 5, 5)), 4)
    cells = residual.unfold(2, 4, 4).unfold(3, 4, 4)
    assert torch.allclose(cells, cells[..., :1, :1].expand_as(cells), atol=1e-6)
    assert residual.abs().mean() < 0.2


@pytest.mark.parametrize("network", [ESPCN(channels=4), SRResNet(channels=4, blocks=3)])
def test_a_result_depends_on_no_pixel_beyond_the_radius(network: ESPCN | SRResNet) -> None:
    radius, middle = network.radius, 20
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()  # nothing cancels, no unit is dead
    x = torch.rand(1, 3, 41, 41, requires_grad=True)
    network(x)[0, :, 4 * middle : 4 * middle + 4, 4 * middle : 4 * middle + 4].sum().backward()
    assert x.grad is not None
    rows = x.grad[0].abs().sum((0, 2)).nonzero().flatten().tolist()
    assert (rows[0], rows[-1]) == (middle - radius, middle + radius)


def test_the_windows_with_texture_are_kept() -> None:
    y = torch.zeros(4, 3, 8, 8)
    y[1] = torch.rand(3, 8, 8)
    y[3, :, ::2] = 1
    kept = textured(y, 0.5)
    assert {tuple(one.flatten().tolist()) for one in kept} == {tuple(y[i].flatten().tolist()) for i in (1, 3)}
    assert textured(y, 1.0) is y
    assert len(textured(y, 0.01)) == 1


def test_low_resolution_is_whole_grey_levels() -> None:
    x = (shrink(torch.rand(2, 3, 32, 32) * 2 - 1, 4) + 1) * 127.5
    assert x.shape == (2, 3, 8, 8)
    assert torch.allclose(x, x.round(), atol=1e-4)


@pytest.mark.parametrize(
    ("name", "terms"),
    [("enlarge", {"G": {"l1"}}), ("enlarge-l2", {"G": {"l2"}}), ("enlarge-live", {"G": {"l1"}})],
)
def test_what_each_variant_learns_from(name: str, terms: dict[str, set[str]]) -> None:
    assert _terms(recipes.find(name, "cpu")) == terms


def test_perception_and_the_gan_come_on_top() -> None:
    likeness = {"l1", "perceptual"}
    assert _terms(recipes.find("enlarge-perceptual", "cpu")) == {"G": likeness}
    assert _terms(recipes.find("enlarge-gan", "cpu")) == {"D": {"real", "fake"}, "G": {"gan", *likeness}}


def _terms(method: object) -> dict[str, set[str]]:
    assert isinstance(method, Enlarge)
    batch = {"y": torch.rand(2, 3, 64, 64) * 2 - 1}
    return {network: set(terms) for network, terms in method.losses(method.networks(), batch, 0)}


def test_a_side_that_is_no_multiple_of_the_scale_says_so() -> None:
    method = recipes.find("enlarge", "cpu")
    with pytest.raises(ValueError, match="multiple of 4"):
        replace(method, data=method.data.sized(98)).networks()
