"""Test the static page: the files written, and refusals."""

import json
from pathlib import Path

import numpy as np
import pytest

from export import runtime, web
from export.__main__ import main
from synth.runtime.registry import Registry
from tests.support import dancers, graphs
from tests.support.paths import ROOT


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    return graphs.registry(tmp_path / "weights")


def test_the_page_has_all_it_names(weights: Path, tmp_path: Path):
    out = tmp_path / "page"
    assert web.write(out, weights=weights, cdn=True) == ("facades", "emoji", "sketch", "invert")
    about = json.loads((out / "graphs.json").read_text())
    assert about["runtime"] == runtime.CDN
    for graph in about["graphs"]:
        card = Registry(weights).card(graph["name"])
        assert (graph["multiple"], graph["size"], graph["licence"]) == (card.multiple, card.size, card.licence)
        assert (out / graph["file"]).read_bytes() == (weights / f"{card.name}.onnx").read_bytes()
        assert graph["bytes"] == (out / graph["file"]).stat().st_size
        assert len(graph["examples"]) == 3
        assert all((out / example).is_file() for example in graph["examples"])
    script = "".join(path.read_text() for path in out.glob("*.js"))
    named = {line.split('"')[1] for line in script.splitlines() if line.startswith("import ") and '"./' in line}
    assert named
    assert all((out / name).is_file() for name in named)


def test_the_readme_makes_it_a_static_space(weights: Path, tmp_path: Path):
    web.write(tmp_path / "page", weights=weights, cdn=True)
    _, front, text = (tmp_path / "page" / "README.md").read_text().split("---\n", 2)
    assert "sdk: static\n" in front
    assert "  cross-origin-embedder-policy: require-corp\n  cross-origin-opener-policy: same-origin\n" in front
    assert "| Facades | Labels to a photograph | CC0 |" in text
    assert (tmp_path / "page" / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_a_page_is_replaced_and_nothing_else(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = tmp_path / "page"
    web.write(out, weights=weights, cdn=True)
    (out / ".git").mkdir()
    assert web.write(out, ("emoji",), weights, cdn=True) == ("emoji",)
    assert [path.name for path in (out / "graphs").iterdir()] == ["emoji.onnx"]
    assert (out / ".git").is_dir()
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "chapter.txt").write_text("one")
    assert main(["web", str(other), "--weights", str(weights), "--cdn"]) == 2
    assert "is not empty and does not hold a page of synth" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["chapter.txt"]


def test_graphs_that_fit_no_page_are_refused(weights: Path, tmp_path: Path):
    dancers.fill(weights)
    with pytest.raises(ValueError, match=r"painter is not in .*There are: facades, "):
        web.write(tmp_path / "page", ("painter",), weights, cdn=True)
    with pytest.raises(ValueError, match="no graph for a page"):
        web.write(tmp_path / "page", ("pose",), weights, cdn=True)
    with pytest.raises(ValueError, match="no graph for a page"):
        web.write(tmp_path / "page", weights=tmp_path / "nothing", cdn=True)
    assert not (tmp_path / "page").exists()


def test_a_character_brings_its_dance_and_the_graph_that_finds_people(tmp_path: Path):
    (tmp_path / "weights").mkdir()
    dancers.fill(tmp_path / "weights", "dance-dots", "dance-lines")
    assert web.write(tmp_path / "page", ("dance-dots",), tmp_path / "weights", cdn=True) == ("dance-dots", "pose")
    graphs = {graph["name"]: graph for graph in json.loads((tmp_path / "page/graphs.json").read_text())["graphs"]}
    assert [graph["role"] for graph in graphs.values()] == ["character", "pose"]
    dance = json.loads((tmp_path / "page" / graphs["dance-dots"]["demo"]).read_text())
    assert np.shape(dance["poses"])[1:] == (17, 3)
    assert graphs["dance-dots"]["inputs"] == ["figure", "previous"]


def test_without_npm_there_is_a_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SYNTH_CACHE", str(tmp_path))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ValueError, match=r"npm is not installed.*--cdn"):
        runtime.copy(tmp_path / "runtime")
