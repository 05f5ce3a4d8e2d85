"""Test the Fill tab in a real Chromium."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.browser_steps import pixel, tab, until
from tests.support.graphs import GREEN

pytestmark = pytest.mark.browser

GRAY = (90, 90, 90)


def paint(page: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Paint a line; places are shares of the picture's sides."""
    box = page.locator(".fill-mask").bounding_box()
    page.mouse.move(box["x"] + start[0] * box["width"], box["y"] + start[1] * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=6)
    page.mouse.up()


@pytest.fixture
def gray(page: Any, tmp_path: Path) -> Any:
    """The tab with a gray picture of 200 x 100 pixels."""
    tab(page, "Fill")
    page.wait_for_function("() => document.querySelector('.fill-picture').width === 256")
    Image.fromarray(np.full((100, 200, 3), 90, np.uint8)).save(tmp_path / "gray.png")
    page.locator(".fill-file").set_input_files(tmp_path / "gray.png")
    page.wait_for_function("() => document.querySelector('.fill-picture').width === 200")
    return page


def test_what_is_painted_over_is_filled_and_nothing_else(gray: Any, tmp_path: Path) -> None:
    paint(gray, (0.4, 0.5), (0.6, 0.5))
    until(gray, ".fill-result", 100, 50, GREEN)
    assert pixel(gray, ".fill-result", 100, 10) == GRAY
    assert pixel(gray, ".fill-result", 10, 50) == GRAY
    with gray.expect_download() as download:
        gray.get_by_role("button", name="Save result").locator("visible=true").click()
    made = np.asarray(Image.open(download.value.path()).convert("RGB"))
    assert made.shape == (100, 200, 3)
    assert tuple(made[50, 100]) == GREEN
    assert (made[:20] == 90).all()


def test_undo_redo_erase_invert_and_go_on(gray: Any) -> None:
    paint(gray, (0.4, 0.5), (0.6, 0.5))
    until(gray, ".fill-result", 100, 50, GREEN)
    gray.locator(".fill [data-do=undo]").click()
    until(gray, ".fill-result", 100, 50, GRAY)
    gray.locator(".fill [data-do=redo]").click()
    until(gray, ".fill-result", 100, 50, GREEN)
    gray.locator(".fill [data-do=invert]").click()
    until(gray, ".fill-result", 10, 50, GREEN)
    assert pixel(gray, ".fill-result", 100, 50) == GRAY
    gray.locator(".fill [data-do=invert]").click()
    until(gray, ".fill-result", 100, 50, GREEN)
    gray.locator(".fill [data-tool=eraser]").click()
    paint(gray, (0.3, 0.5), (0.7, 0.5))
    until(gray, ".fill-result", 100, 50, GRAY)
    gray.locator(".fill [data-tool=brush]").click()
    paint(gray, (0.1, 0.5), (0.15, 0.5))
    until(gray, ".fill-result", 25, 50, GREEN)
    gray.locator(".fill [data-do=keep]").click()
    until(gray, ".fill-picture", 25, 50, GREEN)
    assert gray.locator(".fill [data-do=undo]").is_disabled()


def test_all_painted_over_is_a_sentence(gray: Any) -> None:
    gray.locator(".fill [data-do=invert]").click()
    gray.get_by_text("Leave some of it").wait_for()


def test_a_file_that_is_no_picture_is_a_sentence(gray: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"nothing")
    gray.locator(".fill-file").set_input_files(tmp_path / "bad.png")
    gray.get_by_text("is not a picture that this browser can read").wait_for()


@pytest.mark.parametrize("width", [420, 820])
def test_nothing_is_wider_than_a_narrow_window(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    tab(page, "Fill")
    page.wait_for_function("() => document.querySelector('.fill-picture').width === 256")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
