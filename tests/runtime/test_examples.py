"""Test a graph's examples: those that its card names, else of exactly its name, else of its recipe."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth.runtime import examples
from synth.runtime.registry import Registry
from tests.support import graphs
from tests.support.paths import ROOT
from tests.support.pictures import save


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder with examples for ``street`` and ``my-facades``, and no graphs yet."""
    for folder in ("street", "my-facades"):
        save(tmp_path / "examples" / folder / "input" / f"{folder}.png", np.zeros((8, 8, 3), np.uint8))
    save(tmp_path / "secret.png", np.zeros((8, 8, 3), np.uint8))
    return tmp_path


def found(weights: Path, name: str, **facts: str) -> list[str]:
    graphs.save(weights, replace(graphs.CARD, name=name, **facts))  # type: ignore[arg-type]
    return [example.input.stem for example in examples.find(Registry(weights, "cpu"), name)]


def test_a_name_that_begins_like_another_graphs_gets_nothing_of_it(weights: Path):
    assert found(weights, "street-dogs", recipe="pairs") == []
    assert found(weights, "street-cats", recipe="street", examples="street-cats") == []


def test_a_graph_finds_the_folder_of_its_own_name(weights: Path):
    assert found(weights, "my-facades", recipe="pairs") == ["my-facades"]
    assert found(weights, "my-facades", recipe="street", examples="gone") == ["my-facades"]


def test_the_card_says_which_folder(weights: Path):
    assert found(weights, "my-facades", examples="street") == ["street"]


def test_cards_from_before_the_field_share_the_examples_of_their_recipe(weights: Path):
    assert found(weights, "street-l1", recipe="street-l1") == ["street"]
    assert found(weights, "renamed", recipe="street-l1") == ["street"]


@pytest.mark.parametrize("folder", ["..", "../..", "/", ".", "street/input", "*"])
def test_a_card_names_no_other_place(weights: Path, folder: str):
    assert found(weights, "invert", examples=folder) == []


def test_every_bundled_graph_but_characters_has_examples():
    registry = Registry(ROOT / "weights", "cpu")
    without = [name for name in registry.entries if not examples.find(registry, name)]
    assert without == registry.names("dance")
