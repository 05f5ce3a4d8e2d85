"""Test the Translate tab without a browser: sizes, limits, files to download, batches of files."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from synth.app import controls
from synth.app.tabs import batch, translate
from synth.pixels.palette import paint
from synth.runtime import run
from synth.runtime.registry import Registry
from synth.runtime.session import open_graph
from tests.support import graphs, pictures

pytestmark = pytest.mark.usefixtures("cache")


def test_own_size_is_kept_and_shrinking_is_asked_for(registry: Registry) -> None:
    image = np.asarray(pictures.noise(501, 300))
    assert run.run(registry.graph("invert"), image).result.shape == (300, 501, 3)
    assert run.run(registry.graph("invert"), image, run.TRAINED).result.shape == (153, 256, 3)


def test_too_many_megapixels_say_what_to_do(registry: Registry) -> None:
    image = np.zeros((3000, 4000, 3), np.uint8)
    with pytest.raises(ValueError, match=r"12\.0 megapixels.*Shrink to 256"):
        run.run(registry.graph("invert"), image)
    assert run.run(registry.graph("invert"), image, run.TRAINED).result.shape == (192, 256, 3)


def test_a_result_can_be_fetched_and_is_exact(registry: Registry) -> None:
    image = np.asarray(pictures.noise())
    graph = registry.graph("invert")
    (before, after), fetch, status = translate.present(graph, run.run(graph, image), "cat-invert.png")
    assert np.array_equal(before, 255 - after)
    assert np.array_equal(np.asarray(Image.open(fetch["value"])), after)
    assert Path(fetch["value"]).name == "cat-invert.png"
    assert "CPU · 40 × 30" in status


def test_a_photograph_for_a_graph_of_labels_is_told_so(registry: Registry) -> None:
    graph, noise = registry.graph("facades"), np.asarray(pictures.noise(90, 80))
    labels = paint(np.arange(9, dtype=np.uint8).reshape(3, 3) % 3, graph.card.inputs[0].palette)
    assert not run.run(graph, labels ^ 7).notice
    assert "Most of this picture" in translate.present(graph, run.run(graph, noise), "a.png")[2]
    assert not run.run(registry.graph("invert"), noise).notice


def test_a_batch_says_of_which_files_it_takes_the_first_frame(tmp_path: Path, registry: Registry) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    _, report = batch.translate_many(registry.graph("invert"), [str(tmp_path / "a.gif")], run.OWN, lambda at, **_: None)
    assert "1 done" in report
    assert "<li>“a.gif”: This is an animation: only its first frame is used.</li>" in report


def test_many_files_share_a_zip_whatever_their_names(tmp_path: Path, registry: Registry) -> None:
    paths = []
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        paths.append(tmp_path / folder / ("Cat.png" if folder == "c" else "cat.png"))
        pictures.noise().save(paths[-1])
    (tmp_path / "bad<b>.png").write_bytes(b"bad")
    (tmp_path / "IMG_1.dng").write_bytes(b"raw")
    steps = []
    archive, report = batch.translate_many(
        registry.graph("invert"),
        [*map(str, paths), str(tmp_path / "bad<b>.png"), str(tmp_path / "IMG_1.dng")],
        run.OWN,
        lambda at, **_: steps.append(at),
    )
    assert archive is not None
    with zipfile.ZipFile(archive) as file:
        assert sorted(file.namelist()) == ["Cat-3.png", "cat-2.png", "cat.png"]
        result = np.asarray(Image.open(io.BytesIO(file.read("cat.png"))))
    assert np.array_equal(result, 255 - np.asarray(pictures.noise()))
    assert steps == [(number, 5) for number in range(5)]
    assert "3 done" in report
    assert "bad&lt;b&gt;.png" in report
    assert "“IMG_1.dng” cannot be used: camera raw files are not read here" in report


def test_many_files_end_in_a_sentence_for_none(registry: Registry) -> None:
    with pytest.raises(ValueError, match="between 1 and"):
        batch.translate_many(registry.graph("invert"), [], run.OWN, None)


def test_a_warning_stands_beside_the_result(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = registry.graph("invert")
    monkeypatch.setattr(graph, "warning", "A <GPU> is not used.")
    assert (
        "A &lt;GPU&gt; is not used."
        in translate.present(graph, run.run(graph, np.asarray(pictures.noise())), "a.png")[2]
    )


@pytest.mark.parametrize(("height", "width"), [(1, 100_000), (4_000_000, 1), (16_385, 200)])
def test_the_limit_counts_the_padding(tmp_path: Path, height: int, width: int) -> None:
    graph = open_graph(graphs.save(tmp_path, replace(graphs.CARD, multiple=256)), "cpu")
    image = np.zeros((height, width, 3), np.uint8)
    with pytest.raises(ValueError, match=r"padded to .* megapixels .*Shrink to 256"):
        run.run(graph, image)
    assert max(run.run(graph, image, run.TRAINED).result.shape) == 256


def test_a_stuck_untrusted_graph_leaves_the_slots_of_the_others(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WAIT_SECONDS", 0.01)
    image = np.asarray(pictures.noise())
    with run._untrusted_slots:
        assert run.run(registry.graph("invert"), image).result.shape == image.shape
        with pytest.raises(ValueError, match="busy"):
            run.run(registry.graph("invert"), image, seconds=1)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("synth-" + "x" * 400 + ".png", "synth-" + "x" * 70 + ".png"),
        ("../日本/a b.png", "日本-a-b.png"),
        ("..", "picture"),
    ],
)
def test_names_of_files_suit_every_system(name: str, plain: str) -> None:
    assert controls.fresh_file(name).name == plain
    controls.fresh_file(name).write_bytes(b"")
