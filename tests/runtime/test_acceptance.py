"""Test that ``synth inspect`` says beforehand what the app refuses, in the app's own words."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import onnx
import pytest
from onnx import helper

from synth.__main__ import main
from synth.card import Card, Input
from synth.runtime import acceptance, untrusted
from synth.runtime.registry import Registry
from synth.runtime.run import run
from tests.runtime import test_graph_file as strange
from tests.runtime import test_untrusted as unsafe
from tests.support import graphs
from tests.support.dancers import fill


def unknown_operator() -> onnx.ModelProto:
    model = graphs.invert()
    model.graph.node[0].op_type = "Nonsense"
    return model


def newer_opset() -> onnx.ModelProto:
    model = graphs.invert()
    model.opset_import[0].version = 999
    return model


def dangling() -> onnx.ModelProto:
    model = graphs.invert()
    model.graph.node[1].input[0] = "nowhere"
    return model


def wrong_type() -> onnx.ModelProto:
    model = graphs.invert()
    model.graph.node[0].CopyFrom(helper.make_node("Not", ["image"], ["real"]))
    return model


def malformed_card() -> onnx.ModelProto:
    model = graphs.invert()
    model.metadata_props[0].value = "{"
    return model


def unknown_word() -> onnx.ModelProto:
    model = graphs.invert()
    model.metadata_props[0].value = graphs.CARD.to_json().replace('"photo"', '"phot"')
    return model


def no_nodes() -> onnx.ModelProto:
    model = graphs.invert()
    del model.graph.node[:]
    return model


def two_inputs() -> onnx.ModelProto:
    return graphs.green(graphs.HOLES)


def undeclared_input() -> onnx.ModelProto:
    return graphs.green(replace(graphs.HOLES, inputs=(Input(),)))


def no_character() -> onnx.ModelProto:
    return graphs.invert(replace(graphs.CARD, tabs=("dance",)))


def no_body() -> onnx.ModelProto:
    return graphs.invert(replace(graphs.CARD, tabs=("dance",), inputs=(Input(kind="figure"),)))


def many_colors() -> onnx.ModelProto:
    return graphs.invert(replace(graphs.CARD, palette=(("x", 0, 0, 999),)))


BAD = [
    strange.no_card, strange.newer_card, strange.foreign_operator, strange.foreign_operator_in_a_branch,
    strange.outside_weights, strange.outside_weights_in_a_constant, strange.float_input, strange.huge_multiple,
    strange.long_card, unknown_operator, newer_opset, dangling, wrong_type, malformed_card, unknown_word, no_nodes,
    undeclared_input, many_colors, unsafe.looped, unsafe.sparse,
]  # fmt: skip
ONLY_DROPPED = [
    lambda: unsafe.expanded(unsafe.GB), unsafe.random, unsafe.claimed, unsafe.endless,
    two_inputs,
]  # fmt: skip


def refused(call: Callable[[], object]) -> str:
    """Return the sentence with which the app refuses something, empty if it does not."""
    try:
        call()
    except ValueError as error:
        return str(error)
    return ""


def said_by_inspect(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["inspect", str(path)])
    return code, "".join(capsys.readouterr()).replace(str(path), path.name)


@pytest.mark.parametrize("make", BAD)
def test_what_the_app_refuses_is_said_beforehand(make: Callable[[], onnx.ModelProto], tmp_path: Path, capsys):
    path = graphs.write(tmp_path, make())
    registry = Registry(tmp_path, "cpu")
    trusted = registry.problems[0] if registry.problems else refused(lambda: registry.graph("graph"))
    dropped = refused(lambda: registry.third_party(path))
    assert trusted
    assert dropped
    found = acceptance.refusals(path)
    assert found == {acceptance.FOLDER: trusted, acceptance.DROPPED: dropped}
    code, said = said_by_inspect(path, capsys)
    assert code in (1, 2)
    assert trusted in said or (code == 2 and "is not an ONNX graph" in said)


@pytest.mark.parametrize("make", ONLY_DROPPED)
def test_what_is_refused_only_when_dropped_is_said(make: Callable[[], onnx.ModelProto], tmp_path: Path, capsys):
    path = graphs.write(tmp_path, make())
    registry = Registry(tmp_path, "cpu")
    assert registry.problems == []
    image = graphs.noise(64, 64, 3)
    dropped = refused(lambda: run(registry.third_party(path), image, seconds=untrusted.SECONDS))
    assert dropped
    assert acceptance.refusals(path) == {acceptance.FOLDER: "", acceptance.DROPPED: dropped}
    code, said = said_by_inspect(path, capsys)
    assert code == 0
    assert f"{acceptance.FOLDER}: accepted\n{acceptance.DROPPED}: {dropped}" in said


@pytest.mark.parametrize("make", [no_character, no_body])
def test_what_the_dance_tab_refuses_is_said(make: Callable[[], onnx.ModelProto], tmp_path: Path, capsys):
    code, said = said_by_inspect(graphs.write(tmp_path, make()), capsys)
    assert code == 1
    assert "not a character" in said or "no body proportions" in said


@pytest.mark.parametrize("card", [graphs.CARD, graphs.LARGER, graphs.TINTED])
def test_good_graphs_are_accepted(card: Card, tmp_path: Path, capsys):
    path = graphs.save(tmp_path, card)
    assert acceptance.refusals(path) == {acceptance.FOLDER: "", acceptance.DROPPED: ""}
    assert said_by_inspect(path, capsys)[0] == 0


def test_a_character_is_accepted_in_the_folder_only(tmp_path: Path):
    fill(tmp_path, "dance-dots")
    found = acceptance.refusals(tmp_path / "dance-dots.onnx")
    assert found[acceptance.FOLDER] == ""
    assert "the folder of models" in found[acceptance.DROPPED]


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"\x08\x0a" * 5000, b"<html>"])
def test_what_is_no_graph_is_refused_in_both_places(content: bytes, tmp_path: Path):
    (tmp_path / "graph.onnx").write_bytes(content)
    assert all("is not an ONNX graph" in why for why in acceptance.refusals(tmp_path / "graph.onnx").values())
