"""Test the Colorize tab in a real Chromium."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.browser_steps import tab
from tests.support.paths import PICTURES

pytestmark = pytest.mark.browser


def test_colorize(page: Any, tmp_path: Path) -> None:
    """Opens with a result and all losses beside it; a click pins a colour, which can be taken back."""
    tab(page, "Colorize")
    page.get_by_text("256 × 256 pixels").locator("visible=true").wait_for()
    page.locator("#colorize-grid figcaption").nth(2).wait_for()
    shown = page.locator("#colorize-grid figcaption").all_inner_texts()
    assert shown == ["Black and white", "Classes", "Cautious (L2)"]
    panel = page.get_by_role("tabpanel").locator("visible=true")
    Image.fromarray(np.full((50, 70, 3), 100, np.uint8)).save(tmp_path / "cat.png")
    panel.locator("input[type=file]").first.set_input_files(tmp_path / "cat.png")
    page.get_by_text("70 × 50 pixels").wait_for()
    panel.locator(".image-frame img").first.click()
    page.get_by_text("70 × 50 pixels · 1 hint").wait_for()
    page.screenshot(path=PICTURES / "Colorize.png", full_page=True)
    with page.expect_download() as download:
        panel.get_by_text("Download result").click()
    made = np.asarray(Image.open(download.value.path()))
    pinned = (made == (0x7A, 0x4A, 0x2B)).all(-1)
    assert pinned.sum() == 6
    assert pinned[25, 35]
    page.locator("#colorize-undo").click()
    page.get_by_text("1 hint").wait_for(state="detached")


def test_a_number_input_of_a_model_is_a_slider(page: Any) -> None:
    tab(page, "Colorize")
    page.get_by_text("256 × 256 pixels").locator("visible=true").wait_for()
    slider = page.locator("#colorize-dial")
    assert slider.is_visible()
    page.get_by_role("tabpanel").locator("visible=true").get_by_label("Cautious (L2)", exact=True).check(force=True)
    slider.wait_for(state="hidden")


@pytest.mark.parametrize("width", [420, 820])
def test_nothing_is_wider_than_a_narrow_window(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    tab(page, "Colorize")
    page.locator("#colorize-grid figure").nth(2).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
