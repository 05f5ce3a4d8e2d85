"""Test the Enlarge tab without a browser: results, stopping, batches of files, the side-by-side view."""

import io
import threading
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from synth.app import controls
from synth.app.tabs import enlarge, side_by_side
from synth.pixels import images
from synth.runtime import tiles
from synth.runtime.registry import Registry
from tests.support import graphs, pictures

pytestmark = pytest.mark.usefixtures("cache")
FILE = "cat-enlarge.png"


def large(image: np.ndarray) -> np.ndarray:
    """What the tests' own graphs make of a picture."""
    return image.repeat(4, 0).repeat(4, 1)


def test_a_result_can_be_fetched_whole_with_its_transparency(registry: Registry) -> None:
    image = graphs.noise(30, 40, 4)
    image[..., 3] |= 1  # nothing is quite hidden
    *_, values = enlarge.enlarged(registry.graph("enlarge"), image, threading.Event(), FILE)
    (plain, shown), fetch, status, state, stop = values
    assert plain.shape == shown.shape == (120, 160, 3)
    assert np.array_equal(np.asarray(Image.open(fetch)), large(image))
    assert "40 × 30 → 160 × 120 pixels" in status
    assert state == ""
    assert not stop.visible


def test_of_a_large_result_the_middle_is_shown(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enlarge, "SHOWN", 80)
    image = graphs.noise(30, 40, 3)
    *_, ((plain, shown), _, status, *_) = enlarge.enlarged(registry.graph("enlarge"), image, threading.Event(), FILE)
    assert np.array_equal(shown, large(image[5:25, 10:30]))
    assert plain.shape == shown.shape
    assert "Only the middle is shown" in status


def test_progress_is_told_and_work_can_be_stopped(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiles, "TILE", 8)
    monkeypatch.setattr(enlarge, "EVERY", 0)
    stopped = threading.Event()
    steps = enlarge.enlarged(registry.graph("enlarge"), graphs.noise(30, 40, 3), stopped, FILE)
    first = next(steps)
    assert "5%" in first[3]
    assert first[4].visible
    stopped.set()
    last = next(steps)
    assert last[:4] == [None, None, "Stopped.", ""], "no earlier result stays to be fetched"
    assert not last[4].visible
    assert list(steps) == []


def test_what_would_be_too_large_is_refused_before_anything_runs(registry: Registry) -> None:
    with pytest.raises(ValueError, match=r"megapixels, .* GB; the limit is 200"):
        next(enlarge.enlarged(registry.graph("enlarge"), np.zeros((4000, 6000, 3), np.uint8), threading.Event(), FILE))


def test_many_files_keep_their_transparency(registry: Registry, tmp_path: Path) -> None:
    image = pictures.noise(20, 10)
    image.putalpha(77)
    image.save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"bad")
    paths = [str(tmp_path / name) for name in ("a.png", "b.png")]
    archive, report = enlarge.many(registry.graph("enlarge"), paths, lambda *_, **__: None)
    assert archive is not None
    with zipfile.ZipFile(archive) as file:
        made = np.asarray(Image.open(io.BytesIO(file.read("a.png"))))
    assert np.array_equal(made, large(np.asarray(image)))
    assert "1 done" in report
    assert "b.png" in report


def test_quality_comes_first_and_the_largest_factor(registry: Registry) -> None:
    assert side_by_side.ordered(registry) == ["enlarge", "enlarge-live"]
    with pytest.raises(ValueError, match="no model"):
        controls.one_of(["enlarge"], "street")


def test_every_graph_enlarges_the_same_part(registry: Registry) -> None:
    image = graphs.noise(90, 70, 3)
    *_, page = side_by_side.panels(registry, "enlarge", image, large(image), None)
    assert [title for title in ("Ground truth", "Bicubic", "Quality", "Live") if f"<figcaption>{title}" in page] == [
        "Ground truth", "Bicubic", "Quality", "Live",
    ]  # fmt: skip
    *_, page = side_by_side.panels(registry, "enlarge", image, image, None)
    assert "Ground truth" not in page  # of another size: not the truth of this one


def test_the_part_is_where_the_detail_is_or_where_it_is_clicked() -> None:
    image = np.zeros((100, 120, 3), np.uint8)
    image[40:56, 70:86] = graphs.noise(16, 16, 3)
    top, left = side_by_side.busiest(image, 20)
    assert 36 <= top <= 40
    assert 66 <= left <= 70
    assert side_by_side.corner((3, 98), 20, (100, 120)) == (80, 0)
    assert side_by_side.corner((60, 50), 20, (100, 120)) == (40, 50)
    assert side_by_side.corner((2, 2), 20, (5, 5)) == (0, 0)
    assert side_by_side.busiest(image[:1, :1], 20) == (0, 0)


@pytest.mark.parametrize("place", ["x", [1], [None, 2], {"x": 1}])
def test_a_place_that_is_none_says_so(place: Any) -> None:
    with pytest.raises(ValueError, match="not a position"):
        side_by_side.corner(place, 20, (100, 120))


def test_transparency_is_shown_on_white() -> None:
    image = np.zeros((1, 3, 4), np.uint8)
    image[0, :, 3] = 0, 255, 51
    assert images.on_white(image)[0, :, 0].tolist() == [255, 0, 204]
