"""Test in a real Chromium that no tab gives an earlier result while a new one is computed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support import graphs
from tests.support.browser_steps import stroke, tab, until

pytestmark = pytest.mark.browser


@contextmanager
def held(page: Any, address: str = "**/gradio_api/queue/join*") -> Iterator[list[Any]]:
    """Hold back every request for a computation until the block ends; gives the list of them."""
    waiting: list[Any] = []
    open_again = False
    page.route(address, lambda route: route.continue_() if open_again else waiting.append(route))
    try:
        yield waiting
    finally:
        open_again = True
        for route in waiting:
            route.continue_()


def upload(page: Any, path: Path, size: tuple[int, int], level: int) -> None:
    Image.new("RGB", size, (level,) * 3).save(path)
    panel(page).locator("input[type=file]").first.set_input_files(path)


def panel(page: Any) -> Any:
    return page.get_by_role("tabpanel").locator("visible=true")


@pytest.mark.parametrize(
    ("name", "model", "said", "file"),
    [
        ("Colorize", "Cautious (L2)", "{} pixels", "second-colorize-l2.png"),
        ("Enlarge", "Live", "{} →", "second-enlarge-live.png"),
        ("Translate", "Invert", "{} pixels", "second-invert.png"),
    ],
)
def test_a_result_is_dimmed_and_not_to_be_fetched_until_the_new_one_is_there(
    page: Any, tmp_path: Path, name: str, model: str, said: str, file: str
) -> None:
    page.set_default_timeout(20_000)
    tab(page, name)
    zone, fetch = f"#{name.lower()}-result", panel(page).get_by_role("button", name="Download result")
    page.locator(f"{zone}:not(.outdated)").get_by_text(said.format("256 × 256")).wait_for()
    with held(page):
        upload(page, tmp_path / "first.png", (70, 50), 100)
        page.locator(f"{zone}.outdated").get_by_text("Computing …").wait_for()
        assert fetch.is_disabled()
    page.locator(f"{zone}:not(.outdated)").get_by_text(said.format("70 × 50")).wait_for()
    assert fetch.is_enabled()
    with held(page) as waiting:
        panel(page).get_by_label(model, exact=True).first.check(force=True)
        page.locator(f"{zone}.outdated").get_by_text("Computing …").wait_for()
        upload(page, tmp_path / "second.png", (40, 30), 200)
        page.locator("img[src*='second.png']").first.wait_for()
        assert fetch.is_disabled()
        assert waiting
    page.locator(f"{zone}:not(.outdated)").get_by_text(said.format("40 × 30")).wait_for()
    with page.expect_download() as download:
        fetch.click()
    assert download.value.suggested_filename == file
    assert np.asarray(Image.open(download.value.path())).shape[:2] in ((30, 40), (120, 160))


def test_a_grid_is_dimmed_until_the_new_one_fills(page: Any) -> None:
    page.set_default_timeout(20_000)
    tab(page, "Compare")
    page.locator("#compare-result:not(.outdated) figure img").nth(3).wait_for()
    before = page.locator("#grid img").first.get_attribute("src")
    with held(page):
        panel(page).locator(".strip button").nth(2).click()
        page.locator("#compare-result.outdated").wait_for()
        assert page.locator("#grid img").first.get_attribute("src") == before
    page.wait_for_function("old => document.querySelector('#grid img').src !== old", arg=before)
    page.locator("#compare-result:not(.outdated) figure img").nth(3).wait_for()


def test_after_a_bad_picture_the_old_result_cannot_be_fetched_and_a_good_one_can(page: Any, tmp_path: Path) -> None:
    page.set_default_timeout(20_000)
    tab(page, "Colorize")
    fetch = panel(page).get_by_role("button", name="Download result")
    page.locator("#colorize-result:not(.outdated)").get_by_text("256 × 256 pixels").wait_for()
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    panel(page).locator("input[type=file]").first.set_input_files(tmp_path / "bad.png")
    page.locator("#colorize-result.outdated").get_by_text("There is no result for this input.").wait_for()
    assert fetch.is_disabled()
    page.get_by_role("tabpanel").locator("visible=true").locator(".strip button").first.click()
    page.locator("#colorize-result:not(.outdated)").get_by_text("256 × 256 pixels").wait_for()
    assert fetch.is_enabled()


SERVER = "**/gradio_api/component_server*"
"""Where the pages of our own ask for their results."""


def test_a_drawings_result_is_dimmed_and_not_to_be_saved_until_the_new_one_is_there(page: Any) -> None:
    page.set_default_timeout(20_000)
    save = page.get_by_role("button", name="Save result").locator("visible=true")
    page.locator(".draw-graphs button").first.wait_for()
    until(page, ".draw-result", 100, 100, (255, 170, 0))
    with held(page, SERVER):
        stroke(page, (30, 30), (220, 30))
        page.locator(".draw-result.outdated").wait_for()
        assert save.is_disabled()
    page.locator(".draw-result:not(.outdated)").wait_for()
    assert save.is_enabled()


def test_a_filled_picture_is_dimmed_and_not_to_be_saved_until_the_new_one_is_there(page: Any) -> None:
    page.set_default_timeout(20_000)
    tab(page, "Fill")
    page.locator(".fill-result:not(.outdated)").wait_for()
    with held(page, SERVER):
        box = page.locator(".fill-mask").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.locator(".fill-result.outdated").wait_for()
        assert page.locator(".fill [data-do=save]").is_disabled()
        assert page.locator(".fill [data-do=keep]").is_disabled()
    page.locator(".fill-result:not(.outdated)").wait_for()
    assert page.locator(".fill [data-do=save]").is_enabled()


def test_the_result_of_a_model_of_ones_own_is_dimmed_until_the_new_one_is_there(page: Any, tmp_path: Path) -> None:
    page.set_default_timeout(20_000)
    tab(page, "Models")
    page.locator("input[type=file][accept='.onnx']").set_input_files(graphs.save(tmp_path, graphs.CARD))
    fetch, size = panel(page).get_by_role("button", name="Download result"), page.locator("#third-party [type=radio]")
    Image.new("L", (21, 13)).save(tmp_path / "own.png")
    page.locator("#third-party input[type=file]").set_input_files(tmp_path / "own.png")
    page.locator("#models-result:not(.outdated)").get_by_text("21 × 13 pixels").wait_for()
    with held(page):
        size.nth(1).check(force=True)
        page.locator("#models-result.outdated").get_by_text("Computing …").wait_for()
        assert fetch.is_disabled()
    page.locator("#models-result:not(.outdated)").get_by_text("21 × 13 pixels").wait_for()
    panel(page).locator("button:enabled", has_text="Download result").wait_for()
