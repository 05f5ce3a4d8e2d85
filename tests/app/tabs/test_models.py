"""Test the Compare and Models tabs without a browser: how cards and graphs are shown."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth.app.tabs import compare, models, translate
from synth.runtime import examples, run
from synth.runtime.registry import Registry
from tests.support import dancers, graphs, pictures


def test_a_comparison_fills_panel_by_panel(registry: Registry) -> None:
    image = np.asarray(pictures.noise(256, 256))
    pages = list(compare.panels(registry, compare.ordered(registry)["facades"], image, image, run.OWN))
    assert [page.count("<img") for page in pages] == [2, 3, 4]
    assert [page.count("class=wait") for page in pages] == [2, 1, 0]
    assert re.findall(r"<figcaption>([^<]+)", pages[-1]) == ["Input", "Ground truth", "l1", "cgan"]


def test_examples_of_a_set_are_shared_by_its_variants_and_carry_the_truth(registry: Registry) -> None:
    found = examples.find(registry, "facades-l1")
    assert found == examples.find(registry, "facades")
    assert [example.target and example.target.name for example in found] == ["0.png", "1.png", "2.png"]


def test_untrusted_cards_cannot_write_html() -> None:
    evil = "<script>alert(1)</script>"
    card = replace(graphs.CARD, title=evil, task=evil, data=evil, licence=evil, protocol=evil, metrics={evil: 1.0})
    assert "<script" not in models.row(card, 1, evil)
    assert "<script" not in compare.panel(evil, np.zeros((4, 4, 3), np.uint8), [evil])
    assert "<b>" in translate.describe(card)
    assert "<script" not in translate.describe(card)


def test_every_graph_is_in_the_table(registry: Registry) -> None:
    assert models.table_of(registry).count("parameters<small>") == len(registry.entries)


def test_metrics_stand_with_their_spread_and_unit() -> None:
    card = replace(graphs.CARD, metrics={"KID": 0.2571, "KID std": 0.0114, "L1": 33.12})
    row = models.row(card, 1, "CPU")
    assert "<span>KID 0.257 ± 0.011</span><span>L1 33.12 grey levels</span>" in row


def test_a_small_network_has_parameters() -> None:
    assert models.network(replace(graphs.CARD, parameters=38_000), 1)[0] == "0.04 M parameters"
    assert models.network(replace(graphs.CARD, parameters=1_660_000), 1)[0] == "1.7 M parameters"


def test_a_card_shows_all_it_knows() -> None:
    card = replace(
        graphs.CARD, notes="No <dropout>.", gmac=0.63, protocol="200 pairs", metrics={"L1": 33.1}, preset="cpu"
    )
    for text in (models.row(card, 2**21, "CPU"), models.facts(card, 2**21, "CPU")):
        assert "No &lt;dropout&gt;." in text
        assert "0.63 billion multiply-adds" in text
        assert "2.0 MB" in text
    assert "200 pairs" in models.row(card, 1, "CPU")


def test_the_table_follows_the_order_of_the_tabs_then_the_plainest_variant(registry: Registry) -> None:
    names = re.findall(r"</b><small>([^<]+)", models.table_of(registry))
    photographs = ["colorize", "colorize-l2", "enlarge", "enlarge-live", "fill", "fill-l2"]
    assert names == ["facades", "emoji", "sketch", *photographs, "invert", "facades-l1", "facades-cgan"]


def test_a_character_that_is_dropped_says_where_it_belongs(tmp_path: Path) -> None:
    registry = Registry(dancers.fill(tmp_path, "dance-dots"), "cpu")
    with pytest.raises(ValueError, match="folder of models and restart"):
        run.run(registry.third_party(registry.entries["dance-dots"].path), np.zeros((64, 64, 3), np.uint8), seconds=9)
