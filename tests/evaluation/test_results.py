"""Test that the tables and images of the READMEs are made from the cards and the graphs only."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from export.__main__ import main as export
from synth.card import Card, Input
from synth.evaluation.overview import PANEL, overview, strip
from synth.evaluation.results import BEGIN, BEGIN_HEADLINES, END, END_HEADLINES, kept, results
from synth.evaluation.tables import headlines, protocols, table, tables
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
    assert rows[0] == "| Graph | What | FID ↓ | PSNR, dB ↑ | Parameters, millions | Images seen | Preset |"
    assert rows[2] == "| `a` |  | **90.0** | 12.00 | 1.4 | 18,000 |  |"
    assert rows[3] == "| `b` |  | 120.0 | **14.00** | 0.0 | 0 |  |"


def test_what_is_the_same_for_all_is_no_best():
    cards = [
        Card(name=n, group="g", metrics={"FID": 1.0, "PSNR": p}, parameters=53_000) for n, p in (("a", 3), ("b", 4))
    ]
    assert table(cards).splitlines()[3] == "| `b` |  | 1.0 | **4.00** | 0.05 | 0 |  |"


def test_what_looks_the_same_as_the_best_is_bold_too():
    cards = [Card(name=n, group="g", metrics={"PSNR": p}) for n, p in (("a", 3.001), ("b", 3.002), ("c", 2.0))]
    assert table(cards).count("**3.00**") == 2


def test_a_spread_stands_beside_its_metric_and_colourfulness_has_no_best():
    text = table(
        [
            Card(name=n, group="g", metrics={"KID": 0.25, "KID std": 0.011, "colourfulness": v})
            for n, v in (("a", 1), ("b", 2))
        ]
    )
    assert "| 0.250 ± 0.011 | 1.0 |" in text
    assert "**" not in text


def test_a_reference_that_is_the_same_for_all_stands_below_the_table():
    true = {"FCN IoU, true photos": 0.371, "pose, true video": 97.0}
    cards = [Card(name="a", metrics=true), Card(name="b", metrics={**true, "pose, true video": 90.0})]
    *rows, below = table(cards).strip().splitlines()
    assert below == "For comparison: FCN class IoU, true photos 0.371."
    assert rows[0].count("true") == 1
    assert "For comparison" not in table(cards[:1])


def test_each_kind_of_graph_has_its_table():
    text = tables(
        [
            Card(name="paired", metrics={"FID": 1.0}),
            Card(name="unpaired", metrics={"FID": 1.0, "FID, input": 2.0}),
            Card(name="larger", scale=4),
            Card(name="dancer", inputs=(Input(kind="previous"), Input(kind="figure"))),
            Card(name="joints", gives="keypoints"),
        ]
    )
    order = ("Characters", "dancer", "Paired", "`paired`", "Unpaired", "`unpaired`", "Enlargement", "larger", "Pose")
    assert [text.index(word) for word in order] == sorted(text.index(word) for word in order)


def test_graphs_that_stand_alone_are_no_contest():
    assert "**" not in table([Card(name="a", metrics={"FID": 1.0}), Card(name="b", metrics={"FID": 2.0})])


def test_each_protocol_stands_once_and_what_is_alike_tells_the_difference_alone():
    text = "{} test pairs of {}, resized to {} pixels; no jitter, no flip, no dropout; run by ONNX Runtime on CPU."
    made = {name: text.format(n, name, 256) for name, n in (("a", 200), ("b", 94))}
    one, two, same = (Card(name=name, protocol=made[key]) for name, key in (("a", "a"), ("b", "b"), ("bb", "b")))
    other = Card(name="c", protocol="Crops around one person, each run once; found within a fifth of the torso.")
    assert protocols([same, one, two, other, Card(name="d")]) == [
        f"- `a`: {made['a']}\n  - `b`, `bb`: as `a`, but 94 test pairs of b",
        f"- `c`: {other.protocol}",
    ]


def test_a_difference_within_parentheses_is_told_whole():
    text = "Pictures of one kind, each run once and by itself (bicubic, {} of them), on the processor and nothing else."
    cards = [Card(name=str(n), protocol=text.format(n)) for n in (1, 2)]
    assert protocols(cards)[0].endswith("as `1`, but each run once and by itself (bicubic, 2 of them)")


def test_ablations_are_folded_away_and_what_ships_is_not():
    cards = [
        Card(name="a", group="Losses", tabs=("compare",), metrics={"FID": 1.0}),
        Card(name="b", group="Colours", tabs=("colorize",), metrics={"AuC": 2.0}),
        Card(name="c", scale=4, metrics={"ST-LPIPS": 0.1}),
    ]
    text = tables(cards)
    assert "<details><summary>Losses</summary>" in text
    assert "**Colours**" in text
    assert text.index("**Enlargement**") < text.index("**Colours**")


def test_headlines_have_the_plainest_graph_of_each_recipe_and_its_most_telling_metrics():
    cards = [
        Card(name="street-l1", recipe="street-l1", task="x → y", metrics={"FID": 1.0}),
        Card(name="street", recipe="street", task="x → y", metrics={"L1": 5.0, "FID": 238.74, "ST-LPIPS": 0.4085}),
        Card(name="ablation", recipe="maps", tabs=("compare",), metrics={"FID": 1.0}),
        Card(name="unmeasured", recipe="fill"),
    ]
    assert headlines(cards).splitlines()[2:] == ["| `street` | x → y | FID 238.7 ↓ · ST-LPIPS 0.408 ↓ |"]


def test_the_readmes_are_what_the_cards_say():
    assert results(ROOT / "weights", ROOT / "README.md", check=True) == 0


def test_a_guide_without_marks_ends_in_a_sentence(tmp_path: Path):
    (tmp_path / "README.md").write_text("# something")
    with pytest.raises(ValueError, match="lacks the marks"):
        results(tmp_path, tmp_path / "README.md")


def test_results_in_another_folder_names_what_is_missing(tmp_path: Path):
    with pytest.raises(ValueError, match=r"There is no file .*README\.md\. Run this in the folder of synth"):
        results(tmp_path / "weights", tmp_path / "README.md", check=True)


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


def test_the_strip_has_a_column_for_each_graph_that_is_there(tmp_path: Path):
    registry = Registry(graphs.registry(tmp_path), "cpu")
    save(
        tmp_path / "examples/fill/mask.png",
        np.full((256, 256, 3), 255, np.uint8) * (np.arange(256) < 128)[:, None, None],
    )
    strip(registry, tmp_path / "strip.png")
    shown, (width, height) = images.read(tmp_path / "strip.png"), PANEL
    assert 3 * width < shown.shape[1] < 4 * width  # colorize, enlarge, fill; no graph named see-street
    column = shown[:, shown.shape[1] - width :]
    assert (column[50, width // 2] == (233, 70, 130)).all()  # what is marked has the colour of a brush
    assert (column[height + 8 + 50, width // 2] == graphs.GREEN).all()
    assert shown[2 * height + 8 :].min() < 100  # a caption
    strip(Registry(tmp_path / "examples", "cpu"), tmp_path / "none.png")
    assert not (tmp_path / "none.png").exists()


def test_only_the_parts_between_the_marks_are_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    guide, readme = tmp_path / "weights/README.md", tmp_path / "README.md"
    guide.parent.mkdir()
    graphs.save(guide.parent, replace(graphs.CARD, metrics={"FID": 5.0}))
    guide.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    readme.write_text("# synth\n")
    assert results(guide.parent, readme, check=True) == 1
    assert f"{guide} is out of date" in capsys.readouterr().out
    assert guide.read_text().splitlines()[2] == "old"
    assert results(guide.parent, readme) == 0
    assert "is not changed" in capsys.readouterr().out
    assert readme.read_text() == "# synth\n"
    lines = guide.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert "old" not in lines
    assert "| `invert` | Invert | 5.0 |" in guide.read_text()
    assert results(guide.parent, readme, check=True) == 0


def test_the_readme_gets_the_headlines_alone(tmp_path: Path):
    weights, readme = tmp_path / "weights", tmp_path / "README.md"
    weights.mkdir()
    graphs.save(weights, replace(graphs.CARD, metrics={"FID": 5.0, "SSIM": 0.5}))
    (weights / "README.md").write_text(f"{BEGIN}\n{END}\n")
    readme.write_text(f"before\n{BEGIN_HEADLINES}\n{END_HEADLINES}\nafter\n")
    assert results(weights, readme) == 0
    assert readme.read_text().splitlines()[1:-2] == [
        BEGIN_HEADLINES,
        "| Model | From → to | On held-out pictures |",
        "| --- | --- | --- |",
        "| `invert` | A picture's negative | FID 5.0 ↓ |",
    ]


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
    assert "° measured like the others" in text
    assert "`ships`°" not in text
