"""Test the location of data sets."""

from pathlib import Path

import pytest

from synth import recipe
from synth.data.sources.fetch import fetch
from synth.training.train import data_folder
from tests.support.pictures import blocks, save


def test_a_bare_name_is_a_set_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    method = recipe.find("dance", "cpu")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SYNTH_DATA", raising=False)
    assert data_folder(method) == Path("data/me")
    assert data_folder(method, Path("anna")) == Path("anna")  # nowhere: the sentence names what was typed
    (tmp_path / "data" / "anna").mkdir(parents=True)
    assert data_folder(method, Path("anna")) == Path("data/anna")
    (tmp_path / "anna").mkdir()
    assert data_folder(method, Path("anna")) == Path("anna")
    monkeypatch.setenv("SYNTH_DATA", str(tmp_path / "sets"))
    (tmp_path / "sets" / "bert").mkdir(parents=True)
    assert data_folder(method, Path("bert")) == tmp_path / "sets" / "bert"
    assert data_folder(method, Path("x/bert")) == Path("x/bert")


def test_a_set_is_made_where_it_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SYNTH_DATA", str(tmp_path / "sets"))
    for side in ("labels", "photo"):
        save(tmp_path / "mine/train" / side / "1.png", blocks(1))
    assert fetch("facades", from_=tmp_path / "mine") == 0
    assert (data_folder(recipe.find("facades", "cpu")) / "train").is_dir()
