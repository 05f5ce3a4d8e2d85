"""Test the Enlarge tab in a real Chromium."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support import graphs
from tests.support.browser_steps import tab

pytestmark = pytest.mark.browser


def test_enlarge(page: Any, tmp_path: Path) -> None:
    """Opens with a result and all graphs beside it; an own picture is enlarged, can be fetched, and keeps its alpha."""
    tab(page, "Enlarge")
    page.get_by_text("256 × 256 → 1024 × 1024 pixels").wait_for()
    page.locator("#enlarge-grid figure").nth(2).wait_for()
    assert page.locator("#enlarge-grid figcaption").all_inner_texts() == ["Bicubic", "Quality", "Live"]
    pixels = graphs.noise(50, 70, 4)
    pixels[..., 3] |= 1
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    panel = page.get_by_role("tabpanel").locator("visible=true")
    panel.locator("input[type=file]").first.set_input_files(tmp_path / "cat.png")
    page.get_by_text("70 × 50 → 280 × 200 pixels").wait_for()
    with page.expect_download() as download:
        panel.get_by_text("Download result").click()
    made = np.asarray(Image.open(download.value.path()))
    assert np.array_equal(made, pixels.repeat(4, 0).repeat(4, 1))


def test_a_click_chooses_the_part(page: Any) -> None:
    tab(page, "Enlarge")
    page.locator("#enlarge-grid figure img").nth(2).wait_for()
    before = page.locator("#enlarge-grid img").first.get_attribute("src")
    panel = page.get_by_role("tabpanel").locator("visible=true")
    panel.locator(".image-frame img").first.click(position={"x": 10, "y": 10})
    page.wait_for_function("old => document.querySelector('#enlarge-grid img').src !== old", arg=before)


def test_many_files(page: Any, tmp_path: Path) -> None:
    tab(page, "Enlarge")
    page.get_by_text("→ 1024 × 1024 pixels").wait_for()
    panel = page.get_by_role("tabpanel").locator("visible=true")
    panel.get_by_text("Many files at once").click()
    paths = [tmp_path / f"{number}.png" for number in range(2)]
    for path in paths:
        Image.new("RGB", (20, 10), "red").save(path)
    panel.locator("input[type=file][multiple]").set_input_files(paths)
    panel.locator("tr.file").nth(1).wait_for()
    page.locator("#enlarge-all").click()
    panel.get_by_text("2 done.").wait_for()


@pytest.mark.parametrize("width", [420, 820])
def test_nothing_is_wider_than_a_narrow_window(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    tab(page, "Enlarge")
    page.locator("#enlarge-grid figure").nth(2).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
