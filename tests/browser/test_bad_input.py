"""Test closing pages in the middle of work: the browser asks before losing work, and nothing is left behind."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from synth.app.server.temporary import MARK
from tests.support import dancers
from tests.support.browser_steps import dancing, start
from tests.support.live_page import swaying
from tests.support.serving import running
from tests.support.walks import film, pictures

pytestmark = pytest.mark.browser
filmed = swaying


@pytest.fixture(scope="module")
def cellar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the app keeps what it is sent and what it makes."""
    return tmp_path_factory.mktemp("cellar")


@pytest.fixture(scope="module")
def address(cellar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    weights, log = dancers.fill(tmp_path_factory.mktemp("weights")), tmp_path_factory.mktemp("log") / "app.log"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(cellar))
        with running(weights, log, "--pose", "synth", seconds=180) as url:
            yield url


@pytest.fixture
def opened(browser: Any, address: str) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1320, "height": 900})
    yield dancing(context.new_page(), address)
    context.close()


def files(folder: Path) -> list[str]:
    """Return the names of all files below the app's temporary folder but the mark by which the app knows it."""
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != MARK)


def close(page: Any) -> list[str]:
    """Close a page as its user does; return the kinds of questions that the browser asks."""
    asked: list[str] = []

    def agree(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    with page.expect_event("close"):
        page.close(run_before_unload=True)
    return asked


@pytest.mark.slow
def test_a_page_closed_while_it_records_asks_first_and_leaves_no_file(opened: Any, cellar: Path) -> None:
    start(opened)
    opened.get_by_role("button", name="Record").click()
    opened.get_by_text("Stop recording").wait_for()
    opened.wait_for_timeout(1500)
    assert close(opened) == ["beforeunload"]
    assert files(cellar) == []


def test_a_page_that_records_nothing_closes_without_a_question(opened: Any) -> None:
    start(opened)
    assert close(opened) == []


@pytest.mark.slow
def test_a_page_closed_while_a_film_is_made_leaves_no_film(opened: Any, cellar: Path, tmp_path: Path) -> None:
    source = film(tmp_path / "walk.mp4", pictures(600))
    opened.locator("#film-in input[type=file]").set_input_files(source)
    opened.locator("#film-in").get_by_label("Clear").wait_for()
    opened.locator("#film-start").click()
    opened.get_by_text("Painting").wait_for()
    assert any(name.endswith(".part") for name in files(cellar)), "half a film"
    close(opened)
    until = time.monotonic() + 60
    while [name for name in files(cellar) if name != source.name] and time.monotonic() < until:
        time.sleep(0.5)
    assert {*files(cellar)} <= {source.name}, "what was sent goes with all that is older than two hours"
