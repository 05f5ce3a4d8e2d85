"""Test label maps of class numbers in every tab, the API and ``apply``: painted and said, or refused."""

import os
from dataclasses import replace
from pathlib import Path

import gradio as gr
import numpy as np
import pytest

from synth.__main__ import main
from synth.app.api import api
from synth.app.canvas import decode
from synth.app.tabs import batch, compare, draw, translate
from synth.card import Input
from synth.pixels import images
from synth.pixels.palette import CITYSCAPES, IDS, STREETS, paint
from synth.runtime import provenance
from synth.runtime.encode import data_address
from synth.runtime.registry import Registry
from synth.runtime.run import OWN, TRAINED, run
from tests.support import graphs, pictures

pytestmark = pytest.mark.usefixtures("cache")
NAMES = [color[0] for color in STREETS]
PLAIN = paint(pictures.street(NAMES), STREETS)
NUMBERS = pictures.gray(pictures.street(list(IDS)))
UNKNOWN = pictures.gray(pictures.street(["sky", "building", "pole", "road", "sidewalk", "vegetation", "person"]))
SAID = "Cityscapes ids"
CARD = replace(
    graphs.CARD, name="streets", tabs=("translate", "draw", "compare"), group="streets", size=64,
    inputs=(Input(kind="labels", palette=CITYSCAPES),),
)  # fmt: skip


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    (tmp_path / "weights").mkdir()
    for name in ("streets", "streets-l1"):
        graphs.save(tmp_path / "weights", replace(CARD, name=name, recipe=name))
    return Registry(tmp_path / "weights", "cpu")


def upload(image: np.ndarray) -> dict[str, object]:
    path = pictures.save(Path(os.environ["GRADIO_TEMP_DIR"]) / "upload" / "labels.png", image)
    return {"path": str(path), "meta": {"_type": "gradio.FileData"}}


@pytest.mark.parametrize("size", [OWN, TRAINED])
def test_a_run_paints_and_says_it(registry: Registry, size: str):
    made, wanted = run(registry.graph("streets"), NUMBERS, size), run(registry.graph("streets"), PLAIN, size)
    assert np.array_equal(made.result, wanted.result)
    assert np.array_equal(made.input, wanted.input)
    assert SAID in made.notice
    assert wanted.notice == ""


def test_the_translate_tab_says_it_below_the_result(registry: Registry):
    graph = registry.graph("streets")
    assert SAID in translate.present(graph, run(graph, NUMBERS), "a.png")[2]
    with pytest.raises(gr.Error, match="class numbers"):
        translate.Page(registry).result("streets", UNKNOWN, OWN, False, translate.PICTURE)


def test_many_files_say_it_in_their_report(registry: Registry, tmp_path: Path):
    files = [str(pictures.save(tmp_path / name, image)) for name, image in (("a.png", NUMBERS), ("b.png", UNKNOWN))]
    _, report = batch.translate_many(registry.graph("streets"), files, OWN, lambda at, **_: None)
    assert "“a.png”: This label map holds class numbers (Cityscapes ids)" in report
    assert "“b.png”: This label map holds class numbers (grey levels 0 to 6)" in report


def test_the_draw_tab_says_it(registry: Registry):
    square = np.ascontiguousarray(NUMBERS[:, :64])
    translate_drawing, *_ = draw.functions(registry)
    answer = translate_drawing({"graph": "streets", "png": data_address(square)})
    assert SAID in answer["warning"]
    assert np.array_equal(decode(answer["png"], "drawing", 10**6, 10**6), 255 - PLAIN[:, :64])
    answer = translate_drawing({"graph": "streets", "png": data_address(np.ascontiguousarray(PLAIN[:, :64, ::-1]))})
    assert "Red and blue are swapped" in answer["error"]


def test_the_compare_tab_says_it_beside_the_input(registry: Registry):
    *_, grid = compare.panels(registry, ["streets"], NUMBERS, None, OWN)
    assert SAID in grid
    with pytest.raises(ValueError, match="class numbers"):
        list(compare.panels(registry, ["streets"], UNKNOWN, None, OWN))


def test_the_api_says_it_in_the_file_and_in_the_answer(registry: Registry):
    for make in (api._translate, api._draw):
        made = make(registry)(upload(NUMBERS), "streets")
        assert f"{SAID}); they were translated" in provenance.read_xmp(Path(made.path))
        with pytest.raises(gr.Error, match="class numbers"):
            make(registry)(upload(UNKNOWN), "streets")
    plain = api._translate(registry)(upload(PLAIN), "streets")
    assert provenance.read_xmp(Path(plain.path)).count("synthesized by synth.<") == 1
    compared = api._compare(registry)(upload(NUMBERS), "streets")
    assert [SAID in one["notice"] for one in compared] == [True, True]


def test_apply_says_it_once_and_names_what_it_refuses(registry: Registry, tmp_path: Path, capsys):
    folder, out = tmp_path / "in", tmp_path / "out"
    for name, image in {"a": NUMBERS, "b": NUMBERS, "c": PLAIN, "d": UNKNOWN}.items():
        pictures.save(folder / f"{name}.png", image)
    given = ["--weights", str(tmp_path / "weights"), "--provider", "cpu", "--workers", "1"]
    assert main(["apply", "streets", str(folder), str(out), *given]) == 1
    said = capsys.readouterr().out
    assert said.count(SAID) == 1
    assert "“a.png”: This label map holds class numbers (Cityscapes ids)" in said
    assert "(1 more like it)" in said
    assert "“d.png”: This label map holds class numbers (grey levels 0 to 6)" in said
    for name in "ab":
        assert np.array_equal(images.read(out / f"{name}.png"), images.read(out / "c.png"))
