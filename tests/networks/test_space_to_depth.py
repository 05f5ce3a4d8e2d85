"""Test space-to-depth: what the exporter rewrites for speed computes the same as the trained network."""

import onnx
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from export import graph
from synth.card import Card, Input
from synth.networks.layers import labels
from synth.networks.layers.labels import FromLabels
from synth.networks.layers.pixels import Pixels
from synth.networks.layers.space_to_depth import SpaceToDepthConv, depth_to_space, restored
from synth.networks.layers.spec import Spec
from synth.networks.live import Live
from synth.networks.painter import SMALLEST, Layers, Painter, TemporalFilter, WithoutFeedback
from synth.pixels.palette import FACADES, colors

TINY = Spec(Live, widths=(4, 4), blocks=1)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_depth_to_space_is_pixel_shuffle(scale: int):
    x = torch.randn(2, 3 * scale**2, 5, 7)
    assert torch.equal(depth_to_space(x, scale), F.pixel_shuffle(x, scale))


@pytest.mark.parametrize(("scale", "side", "padding"), [(2, 3, 1), (4, 3, 1), (2, 5, 2), (2, 1, 0)])
@pytest.mark.parametrize("bias", [True, False])
def test_the_strided_convolution_is_one_over_blocks(scale: int, side: int, padding: int, bias: bool):
    conv = nn.Conv2d(3 * scale**2, 5, side, padding=padding, bias=bias)
    x = torch.randn(2, 3, 8 * scale, 12 * scale)
    assert torch.allclose(SpaceToDepthConv(conv, scale)(x), conv(F.pixel_unshuffle(x, scale)), atol=1e-5)


def test_channels_that_are_left_out_are_black_to_the_border():
    conv = nn.Conv2d(24, 5, 3, padding=1)
    x = torch.randn(2, 3, 16, 24)
    whole = torch.cat((x, torch.full_like(x, -1)), 1)
    assert torch.allclose(SpaceToDepthConv(conv, 2, given=3)(x), conv(F.pixel_unshuffle(whole, 2)), atol=1e-5)


@pytest.mark.parametrize("given", [0, 3])
def test_the_weights_come_back(given: int):
    conv = nn.Conv2d(24, 5, 3)
    stored = {f"a.stem.0.{name}": value for name, value in SpaceToDepthConv(conv, 2, given).state_dict().items()}
    back = restored({**stored, "weight": torch.zeros(1)}, 2)
    assert back.keys() == {"a.stem.0.weight", "a.stem.0.bias", "weight"}
    assert torch.equal(back["a.stem.0.weight"], conv.weight)


@pytest.mark.parametrize("embed", [0, 2])
def test_a_slim_generator_makes_the_same(embed: int):
    network = Live(embed=embed, widths=(4, 8), blocks=1).eval()
    slim = graph.slim(Pixels(network))
    images = torch.randint(0, 256, (2, 16, 24, 3), dtype=torch.uint8)
    assert (slim(images).int() - Pixels(network)(images).int()).abs().max() <= 1
    assert isinstance(network.stem[0], nn.Conv2d), "the trained network is left alone"


def test_one_hot_planes_that_are_mixed_become_a_table():
    network = FromLabels(FACADES, Live(len(FACADES), embed=3, widths=(4, 8), blocks=1)).eval()
    slim = graph.slim(Pixels(network))
    images = torch.from_numpy(colors(FACADES))[torch.randint(0, len(FACADES), (2, 16, 24))]
    assert (slim(images).int() - Pixels(network)(images).int()).abs().max() <= 1
    assert "body.table" in slim.state_dict()
    back = labels.restored(dict(slim.state_dict()))
    own = network.state_dict()
    mixed = own["body.embed.weight"] + own["body.embed.bias"][:, None, None, None]
    assert torch.allclose(back["body.body.embed.weight"], mixed)
    assert not back["body.body.embed.bias"].any(), "it is in the weights"


@pytest.mark.parametrize("side", [SMALLEST // 2, SMALLEST])
@pytest.mark.parametrize("fed_back", [True, False])
def test_a_slim_painter_paints_the_same(side: int, fed_back: bool):
    torch.manual_seed(0)
    painter = Painter(side, TINY, Spec(Live, widths=(4,), blocks=1, norm="instance"), head=16).eval()
    pixel_network = Layers(TemporalFilter(painter if fed_back else WithoutFeedback(painter), 30.0))
    figure, last = torch.randint(0, 256, (2, 2, side, side, 3), dtype=torch.uint8)
    figure[:, 4:20, 4:20] = torch.tensor((255, 0, 255), dtype=torch.uint8)  # a face, as figures have it
    slim = graph.slim(pixel_network)
    for own, other in zip(pixel_network(figure, last), slim(figure, last), strict=True):
        assert (own.int() - other.int()).abs().max() <= 1
    unseen = [name for name in slim.state_dict() if name.endswith("stem.0.unseen")]
    assert len(unseen) == (not fed_back and side >= SMALLEST)


def test_a_graph_holds_no_picture_of_one_value():
    painter = Painter(SMALLEST, TINY).eval()  # its plate is of one value too, but belongs to it
    ends = (Input("figure", "figure"), Input("previous", "previous"))
    card = Card(name="x", inputs=ends, extras=("cover", "plate"), multiple=SMALLEST)
    model = graph.export(Layers(TemporalFilter(WithoutFeedback(painter), 30.0)), card)
    sizes = {tensor.name: list(tensor.dims) for tensor in model.graph.initializer}
    assert [name for name, dims in sizes.items() if dims[1:] == [3, SMALLEST, SMALLEST]] == ["body.body.painter.plate"]
    assert "body.body.painter.body.stem.0.unseen" in sizes
    assert [node.op_type for node in model.graph.node].count("ConstantOfShape") == 1
    onnx.checker.check_model(model)
