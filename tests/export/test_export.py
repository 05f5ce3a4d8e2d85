"""Test export: the graph equals the trained network at every size, and is refused if it does not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from torch import nn

from export import check, graph
from export.__main__ import main
from export.trained import card, export, load, write
from synth import recipe
from synth.card import KEY, Card
from synth.networks.layers.norm import Statistics, freeze
from synth.networks.layers.pixels import Pixels
from synth.networks.network import Network
from synth.networks.unet import UNet
from synth.runtime.session import open_graph
from synth.training import checkpoint
from synth.training.run_info import RunInfo
from synth.training.trainer import Trainer
from tests.support.shrink import made_up, shrink

CPU = torch.device("cpu")
CARD = Card(name="x", multiple=32)
QUICK = ("emoji", "enlarge-live")
"""Recipes that the inner loop exports too; the others are slow tests."""
GRAPH = ("generator", "one_hot", "statistics", "temporal", "settle", "head", "plate", "network")


def run_of(name: str) -> Trainer:
    """Return a shrunk recipe after two steps on made-up pictures, its losses checked to be finite."""
    trainer = Trainer(shrink(recipe.find(name, "cpu")), CPU)
    for step in range(2):
        terms = trainer.update(made_up(trainer.method), step / 2)
        assert all(torch.isfinite(value) for value in terms.values())
    return trainer


def info_of(trainer: Trainer, name: str) -> RunInfo:
    """Return what a run of the recipe would record."""
    return RunInfo.of(replace(trainer.method, preset="cpu"), recipe=name, name=name, hardware="test")


def distinct() -> list[str]:
    """Return the recipes whose graphs differ in more than weights: losses leave no trace in a graph."""
    first: dict[str, str] = {}
    for name in recipe.names():
        method = recipe.find(name, "cpu")
        first.setdefault(f"{[v for k, v in vars(method).items() if k in GRAPH]} {method.card.scale}", name)
    return list(first.values())


@pytest.mark.parametrize("name", recipe.names())
def test_every_recipe_takes_two_steps(name: str):
    run_of(name)


@pytest.mark.parametrize(
    "name", [one if one in QUICK else pytest.param(one, marks=pytest.mark.slow) for one in distinct()]
)
def test_every_recipe_exports_and_runs_at_an_odd_size(name: str, tmp_path: Path):
    trainer = run_of(name)
    info = info_of(trainer, name)
    network = freeze(trainer.average.network, trainer.method.statistics)
    for method in trainer.method.graphs():
        written = card(method, info, info.stages(2, 1.0), method.part(network))
        largest, _, half_mean, path = write(method.graph(method.part(network)), written, tmp_path)
        assert largest <= 1
        assert half_mean < 0.5
        opened = open_graph(path, "cpu")
        assert (opened.card.name, opened.card.steps, opened.card.images) == (name, 2, 4)
        side = trainer.nets[method.exported].side
        height, width = (side, side) if side else (300, 501)  # an odd size, where the graph takes any
        inputs = [check.pictures(1, height, width, seed)[0] for seed in range(len(opened.card.pictures))]
        scale = opened.card.scale
        wanted = (17, 3) if opened.card.gives == "keypoints" else (scale * height, scale * width, 3)
        assert opened.run(*inputs).shape == wanted


def shrunk_graph(statistics: Statistics = "batch") -> tuple[Network, onnx.ModelProto]:
    torch.manual_seed(0)
    network = UNet(channels=4, levels=5)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 2)
    for parameter in network.parameters():
        nn.init.normal_(parameter, 0, 0.2) if parameter.dim() > 1 else None
    frozen = freeze(network, statistics)
    return Pixels(frozen), graph.export(Pixels(frozen), CARD)


def test_the_graph_is_self_contained_and_says_nothing_of_where_it_was_made():
    _, model = shrunk_graph()
    assert model.opset_import[0].version == 18
    assert {i.domain for i in model.opset_import} == {""}
    text = str(graph.with_card(model, Card(name="x")))
    assert not any(word in text for word in (".py", "site-packages", str(Path.home()), "stack_trace"))
    assert not any(t.external_data for t in model.graph.initializer)
    shape = [d.dim_param or d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    assert shape == ["n", "32*h", "32*w", 3]


@pytest.mark.parametrize("statistics", ["batch", "running"])
def test_a_picture_does_not_depend_on_who_else_is_in_the_batch(statistics):
    network, model = shrunk_graph(statistics=statistics)
    assert check.require(network, model, CARD) <= 1
    run = check.runner(model)
    batch = check.pictures(3, 64, 96)
    alone = np.concatenate([run(one[None]) for one in batch])
    assert np.abs(run(batch).astype(int) - alone).max() <= 1


def test_the_smallest_and_other_sizes_run():
    _, model = shrunk_graph()
    run = check.runner(model)
    for size in ((1, 32, 32, 3), (5, 64, 160, 3)):
        assert run(np.zeros(size, np.uint8)).shape == size


def test_half_precision_storage_halves_the_file_and_hardly_changes_the_picture():
    network, model = shrunk_graph()
    half = graph.halve(model)
    assert half.ByteSize() < 0.62 * model.ByteSize()
    assert check.difference(network, half, CARD)[1] < 0.3


@pytest.mark.slow
def test_a_graph_that_computes_something_else_is_not_written(tmp_path: Path, monkeypatch):
    network, _ = shrunk_graph()
    honest = graph.export

    def other(frozen: Network, card: Card) -> onnx.ModelProto:
        last = list(frozen.parameters())[-2]  # the last convolution's weights
        with torch.no_grad():
            last.mul_(1.5)
        model = honest(frozen, card)
        with torch.no_grad():
            last.div_(1.5)
        return model

    monkeypatch.setattr(graph, "export", other)
    (tmp_path / "x.onnx").write_bytes(b"the one before")
    with pytest.raises(ValueError, match="grey levels"):
        write(network, CARD, tmp_path)
    assert (tmp_path / "x.onnx").read_bytes() == b"the one before"


@pytest.mark.slow
def test_the_command_writes_a_graph_that_a_bare_runtime_runs(tmp_path: Path, monkeypatch, capsys):
    trainer = run_of("street")
    info = replace(info_of(trainer, "street"), name="mine")
    checkpoint.save(tmp_path / "last.pt", {**trainer.state(), "info": info.to_dict()})
    monkeypatch.setattr(recipe, "find", lambda *_: trainer.method)
    assert export("street", tmp_path / "last.pt", out=tmp_path) == 0
    said = capsys.readouterr().out
    assert "largest difference" in said
    assert said.splitlines()[-1] == f"Next: python app.py --weights {tmp_path}"
    session = ort.InferenceSession(str(tmp_path / "mine.onnx"), providers=["CPUExecutionProvider"])
    values = json.loads(session.get_modelmeta().custom_metadata_map[KEY])
    assert (values["name"], values["recipe"], values["size"]) == ("mine", "street", 32)
    (y,) = session.run(None, {"image": np.zeros((1, 64, 32, 3), np.uint8)})
    assert np.asarray(y).shape == (1, 64, 32, 3)


def test_a_checkpoint_that_does_not_say_what_it_is_ends_in_a_sentence(tmp_path: Path):
    checkpoint.save(tmp_path / "last.pt", run_of("street").state())
    with pytest.raises(ValueError, match="does not say which recipe"):
        export("street", tmp_path / "last.pt")


def test_the_card_tells_the_statistics_that_the_graph_uses(tmp_path: Path):
    trainer = run_of("street")
    info = info_of(trainer, "street")
    info = replace(info, fields={**info.fields, "statistics": "'running'"})
    network = freeze(trainer.average.network, "batch")
    assert trainer.method.statistics == "batch"
    assert card(trainer.method, info, info.stages(2, 1.0), network).source == repr(trainer.method)


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path, capsys, monkeypatch):
    trainer = run_of("street")
    checkpoint.save(tmp_path / "last.pt", {**trainer.state(), "info": info_of(trainer, "street").to_dict()})
    with pytest.raises(ValueError, match=r"of the recipe 'street', not of 'emoji'\. Write: python -m export street "):
        export("emoji", tmp_path / "last.pt")
    with pytest.raises(ValueError, match="another recipe"):
        load(shrink(recipe.find("emoji", "cpu")), checkpoint.load(tmp_path / "last.pt"), tmp_path / "last.pt")
    monkeypatch.setattr("sys.argv", ["export", "street", str(tmp_path / "no.pt")])
    assert main() == 2
    assert "no.pt. In " in (said := capsys.readouterr().err)
    assert "there are: last.pt." in said


@pytest.mark.parametrize(
    ("facts", "folder"), [({"data": "cityscapes"}, "street"), ({"data": "dogs"}, "mine"), ({"data": None}, "street")]
)
def test_the_examples_are_those_of_the_recipe_only_where_its_data_were_trained_on(facts: dict[str, Any], folder: str):
    trainer = run_of("street")
    info = replace(info_of(trainer, "street"), name="mine", **facts)
    network = freeze(trainer.average.network, "batch")
    assert card(trainer.method, info, info.stages(2, 1.0), network).examples == folder
