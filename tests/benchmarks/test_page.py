"""Test the benchmark of the static page: it reads the page's timings and names missing requirements."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from export import runtime, web
from synth.benchmarks import page
from synth.benchmarks.served import CHROMIUM
from tests.support import dancers, graphs
from tests.support.bundled_names import company
from tests.support.live_page import swaying


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The page of tiny graphs in a Chromium whose camera shows a person of dots."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    try:
        runtime.package()
    except ValueError as problem:
        pytest.skip(str(problem))
    out = tmp_path_factory.mktemp("page")
    web.write(out, weights=company(tmp_path_factory.mktemp("company")))
    with page.opened(out, swaying()) as one:
        yield one


@pytest.mark.browser
def test_every_picture_of_a_drawing_graph_is_timed(opened: Any):
    found = page.draw(opened, "emoji")
    assert len(found) == 1 + page.RUNS
    assert all(0 < value < 60_000 for value in found)


@pytest.mark.browser
@pytest.mark.slow
def test_the_camera_is_watched(opened: Any, capsys: pytest.CaptureFixture[str]):
    said = page.watch(opened, "dance-ava", 3)
    with capsys.disabled():
        print(f"\n{said}")
    assert said.startswith("dance-ava: ")
    assert "WebAssembly" in said
    assert int(said.split()[1]) > 0


def test_what_is_missing_ends_in_a_sentence(tmp_path: Path):
    with pytest.raises(ValueError, match="There is no character"):
        next(page.report(graphs.registry(tmp_path), None, None, 1))
    dancers.fill(tmp_path)
    with pytest.raises(ValueError, match=r"no character .dance-nobody. .* There are: dance-dots"):
        next(page.report(tmp_path, "dance-nobody", None, 1))
    with pytest.raises(ValueError, match="python -m export again dance-dots"):
        next(page.report(tmp_path, "dance-dots", None, 1, background=True))
    (tmp_path / "pose.onnx").unlink()
    with pytest.raises(ValueError, match=r"pose\.onnx, which finds people, is not in"):
        next(page.report(tmp_path, None, None, 1))
