"""Test the files of a run, options, losses and snapshots, and the message at its end."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import torch

from export.__main__ import main as export
from synth import recipe
from synth.__main__ import main
from synth.runtime.session import open_graph
from synth.training import checkpoint
from synth.training.metrics_file import MetricsFile
from synth.training.snapshots import Snapshots
from tests.support.pictures import pairs_folder
from tests.support.shrink import shrink

OWN = """
from dataclasses import replace
from synth import recipe as recipes
recipe = replace(recipes.find("pairs"), steps=100)
"""


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the start of a command that trains a tiny recipe."""
    monkeypatch.chdir(tmp_path)
    found = recipe.find
    monkeypatch.setattr(recipe, "find", lambda name, preset="auto": shrink(found(name, "cpu")))
    return ["train", "pairs", "--data", str(pairs_folder(tmp_path / "data", 3, 1)), "--device", "cpu", "--out", "run"]


def logged(folder: str = "run") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "metrics.jsonl").read_text().splitlines()]


def test_a_run_writes_its_options_and_its_losses_once_a_step(words: list[str]):
    assert main([*words, "--steps", "3", "--set", "l1=50", "--set", "lr=1e-3"]) == 0
    written = json.loads(Path("run/options.json").read_text())
    assert written["set"] == ["l1=50.0", "lr=0.001"]
    assert "l1=50.0" in written["recipe"]
    assert written["options"]["set"] == ["l1=50", "lr=1e-3"]
    assert (written["options"]["steps"], written["device"]) == (3, "cpu")
    assert written["versions"]["torch"] == torch.__version__
    first = logged()
    assert [line["step"] for line in first] == [1, 2, 3]
    assert {"seconds", "G/l1", "D/real"} <= first[0].keys()
    assert main([*words, "--steps", "5", "--set", "lr=1e-3", "--set", "l1=50.0"]) == 0  # resumes
    assert logged()[:3] == first
    assert [line["step"] for line in logged()] == [1, 2, 3, 4, 5]
    assert [line["seconds"] for line in logged()] == sorted(line["seconds"] for line in logged())
    assert json.loads(Path("run/options.json").read_text())["options"]["steps"] == 5
    info = checkpoint.about(checkpoint.load(Path("run/last.pt")), Path())
    assert info.overrides == ("l1=50.0", "lr=0.001")
    assert info.fields["l1"] == "50.0"


def test_images_that_cannot_be_read_are_named_at_the_start(words: list[str], capsys: pytest.CaptureFixture[str]):
    Path("data/train/x/IMG_0001.jxl").write_bytes(b"content")
    assert main([*words, "--steps", "1"]) == 0
    assert "“IMG_0001.jxl” cannot be used: JPEG XL is not read here" in " ".join(capsys.readouterr().out.split())


def test_a_run_resumes_with_the_same_values_only(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*words, "--steps", "1", "--set", "l1=50"]) == 0
    before = Path("run/last.pt").read_bytes()
    for change, said in ([], "no --set"), (["--set", "l1=51"], "--set l1=51.0"):
        assert main([*words, "--steps", "2", *change]) == 2
        assert f"was trained with --set l1=50.0, not {said}" in capsys.readouterr().err
    assert Path("run/last.pt").read_bytes() == before


def test_networks_that_cannot_be_built_end_in_a_sentence(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*words, "--steps", "1", "--set", "generator.widths=4,-1"]) == 2
    error = capsys.readouterr().err
    assert "cannot be built with --set generator.widths=4,-1" in error
    assert len(error.strip().splitlines()) == 1


def test_lines_of_steps_that_are_taken_again_go(tmp_path: Path):
    path = tmp_path / "metrics.jsonl"
    with MetricsFile(path, 0) as file:
        for step in (1, 2, 2, 3):
            file.add(step, step / 2, {"G/l1": 1.0})
    with path.open("a") as torn:
        torn.write('{"step": 4, "sec')
    with MetricsFile(path, 2) as file:
        file.add(2, 1.0, {"G/l1": 9.0})
        file.add(3, 1.5, {"G/l1": 2.0})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["step"], line["G/l1"]) for line in lines] == [(1, 1.0), (2, 1.0), (3, 2.0)]
    with MetricsFile(tmp_path / "none.jsonl", 0, active=False) as file:
        file.add(1, 0.1, {"G/l1": 1.0})
    assert not (tmp_path / "none.jsonl").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_ends_in_a_sentence(tmp_path: Path):
    (tmp_path / "last.pt").write_bytes(b"x")
    with pytest.raises(OSError, match=r"last\.pt is a file, and a folder is needed there"):
        Snapshots(tmp_path / "last.pt" / "no folder", 1).take(tmp_path / "last.pt", 1)
    with MetricsFile(tmp_path / "metrics.jsonl", 0) as file:
        assert file.file is not None
        file.file.close()
        file.file = Path("/dev/full").open("ab", buffering=0)  # noqa: SIM115
        with pytest.raises(OSError, match="Free some space"):
            file.add(1, 0.5, {"G/l1": 1.0})


