"""Test the metrics of label maps against torchmetrics, ignored pixels, and the bookkeeping of the FCN-score."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torchmetrics.classification import MulticlassAccuracy, MulticlassJaccardIndex

from synth import metric
from synth.card import Card, Input
from synth.evaluation.evaluate import evaluate
from synth.evaluation.measure import Views
from synth.evaluation.metrics.fcn_score import Judge
from synth.evaluation.metrics.segmentation import IGNORED, classes, confusion, measure_segmentation, scores
from synth.evaluation.report import Result
from synth.pixels.palette import CITYSCAPES, STREETS, paint
from synth.runtime.session import open_graph
from tests.support import graphs, pictures

TRUTH = Card(name="street", inputs=(Input(kind="labels", palette=CITYSCAPES),))


def maps(seed: int = 0, present: int = 19) -> tuple[np.ndarray, np.ndarray]:
    """Truth and a guess that is right two times out of three; a fifth of the truth is no class."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, present, (4, 40, 50)).astype(np.uint8)
    found = np.where(random.random(truth.shape) < 2 / 3, truth, random.integers(0, 19, truth.shape)).astype(np.uint8)
    truth[random.random(truth.shape) < 0.2] = IGNORED
    return truth, found


@pytest.mark.parametrize("present", [19, 11])
def test_the_figures_are_those_of_torchmetrics(present):
    truth, found = maps(present=present)
    own = scores(confusion(truth, found, 19))
    a, b = torch.from_numpy(found).long(), torch.from_numpy(truth).long()
    micro = MulticlassAccuracy(19, average="micro", ignore_index=IGNORED)(a, b)
    each = MulticlassAccuracy(19, average="none", ignore_index=IGNORED)(a, b)
    overlap = MulticlassJaccardIndex(19, ignore_index=IGNORED)(a, b)
    assert own["pixel accuracy"] == pytest.approx(micro.item(), abs=1e-6)
    assert own["class accuracy"] == pytest.approx(each[:present].mean().item(), abs=1e-6)
    assert own["mean IoU"] == pytest.approx(overlap.item(), abs=1e-6)


def test_a_known_case_by_hand():
    truth = np.array([[0, 0, 1, IGNORED]])
    matrix = confusion(truth, np.array([[0, 1, 1, 1]]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert scores(matrix) == {"pixel accuracy": pytest.approx(2 / 3), "class accuracy": 0.75, "mean IoU": 0.5}
    assert set(scores(np.zeros((3, 3), np.int64)).values()) == {0.0}


def test_colours_become_classes_and_the_rest_is_ignored():
    index = np.arange(len(CITYSCAPES), dtype=np.uint8)[None]
    noisy = paint(index, CITYSCAPES).astype(int) + np.array([1, -1, 0])
    found = classes(np.clip(noisy, 0, 255).astype(np.uint8), CITYSCAPES, STREETS)
    assert found[0].tolist() == [*range(19), *[IGNORED] * 10]


def judge(side: int = 32) -> Any:
    """A graph that sees a class wherever its colour is, as if photographs were label maps."""
    return SimpleNamespace(run=lambda x: x, card=Card(name="see-street", palette=STREETS, size=side), place="CPU")


def test_a_graph_that_is_right_has_full_marks():
    labels = paint(np.random.default_rng(0).integers(0, 19, (2, 32, 32)), CITYSCAPES)
    found, outputs = measure_segmentation(judge(), labels, labels, CITYSCAPES)
    assert found == {"pixel accuracy": 1.0, "class accuracy": 1.0, "mean IoU": 1.0}
    assert np.array_equal(outputs, labels)


def test_the_score_is_of_the_pictures_and_of_the_photographs_beside_them():
    index = np.zeros((2, 16, 16), np.uint8)
    index[:, 8:] = 10  # road above, sky below
    labels, wrong = paint(index, CITYSCAPES), paint(np.zeros_like(index), CITYSCAPES)
    result = Result(TRUTH, 16, {"L1": 1.0}, "So.", wrong, Views(labels, labels))
    scored = Judge(judge()).score(result)
    assert scored.metrics["FCN pixel"] == 0.5
    assert scored.metrics["FCN class"] == 0.5
    assert scored.metrics["FCN IoU"] == 0.25
    assert scored.metrics["FCN pixel, true photos"] > 0.9  # bicubic enlargement mixes colours at the edge
    assert scored.metrics["L1"] == 1.0
    assert "see-street" in scored.protocol


def test_only_photographs_from_label_maps_with_the_judges_classes_are_judged():
    one = Judge(judge())
    assert one.knows(TRUTH)
    assert not one.knows(Card(inputs=(Input(kind="photo"),)))
    assert not one.knows(replace(TRUTH, palette=STREETS))
    assert not one.knows(replace(TRUTH, inputs=(Input(kind="labels", palette=STREETS[:5]),)))


def streets(folder: Path, count: int = 2, side: int = 64) -> Path:
    """Write label maps of a few classes, and as photographs their negatives."""
    random = np.random.default_rng(0)
    for split in ("train", "val"):
        for number in range(count):
            labels = paint(random.integers(0, 19, (4, 4)).repeat(side // 4, 0).repeat(side // 4, 1), CITYSCAPES)
            for kind, image in (("labels", labels), ("photo", 255 - labels)):
                pictures.save(folder / split / kind / f"{number}.png", image)
    return folder


def test_a_street_is_judged_where_the_graph_for_it_lies_beside(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both graphs invert colours: the street is the true photograph, and what is seen in it what went in."""
    card = replace(graphs.CARD, size=64)
    graphs.save(tmp_path, replace(card, name="see-street", palette=STREETS))
    graphs.save(tmp_path, replace(card, name="street", inputs=TRUTH.inputs))
    data, file = streets(tmp_path / "set"), tmp_path / "figures.json"
    assert evaluate(("see-street", "street"), data=data, weights=tmp_path, write=True, json=file) == 0
    seen, street = (json.loads(file.read_text())[name] for name in ("see-street", "street"))
    assert seen["metrics"] == {"pixel accuracy": 1.0, "class accuracy": 1.0, "mean IoU": 1.0}
    assert [street["metrics"][name] for name in metric.keys("fcn")] == [1.0] * 6
    assert street["metrics"]["L1"] == 0
    assert "segmented by see-street" in street["protocol"]
    shown = capsys.readouterr().out
    assert "per-class accuracy" in shown
    assert "true photographs, 64x64" in shown
    assert open_graph(tmp_path / "see-street.onnx", "cpu").card.metrics == seen["metrics"]
