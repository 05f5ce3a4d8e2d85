"""Test the metrics of enlarged images."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from synth.__main__ import main
from synth.evaluation.metrics import superres
from synth.pixels import bicubic
from synth.runtime.session import open_graph
from tests.support import graphs

CARD = replace(graphs.CARD, name="x", scale=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, count in (("Set5", 2), ("Set14", 1)):
        (tmp_path / name).mkdir()
        for number in range(count):
            coarse = np.random.default_rng(number).integers(0, 256, (9, 12, 3), dtype=np.uint8)
            image = Image.fromarray(coarse).resize((61, 47), Image.Resampling.BICUBIC)
            image.save(tmp_path / name / f"{number}.png")
    return tmp_path


def test_luma_is_that_of_studio_range() -> None:
    corners = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert superres.luma(corners).tolist() == [[16, 235, 81, 145, 41]]


def test_known_distances() -> None:
    a = np.full((20, 20), 100.0)
    assert superres.psnr(a, a + 5) == pytest.approx(10 * np.log10(255**2 / 25))
    assert superres.psnr(a, a) == 100
    assert superres.ssim(a, a) == pytest.approx(1)


def test_originals_are_cut_to_a_multiple(folder: Path) -> None:
    x, y = next(superres.originals(folder / "Set5", 4))
    assert (x.shape, y.shape) == ((11, 15, 3), (44, 60, 3))
    assert np.array_equal(x, bicubic.resize(y, 11, 15))


def test_who_does_as_bicubic_has_its_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superres, "TIMED", (16, 16))
    graph = SimpleNamespace(run=lambda x: bicubic.scaled(x, 2), card=CARD, place="CPU")
    figures, protocol = superres.measure_enlarged(graph, folder)
    plain = superres.floor(folder, 2)
    assert {name: value for name, value in figures.items() if name != "ms/MP"} == plain
    assert set(plain) == {"PSNR Set5", "SSIM Set5", "PSNR Set14", "SSIM Set14", "ST-LPIPS"}
    assert figures["ms/MP"] > 0
    assert f"PSNR Set5 {plain['PSNR Set5']:g}, " in protocol


def test_the_rim_does_not_count(folder: Path) -> None:
    _, y = next(superres.originals(folder / "Set5", 4))
    spoiled = 255 - y
    spoiled[4:-4, 4:-4] = y[4:-4, 4:-4]
    assert superres.score(spoiled, y, 4)[0] == 100
    assert superres.score(spoiled, y, 3)[0] < 40


def test_no_set_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="none of the folders Set5 and Set14"):
        superres.sets(tmp_path)


def test_the_command_measures_them_and_writes_the_card(folder: Path, tmp_path: Path, capsys) -> None:
    weights = tmp_path / "weights"
    weights.mkdir()
    path = graphs.save(weights, replace(CARD, name="enlarge-live_x2", recipe="enlarge-live_x2", multiple=1))
    arguments = ["evaluate", "enlarge-live_x2", "--data", str(folder), "--weights", str(weights), "--floor", "--write"]
    assert main([*arguments, "--provider", "cpu"]) == 0
    assert "bicubic ×2" in capsys.readouterr().out
    card = open_graph(path, "cpu").card
    assert card.metrics["PSNR Set5"] < superres.floor(folder, 2)["PSNR Set5"]  # it only repeats pixels
    assert "imresize" in card.protocol
