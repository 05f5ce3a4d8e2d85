"""Test titles on the page: plain for every bundled model, and unique within a tab."""

from dataclasses import replace
from pathlib import Path

import pytest

from synth import recipe
from synth.app import titles
from synth.runtime.registry import Registry
from tests.support import graphs
from tests.support.paths import ROOT


@pytest.fixture(scope="module")
def shipped() -> Registry:
    return Registry(ROOT / "weights", "cpu")


def test_the_table_knows_the_titles_in_the_shipped_files(shipped: Registry) -> None:
    for name, old in titles.SHOWN:
        if name in shipped.entries:
            assert shipped.card(name).title in (old, titles.SHOWN[name, old]), name


def test_a_recipe_exports_the_title_that_the_table_shows() -> None:
    exported: dict[str, str] = {}
    for name in recipe.names():
        first, *others = recipe.find(name, "gpu").graphs()
        exported |= {name: first.card.title} | {other.card.name: other.card.title for other in others}
    shown = {name: title for (name, _), title in titles.SHOWN.items()}
    assert {name: exported[name] for name in shown} == shown


def test_titles_differ_within_every_tab_and_group(shipped: Registry) -> None:
    tabs = {tab for entry in shipped.entries.values() for tab in entry.card.tabs} - {"compare"}
    for names in [*(shipped.names(tab) for tab in tabs), *shipped.groups().values()]:
        shown = [titles.title(shipped, name) for name in names]
        assert len(set(shown)) == len(shown)


def test_a_translation_says_what_goes_in_and_what_comes_out(shipped: Registry) -> None:
    assert all("→" in titles.title(shipped, name) for name in shipped.names("translate"))


def test_a_model_with_a_title_of_its_own_keeps_it(tmp_path: Path) -> None:
    graphs.save(tmp_path, replace(graphs.CARD, name="street", title="My street"))
    graphs.save(tmp_path, replace(graphs.CARD, name="untitled", title=""))
    registry = Registry(tmp_path, "cpu")
    assert titles.title(registry, "street") == titles.of_card(registry.card("street")) == "My street"
    assert titles.title(registry, "untitled") == titles.of_card(registry.card("untitled")) == "untitled"


def test_no_task_is_shown_with_a_word_that_is_not_used_any_more(shipped: Registry) -> None:
    shown = {titles.task(entry.card) for entry in shipped.entries.values()}
    assert "skeleton → character" in shown
    assert not any("stick" in task for task in shown)
    assert titles.task(replace(graphs.CARD, task="night → day")) == "night → day"