def test_snapshots_are_spread_evenly_and_hold_what_they_held(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*words, "--steps", "8"]) == 0
    assert Snapshots(Path("run/snapshots"), 3).steps() == [2, 4, 6]
    assert [checkpoint.load(Path(f"run/snapshots/step-00000{n}.pt"))["step"] for n in (2, 4, 6)] == [2, 4, 6]
    assert Path("run/snapshots/step-000004.png").read_bytes().startswith(b"\x89PNG")
    assert "(steps 2, 4, 6)" in capsys.readouterr().out
    graph = ["pairs", "run/snapshots/step-000004.pt", "--out", "graphs"]
    assert export(graph) == 0
    assert open_graph(Path("graphs/pairs.onnx"), "cpu").card.steps == 4
    assert main([*words[:-1], "other", "--steps", "1", "--init", "run/snapshots/step-000004.pt", "--keep", "0"]) == 0
    other = checkpoint.load(Path("other/last.pt"))
    assert [one.steps for one in checkpoint.about(other, Path()).stages(other["step"], 1.0)] == [4, 1]
    assert not Path("other/snapshots").exists()


def test_a_prolonged_run_keeps_as_many_snapshots(tmp_path: Path):
    (tmp_path / "last.pt").write_bytes(b"x")
    kept = Snapshots(tmp_path / "snapshots", 3)
    for step in (25, 50, 75, 100, 150):
        kept.take(tmp_path / "last.pt", step)
    assert kept.steps() == [50, 100, 150]
    assert sorted(path.name for path in kept.folder.iterdir()) == [f"step-{n:06d}.pt" for n in (50, 100, 150)]


def test_marks_that_lie_behind_are_not_due():
    kept = Snapshots(Path("nowhere"), 3)
    assert [kept.due(done) for done in (0.3, 0.4, 0.5, 0.6, 0.76)] == [False, False, True, False, True]
    assert not any(Snapshots(Path("nowhere"), 0).due(done) for done in (0.0, 0.5, 0.9))


def test_a_run_ends_with_what_to_type_next(words: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*words, "--steps", "2"]) == 0  # half of what the shrunk recipe takes
    said = capsys.readouterr().out
    assert "far too few" not in said
    assert said.splitlines()[-1] == "Next: python -m export pairs run/last.pt"


def test_a_recipe_file_is_trained_and_exported(words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path):
    Path("my recipes").mkdir()
    Path("my recipes/own.py").write_text(OWN)
    train = ["train", "./my recipes/own.py", *words[2:6], "--steps", "2"]
    assert main(train) == 0
    said = capsys.readouterr().out
    assert "2 steps are far too few" in said
    assert "about 100 steps" in said
    assert "--steps 100" in said
    command = shlex.split(said.splitlines()[-1])
    assert command[1:] == ["python", "-m", "export", "./my recipes/own.py", "runs/own/last.pt"]
    assert export(["own", "runs/own/last.pt"]) == 2
    assert "of the recipe 'own.py', not of 'own'" in capsys.readouterr().err
    assert export([*command[4:], "--out", str(tmp_path / "graphs")]) == 0
    card = open_graph(tmp_path / "graphs" / "own.onnx", "cpu").card
    assert (card.name, card.recipe, card.title, card.steps) == ("own", "own.py", "Pairs", 2)
    assert main(["inspect", "runs/own/last.pt"]) == 0
    assert "python -m export ./own.py runs/own/last.pt" in capsys.readouterr().out
    assert export(["again", "own", "--weights", str(tmp_path / "graphs")]) == 2
    assert "python -m export ./own.py" in capsys.readouterr().err
