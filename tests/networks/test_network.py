"""Test the input sizes that networks declare, and how wrappers adopt them."""

import pytest
import torch

from export import graph
from synth import recipe
from synth.importers import residual
from synth.networks.layers.labels import FromLabels
from synth.networks.layers.pixels import Pixels
from synth.networks.layers.recolored import Recolored
from synth.networks.live import Live
from synth.networks.network import Network
from synth.networks.resnet import ResNet
from synth.networks.zhang import Siggraph17
from synth.pixels.palette import FACADES
from synth.training.trainer import Trainer
from tests.support.shrink import shrink


@pytest.mark.parametrize(
    "name", ["street", "pose-direct", "dance-ava", "enlarge-live", "fill", "colorize", "see-street"]
)
def test_what_is_exported_takes_the_sizes_of_the_trained_network(name: str):
    method = shrink(recipe.find(name, "cpu"))
    network = method.part(method.networks()[method.exported])
    wrapped = method.graph(network)
    assert wrapped is not network
    assert (wrapped.multiple, wrapped.side, wrapped.least) == (network.multiple, network.side, network.least)
    assert (network.side > 0) == (name in ("pose-direct", "dance-ava"))


def test_wrappers_of_wrappers_and_wrappers_that_resize():
    labels = FromLabels(FACADES, Live(len(FACADES), widths=(4, 8, 8), blocks=1))
    assert Pixels(labels).multiple == labels.multiple == 8
    assert Recolored(Siggraph17(channels=4)).multiple == 1, "it resizes inside and takes any size"


def test_an_imported_network_says_how_many_multiples_it_needs():
    network = ResNet(channels=4, blocks=1)
    assert (network.multiple, network.least) == (8, 1)
    residual.sized(network, 2)
    assert (Pixels(network).multiple, Pixels(network).least) == (4, 2)
    assert ResNet.least == Network.least == 1, "other networks keep the default"


def test_slim_leaves_a_network_without_anything_to_replace_alone():
    network = Pixels(ResNet(channels=4, blocks=1)).eval()
    images = torch.randint(0, 256, (1, 16, 24, 3), dtype=torch.uint8)
    slim = graph.slim(network)
    assert slim is not network
    assert torch.equal(slim(images), network(images))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch about its own compiler
def test_compiling_keeps_the_names_of_parameters_in_a_network_with_a_layer_called_features():
    method = shrink(recipe.find("pose-machine", "cpu"))
    trainer = Trainer(method, torch.device("cpu"), compile=True)
    assert trainer.nets["G"].state_dict().keys() == trainer.average.network.state_dict().keys()
