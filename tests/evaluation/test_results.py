"""The README's tables come from the cards and from nothing else."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.__main__ import main as export
from synth.card import Card
from synth.evaluation.results import BEGIN, END, kept, overview, protocols, results, table, tables
from synth.pixels import images
from synth.runtime.registry import Registry
from tests.support import graphs
from tests.support.paths import ROOT
from tests.support.pictures import blocks, save


def test_the_best_of_a_group_is_bold_whichever_way_is_better():
    rows = table(
        [
            Card(name="a", group="g", metrics={"FID": 90.04, "PSNR": 12.0}, parameters=1_400_000, images=18_000),
            Card(name="b", group="g", metrics={"FID": 120.0, "PSNR": 14.0}),
        ]
    ).splitlines()
    assert rows[0] == "| graph | what | FID | PSNR | M parameters | images seen | preset |"
    assert rows[2] == "| `a` |  | **90.0** | 12.0 | 1.4 | 18,000 |  |"
    assert rows[3] == "| `b` |  | 120.0 | **14.0** | 0.0 | 0 |  |"


def test_what_is_the_same_for_all_is_no_best():
    cards = [
        Card(name=n, group="g", metrics={"FID": 1.0, "PSNR": p}, parameters=53_000) for n, p in (("a", 3), ("b", 4))
    ]
    assert table(cards).splitlines()[3] == "| `b` |  | 1.000 | **4.000** | 0.05 | 0 |  |"


def test_graphs_of_unpaired_tasks_have_a_table_of_their_own():
    text = tables([Card(name="a", metrics={"FID": 1.0}), Card(name="b", metrics={"FID": 1.0, "FID, input": 2.0})])
    assert text.index("`a`") < text.index("**Nothing paired**") < text.index("`b`")


def test_graphs_that_stand_alone_are_no_contest():
    assert "**" not in table([Card(name="a", metrics={"FID": 1.0}), Card(name="b", metrics={"FID": 2.0})])


def test_a_protocol_that_differs_in_numbers_only_stands_once():
    text = "{} test pairs of {}, resized to {} pixels; no jitter, no flip, no dropout; run by ONNX Runtime on CPU."
    one, two = (Card(name=name, protocol=text.format(n, name, 256)) for name, n in (("a", 200), ("b", 94)))
    other = Card(name="c", protocol="Crops around one person, each run once; found within a fifth of the torso.")
    found = protocols([one, two, other, Card(name="d")])
    assert [line.split(":")[0] for line in found] == [
        "- `a` (and alike, on the sets and sizes that stand in their cards",
        "- `c`",
    ]
    assert found[0].endswith(one.protocol)


def test_ablations_are_folded_away_and_what_ships_is_not():
    cards = [
        Card(name="a", group="Losses", tabs=("compare",), metrics={"FID": 1.0}),
        Card(name="b", group="Colours", tabs=("colorize",), metrics={"AuC": 2.0}),
        Card(name="c", scale=4, metrics={"ST-LPIPS": 0.1}),
    ]
    text = tables(cards)
    assert "<details><summary>Losses</summary>" in text
    assert "**Colours**" in text
    assert text.index("**Enlarged**") < text.index("**Colours**")


def test_the_readme_is_what_the_cards_say():
    assert results(ROOT / "weights", ROOT / "README.md", check=True) == 0


def test_a_readme_without_marks_ends_in_a_sentence(tmp_path: Path):
    (tmp_path / "README.md").write_text("# something")
    with pytest.raises(ValueError, match="lacks the marks"):
        results(tmp_path, tmp_path / "README.md")


def test_the_picture_shows_every_graph_that_has_examples(tmp_path: Path):
    for number, partner in enumerate(("", "g2", "g1", "gone")):  # the last is of a way there without one back
        name = f"g{number}"
        tabs = ("translate",) if partner else ("translate", "draw")
        graphs.save(tmp_path, replace(graphs.CARD, name=name, tabs=tabs, partner=partner))
        save(tmp_path / "examples" / name / "input" / "a.png", blocks(number))
    overview(Registry(tmp_path, "cpu"), tmp_path / "overview.png", columns=2, side=40)
    shown = images.read(tmp_path / "overview.png")
    assert shown.shape == (160, 160, 3)
    for number, (top, left) in enumerate([(0, 0), (0, 80), (80, 0)]):
        inner = (slice(top + 4, top + 6), slice(left + 4, left + 6))  # the middle of a block
        assert np.abs(shown[inner].astype(int) - blocks(number)[4:6, 4:6]).max() < 8


def test_only_the_part_between_the_marks_is_replaced(tmp_path: Path):
    (tmp_path / "README.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    assert results(tmp_path, tmp_path / "README.md", check=True) == 1
    assert (tmp_path / "README.md").read_text().splitlines()[2] == "old"


def test_a_graph_that_is_shelved_leaves_its_row_and_no_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    measured = replace(graphs.CARD, name="floor", metrics={"FID": 90.0}, images=7)
    graphs.save(tmp_path, measured)
    graphs.save(tmp_path, replace(graphs.CARD, name="never"))
    assert export(["shelve", "never", "--weights", str(tmp_path)]) == 2
    assert "There are no metrics in never" in capsys.readouterr().err
    assert export(["shelve", "floor", "--weights", str(tmp_path)]) == 0
    assert [file.name for file in tmp_path.glob("*.onnx")] == ["never.onnx"]
    assert [card.name for card in kept(tmp_path)] == ["floor"]
    assert kept(tmp_path)[0] == measured
    text = tables([replace(graphs.CARD, name="ships", metrics={"FID": 80.0})], kept(tmp_path))
    assert "| `ships` |" in text
    assert "| `floor`° |" in text
    assert "° measured" in text
    assert "°" not in tables([measured])
