"""Test the Draw tab in a real Chromium."""

from typing import Any

import pytest

from tests.support.browser_steps import BLUE, pixel, stroke, tab, until

pytestmark = pytest.mark.browser


def test_draw(page: Any) -> None:
    """Opens with a result; a stroke in a named colour, fill, undo, clear and an example change it live."""
    page.get_by_role("radio", name="Facade labels").click()
    until(page, ".draw-canvas", 100, 100, BLUE)
    until(page, ".draw-result", 100, 100, (255, 170, 0))
    page.get_by_role("radio", name="sky", exact=True).click()
    stroke(page, (30, 30), (220, 30))
    until(page, ".draw-canvas", 120, 30, (85, 255, 170))
    until(page, ".draw-result", 120, 30, (170, 0, 85))
    page.get_by_role("button", name="Undo").click()
    until(page, ".draw-result", 120, 30, (255, 255, 255))
    page.get_by_role("button", name="Redo").click()
    until(page, ".draw-result", 120, 30, (170, 0, 85))
    page.get_by_role("radio", name="Rectangle").click()
    stroke(page, (20, 200), (120, 240))
    until(page, ".draw-result", 21, 239, (170, 0, 85))
    page.get_by_role("radio", name="Fill").click()
    stroke(page, (100, 100), (100, 100))
    until(page, ".draw-result", 170, 170, (170, 0, 85))
    page.get_by_role("button", name="Clear").click()
    until(page, ".draw-canvas", 170, 170, (0, 0, 170))
    until(page, ".draw-result", 170, 170, (255, 255, 85))
    page.locator(".draw-thumbs button").nth(2).click()
    until(page, ".draw-canvas", 100, 80, (0, 0, 0))
    until(page, ".draw-result", 100, 110, (255, 170, 0))
    assert " ms · CPU" in page.locator(".draw-status").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save result").click()
    assert download.value.suggested_filename == "synth-facades-result.png"


def test_a_label_map_gets_no_colours_between_the_labels(page: Any) -> None:
    page.get_by_role("radio", name="Facade labels").click()
    until(page, ".draw-canvas", 100, 100, BLUE)
    page.get_by_role("radio", name="sky", exact=True).click()
    stroke(page, (20, 20), (230, 210))
    read = "c => new Set([...new Uint32Array(c.getContext('2d').getImageData(0, 0, 256, 256).data.buffer)]).size"
    assert page.locator(".draw-canvas").evaluate(read) == 3


def test_drawings_of_each_graph_are_kept(page: Any) -> None:
    page.get_by_role("radio", name="Emoji").click()
    until(page, ".draw-canvas", 100, 100, (0, 0, 0))
    stroke(page, (20, 30), (230, 30))
    until(page, ".draw-result", 100, 30, (255, 255, 255))
    page.get_by_role("radio", name="Facade labels").click()
    until(page, ".draw-canvas", 100, 100, BLUE)
    tab(page, "Models")
    tab(page, "Draw")
    page.get_by_role("radio", name="Emoji").click()
    assert pixel(page, ".draw-canvas", 100, 30) == (0, 0, 0)
    until(page, ".draw-result", 100, 30, (255, 255, 255))
