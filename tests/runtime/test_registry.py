"""Test the registry: all graphs of a folder, their order, and third-party graphs."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from onnx import helper

from synth.card import KEY, Input
from synth.runtime.registry import Registry
from synth.runtime.session import open_graph
from tests.support import graphs


def test_a_registry_opens_lazily_and_names_bad_files(tmp_path: Path) -> None:
    graphs.registry(tmp_path)
    (tmp_path / "broken.onnx").write_bytes(b"nothing")
    registry = Registry(tmp_path, "cpu")
    assert registry.problems == ["broken.onnx is not an ONNX graph, or it is damaged."]
    assert "broken" not in registry.entries
    assert registry.place("invert") == ""
    assert registry.graph("invert") is registry.graph("invert")
    assert registry.place("invert") == "CPU"
    assert registry.groups() == {"facades": ["facades-cgan", "facades-l1"]}
    with pytest.raises(ValueError, match="Reload"):
        registry.graph("../invert")


def test_variants_follow_their_graph_and_are_told_apart(tmp_path: Path) -> None:
    for name in ("street-l1", "street", "emoji"):
        graphs.save(tmp_path, replace(graphs.CARD, name=name, title=name.split("-")[0].capitalize()))
    registry = Registry(tmp_path, "cpu")
    assert registry.names("translate") == ["emoji", "street", "street-l1"]
    assert [registry.title(name) for name in registry.entries] == ["Emoji", "street", "street-l1"]
    for group in ("one", "two"):
        card = replace(graphs.CARD, name=f"{group}-l1", title="L1", tabs=("compare",), group=group)
        graphs.save(tmp_path, card)
    registry = Registry(tmp_path, "cpu")
    assert [registry.title(f"{group}-l1") for group in ("one", "two")] == ["L1", "L1"]


def test_label_maps_come_first_by_their_colours_then_drawings(tmp_path: Path) -> None:
    colours = graphs.LABELS.palette
    kinds = {
        "emoji": Input(kind="drawing"),
        "aerial": Input(kind="labels", palette=colours[:2]),
        "street": Input(kind="labels", palette=colours),
        "street-l1": Input(kind="labels", palette=colours),
        "age": Input(),
    }
    for name, kind in kinds.items():
        graphs.save(tmp_path, replace(graphs.CARD, name=name, inputs=(kind,)))
    assert Registry(tmp_path, "cpu").names("draw") == ["street", "street-l1", "aerial", "emoji", "age"]


def test_a_graph_and_that_of_its_way_back_stand_together(tmp_path: Path) -> None:
    for name, partner in {"flat": "solid", "horse": "ink", "ink": "horse", "solid": "flat", "lone": ""}.items():
        graphs.save(tmp_path, replace(graphs.CARD, name=name, partner=partner))
    assert Registry(tmp_path, "cpu").names("translate") == ["flat", "solid", "horse", "ink", "lone"]


def test_a_card_that_is_nested_deeply_does_not_stop_the_app(tmp_path: Path) -> None:
    model = graphs.invert()
    helper.set_model_props(model, {KEY: "[" * 10**5})
    graphs.write(tmp_path, model)
    graphs.save(tmp_path)
    registry = Registry(tmp_path, "cpu")
    assert list(registry.entries) == ["invert"]
    assert "nested too deeply" in registry.problems[0]


def test_opening_one_graph_keeps_nobody_from_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third-party graph opens slowly, twice at once: it opens once, and the bundled graph answers meanwhile."""
    registry, path = Registry(graphs.registry(tmp_path), "cpu"), tmp_path / "emoji.onnx"
    begun, go, opened = threading.Event(), threading.Event(), []

    def slow(path: Path, *given: Any, **named: Any) -> Any:
        if path.stem == "emoji":
            begun.set()
            assert go.wait(30)
        opened.append(path.stem)
        return open_graph(path, *given, **named)

    monkeypatch.setattr("synth.runtime.registry.open_graph", slow)
    with ThreadPoolExecutor() as pool:
        third_party = [pool.submit(registry.third_party, path) for _ in range(2)]
        assert begun.wait(30)
        assert pool.submit(registry.graph, "invert").result(30).card.name == "invert"
        assert not third_party[0].done()
        go.set()
        assert third_party[0].result(30) is third_party[1].result(30)
    assert opened == ["invert", "emoji"]


def test_only_the_last_third_party_graphs_stay_open(tmp_path: Path) -> None:
    registry = Registry(graphs.registry(tmp_path), "cpu")
    first = registry.third_party(tmp_path / "emoji.onnx")
    for name in ("invert", "facades", "facades-l1"):
        registry.third_party(tmp_path / f"{name}.onnx")
    assert registry.third_party(tmp_path / "emoji.onnx") is not first
    assert len(registry._third_party) == 3
