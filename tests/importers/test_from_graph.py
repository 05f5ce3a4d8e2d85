"""Test further training of an exported graph: its network is restored, including folded norms."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from export import check, graph
from synth import recipe
from synth.importers import exported
from synth.networks.layers.norm import freeze
from synth.training.run_info import Stage
from synth.training.trainer import Trainer
from tests.support.shrink import made_up, shrink

CPU = torch.device("cpu")


def graph_of(trainer: Trainer, path: Path) -> Path:
    """Write the graph of a trainer's network as an export does: norms folded, weights stored as float16."""
    method = trainer.method
    pixel_network = method.graph(freeze(trainer.average.network, method.statistics))
    unit = trainer.nets[method.exported].multiple
    card = replace(method.describe({}), multiple=unit, steps=2, images=4, minutes=1.5)
    path.write_bytes(graph.with_card(graph.halve(graph.export(pixel_network, card)), card).SerializeToString())
    return path


@pytest.mark.slow
@pytest.mark.parametrize("name", ["emoji", "street", "street-l1_cgan", "dance-ava", "pose"])
def test_the_network_in_a_graph_is_the_one_that_was_trained(name: str, tmp_path: Path):
    method = shrink(recipe.find(name, "cpu"))
    trainer = Trainer(method, CPU)
    for step in range(2):
        trainer.update(made_up(method), step / 2)
    path = graph_of(trainer, tmp_path / "old.onnx")
    again = Trainer(method, CPU, seed=1)
    before = exported.start_from(again, path, made_up(method))
    assert before == [Stage(steps=2, images=4, minutes=1.5, size=method.card.size)]
    runs = [check.runner(onnx.load(p)) for p in (path, graph_of(again, tmp_path / "new.onnx"))]
    side = again.nets[method.exported].side or 64
    pictures = [check.pictures(2, side, side, seed) for seed in range(len(method.describe({}).inputs))]
    old, new = (run(*pictures).astype(float) for run in runs)
    assert np.abs(old - new).max() <= 1
    terms = again.update(made_up(method), 0.0)
    assert all(torch.isfinite(value) for value in terms.values())


def test_a_graph_of_another_recipe_names_what_differs(tmp_path: Path):
    path = graph_of(Trainer(shrink(recipe.find("emoji", "cpu")), CPU), tmp_path / "emoji.onnx")
    pose = shrink(recipe.find("pose", "cpu"))
    with pytest.raises(ValueError, match=r"does not hold the network of this recipe.*is missing there"):
        exported.start_from(Trainer(pose, CPU), path, made_up(pose))


@pytest.mark.parametrize("content", [None, b"", b"not a graph", onnx.ModelProto(ir_version=8).SerializeToString()])
def test_what_is_no_graph_of_ours_ends_in_a_sentence(content: bytes | None, tmp_path: Path):
    if content is not None:
        (tmp_path / "x.onnx").write_bytes(content)
    with pytest.raises(ValueError, match=r"x\.onnx"):
        exported.read(tmp_path / "x.onnx")
