"""Test segmentation: strides and fusion, initial layers, packaged trunks, ignored pixels, exported output."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from synth.methods.segment import IGNORED, Segment, classes
from synth.networks.fcn import FCN, LEVELS, Double, Labels
from synth.networks.layers.pixels import from_pixels
from synth.networks.layers.spec import Spec
from synth.networks.network import Network
from synth.networks.trunks import vgg
from synth.networks.trunks.lite import Lite0
from synth.pixels.palette import CITYSCAPES, STREETS, colors, nearest, paint
from synth.recipes.see import recipe, variants

SMALL = Spec(Lite0, width=0.1)


def tiny(**options) -> FCN:
    torch.manual_seed(0)
    network = FCN(trunk=SMALL, hidden=8, **options).eval()
    for score in network.scores:
        last = score[-1]
        assert isinstance(last, nn.Conv2d)
        nn.init.normal_(last.weight)
    return network


@pytest.mark.parametrize("stride", LEVELS)
def test_the_stride_is_how_wide_a_cell_of_the_scores_is(stride):
    network = tiny(stride=stride)
    assert len(network.doubles) == LEVELS[stride] - 1
    with torch.no_grad():
        y = network(torch.rand(1, 3, 64, 96) * 2 - 1)
    assert y.shape == (1, 19, 64, 96)
    # Bilinear interpolation is linear between the middles of two cells: no bend inside, one at every middle.
    row = y[0, :, 32, stride // 2 : 96 - stride // 2]
    bend = (row[:, 2:] - 2 * row[:, 1:-1] + row[:, :-2]).abs().amax(0) / row.abs().max()
    places = (bend > 1e-4).nonzero().flatten() + 1 + stride // 2
    assert {round(place / stride - 0.5 + 1e-6) for place in places.tolist()} <= set(range(1, 96 // stride))
    assert all(abs(place % stride - stride / 2) <= 1 for place in places.tolist())


def test_scores_begin_at_zero_and_every_class_is_as_likely():
    with torch.no_grad():
        y = FCN(trunk=SMALL, hidden=8)(torch.rand(2, 3, 64, 64))
    assert y.abs().max() == 0


def test_doubling_begins_as_bilinear_interpolation_and_is_learned():
    double, x = Double(5), torch.randn(2, 5, 7, 9)
    with torch.no_grad():
        found = double(x)
    wanted = F.interpolate(x, scale_factor=2.0, mode="bilinear")
    # At the border the layer sees zeros beyond, interpolation sees the border itself.
    assert torch.allclose(found[..., 1:-1, 1:-1], wanted[..., 1:-1, 1:-1], atol=1e-6)
    assert double.weight.requires_grad
    assert sum(p.numel() for p in double.parameters()) == 5 * 16


def test_the_classes_are_those_that_cityscapes_evaluates():
    names = "road sidewalk building wall fence pole traffic_light traffic_sign vegetation terrain sky person rider car"
    names += " truck bus train motorcycle bicycle"
    assert [color[0].replace(" ", "_") for color in STREETS] == names.split()


def test_colours_that_are_no_class_are_ignored():
    index = np.arange(len(CITYSCAPES), dtype=np.uint8)[None]  # one pixel of every colour
    y = from_pixels(torch.from_numpy(paint(index, CITYSCAPES))[None])
    assert classes(y, CITYSCAPES, STREETS)[0, 0].tolist() == [*range(19), *[IGNORED] * 10]


def test_pixels_without_a_class_teach_nothing_and_the_others_alike():
    method = replace(recipe, network=Spec(FCN, trunk=SMALL, hidden=8))
    nets = method.networks()
    index = np.full((2, 64, 64), len(CITYSCAPES) - 1, np.uint8)
    index[:, :32] = 0
    x, y = torch.rand(2, 3, 64, 64), from_pixels(torch.from_numpy(paint(index, CITYSCAPES)))
    ((_, terms),) = method.losses(nets, {"x": x, "y": y}, 0)
    assert terms["cross_entropy"].item() == pytest.approx(np.log(19))  # all classes alike, over the known half
    nothing = from_pixels(torch.zeros(2, 64, 64, 3, dtype=torch.uint8))
    ((_, terms),) = method.losses(nets, {"x": x, "y": nothing}, 0)
    assert terms["cross_entropy"].item() == 0


class Constant(Network):
    """A network that gives the same scores for every image."""

    def __init__(self, scores: torch.Tensor):
        super().__init__()
        self.scores = scores

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scores


def test_a_balanced_loss_is_the_mean_over_classes():
    scores = torch.randn(1, 19, 64, 64, generator=torch.Generator().manual_seed(0))
    index = np.zeros((1, 64, 64), np.uint8)
    index[:, :3] = 5
    batch = {"x": torch.zeros(1, 3, 64, 64), "y": from_pixels(torch.from_numpy(paint(index, CITYSCAPES)))}
    each = F.cross_entropy(scores, torch.from_numpy(index).long(), reduction="none")[0]
    rare, usual = each[:3].mean(), each[3:].mean()
    for balance, wanted in ((0.0, each.mean()), (1.0, (rare + usual) / 2)):
        method = replace(recipe, balance=balance)
        ((_, terms),) = method.losses({"G": Constant(scores)}, batch, 0)
        assert terms["cross_entropy"].item() == pytest.approx(wanted.item(), rel=1e-5)


@pytest.mark.parametrize(("transfer", "trained"), [("frozen", False), ("finetuned", True), ("scratch", True)])
def test_the_trunk_is_trained_or_not(transfer, trained):
    network = replace(recipe, network=Spec(FCN, trunk=SMALL, hidden=8), transfer=transfer).networks()["G"]
    assert isinstance(network, FCN)
    assert {p.requires_grad for p in network.trunk.parameters()} == {trained}
    assert all(p.requires_grad for p in network.scores.parameters())


def test_from_scratch_means_without_the_packaged_weights():
    hows = ("finetuned", "scratch", "finetuned")
    nets = [replace(recipe, transfer=how).networks()["G"].get_submodule("trunk") for how in hows]
    first, second, again = ([*trunk.parameters()] for trunk in nets)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not torch.equal(first[0], second[0])


@pytest.mark.skipif(not vgg.packaged(), reason="the packaged weights are not installed")
def test_the_trunk_of_the_paper_computes_what_the_package_does_before_its_first_pooling():
    trunk, state = vgg.VGG16(), torch.load(vgg.packaged() or "", map_location="cpu", weights_only=True)
    vgg.load(trunk, vgg.packaged() or vgg.Path())
    x = torch.rand(1, 3, 64, 96) * 2 - 1
    known = (x - state["scaling_layer.shift"]) / state["scaling_layer.scale"]
    for weight in [key for key in state if key.startswith("net.") and key.endswith(".weight")][:2]:
        known = F.conv2d(known, state[weight], state[weight.replace(".weight", ".bias")], padding=1).relu()
    with torch.no_grad():
        features, maps = trunk.features(x), trunk(x)
    assert torch.allclose(features[0], known, atol=1e-5)
    sizes = [(c, 64 // s, 96 // s) for c, s in ((128, 4), (256, 8), (512, 16), (512, 32))]
    assert [tuple(m.shape[1:]) for m in maps] == sizes


def test_weights_of_another_network_are_refused(tmp_path):
    torch.save({"net.0.weight": torch.zeros(2, 2, 3, 3), "net.0.bias": torch.zeros(2)}, tmp_path / "x.pth")
    with pytest.raises(ValueError, match="does not hold the weights"):
        vgg.load(vgg.VGG16(), tmp_path / "x.pth")


def test_what_goes_out_has_the_colours_of_the_likeliest_classes():
    network = tiny()
    image = torch.randint(0, 256, (2, 64, 32, 3), dtype=torch.uint8)
    with torch.no_grad():
        found, scores = Labels(network, STREETS)(image), network(from_pixels(image))
    assert found.dtype == torch.uint8
    index = np.stack([nearest(one, STREETS) for one in found.numpy()])
    assert np.array_equal(index, scores.argmax(1).numpy())
    assert np.array_equal(colors(STREETS)[index], found.numpy())
    assert len(np.unique(index)) > 1


def test_all_variants_have_the_same_data_and_are_trained_alike():
    for variant in variants.values():
        assert isinstance(variant, Segment)
        assert variant.data == recipe.data
