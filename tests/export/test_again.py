"""Test exporting graphs again from their own weights: same pixels, with the current recipe."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from export import check
from export.__main__ import main
from synth import recipe
from synth.importers.exported import read
from synth.recipes import dance
from synth.training import overrides
from synth.training.trainer import Trainer
from tests.importers.test_from_graph import graph_of
from tests.support import graphs
from tests.support.shrink import made_up, shrink


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    found = recipe.find
    monkeypatch.setattr(recipe, "find", lambda name, preset="auto": shrink(found(name, "cpu")))


def old(name: str, folder: Path, **changes: object) -> Path:
    """Write a shrunk recipe's graph, with a body and figures in its card."""
    method = replace(recipe.find(name, "cpu"), **changes)
    card = replace(method.card, recipe=name, preset="cpu", body="{}", metrics={"L1": 1.0}, protocol="once")
    trainer = Trainer(replace(method, card=card), torch.device("cpu"))
    for step in range(2):  # the exporter stores equal tensors once, and untrained biases are all equal
        trainer.update(made_up(method), step / 2)
    return graph_of(trainer, folder / f"{method.card.name}.onnx")


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_the_pictures_stay_and_the_figures_go(tmp_path: Path):
    path = old("emoji", tmp_path)
    before, picture = check.runner(onnx.load(path)), check.pictures(2, 64, 96)
    assert main(["again", "emoji", "--weights", str(tmp_path)]) == 0
    after = check.runner(onnx.load(path))
    assert np.abs(before(picture).astype(int) - after(picture)).max() <= 1
    card = read(path)[1]
    assert (card.metrics, card.protocol, card.steps, card.images) == ({}, "", 2, 4)


@pytest.mark.slow
@pytest.mark.usefixtures("small")
def test_what_the_recipe_says_today_holds(tmp_path: Path):
    path = old("dance-ava", tmp_path, settle=0.0)
    assert [entry.kind for entry in read(path)[1].inputs] == ["figure"]
    assert main(["again", "dance-ava", "--weights", str(tmp_path)]) == 0
    assert [entry.kind for entry in read(path)[1].inputs] == ["figure", "previous"]
    assert dance.ava.settle


@pytest.mark.usefixtures("small")
def test_values_that_were_set_for_the_run_hold(tmp_path: Path):
    changes = ("generator.blocks=2", "generator.widths=4,4,6")
    method = overrides.apply(recipe.find("emoji", "cpu"), changes)
    card = replace(method.card, recipe="emoji", preset="cpu", overrides=changes)
    trainer = Trainer(replace(method, card=card), torch.device("cpu"))
    trainer.update(made_up(method), 0.0)
    graph_of(trainer, tmp_path / "emoji.onnx")
    assert main(["again", "emoji", "--weights", str(tmp_path)]) == 0
    assert read(tmp_path / "emoji.onnx")[1].overrides == changes


@pytest.mark.usefixtures("small")
def test_another_network_is_left_as_it_is(tmp_path: Path, capsys):
    path = old("emoji", tmp_path)
    model = onnx.load(path)
    card = replace(read(path)[1], recipe="street-l1")
    onnx.helper.set_model_props(model, {"synth.card": card.to_json()})
    onnx.save(model, path)
    before = path.read_bytes()
    assert main(["again", "--weights", str(tmp_path)]) == 2
    assert "does not fit the network" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_what_came_from_another_project_is_passed_over(tmp_path: Path, capsys):
    before = graphs.save(tmp_path).read_bytes()
    assert main(["again", "--weights", str(tmp_path)]) == 0
    assert "a third-party checkpoint" in capsys.readouterr().out
    assert main(["again", "invert", "--weights", str(tmp_path)]) == 2
    assert (tmp_path / "invert.onnx").read_bytes() == before
