"""Test the Draw tab in a real Chromium."""

import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

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
    until(page, ".draw-result", 120, 30, (255, 255, 85))
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
    until(page, ".draw-canvas", 100, 80, (0, 0, 170))
    until(page, ".draw-result", 100, 110, (255, 170, 0))
    assert " ms · CPU" in page.locator(".draw-status").inner_text()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save result").click()
    assert re.fullmatch(r"drawing-facades-\d{8}-\d{6}\.png", download.value.suggested_filename)


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


def test_a_file_is_opened_to_fit_and_the_result_is_named_after_it(page: Any, tmp_path: Path) -> None:
    page.get_by_role("radio", name="Emoji").click()
    until(page, ".draw-canvas", 100, 100, (0, 0, 0))
    Image.new("RGB", (400, 200), (200, 0, 0)).save(tmp_path / "cat.png")
    page.locator(".draw-file").set_input_files(tmp_path / "cat.png")
    until(page, ".draw-canvas", 128, 128, (200, 0, 0))
    assert pixel(page, ".draw-canvas", 128, 50) == (255, 255, 255)
    until(page, ".draw-result", 128, 128, (55, 255, 255))
    with page.expect_download() as download:
        page.get_by_role("button", name="Save result").click()
    assert download.value.suggested_filename == "cat-emoji.png"
    page.get_by_role("button", name="Undo").first.click()
    until(page, ".draw-canvas", 100, 100, (0, 0, 0))


GIVE = """([kind, level]) => {
  const sheet = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
  const pen = sheet.getContext("2d");
  pen.fillStyle = "rgb(" + level + ",0,0)";
  pen.fillRect(0, 0, 64, 64);
  sheet.toBlob((blob) => {
    const data = new DataTransfer();
    data.items.add(new File([blob], "given.png", { type: "image/png" }));
    const about = { bubbles: true, cancelable: true, dataTransfer: data, clipboardData: data };
    const made = kind === "paste" ? new ClipboardEvent(kind, about) : new DragEvent(kind, about);
    document.querySelector(".draw-canvas").dispatchEvent(made);
  });
}"""


@pytest.mark.parametrize(("kind", "level"), [("drop", 90), ("paste", 130)])
def test_a_picture_is_dropped_on_the_canvas_and_pasted(page: Any, kind: str, level: int) -> None:
    page.get_by_role("radio", name="Emoji").click()
    until(page, ".draw-canvas", 100, 100, (0, 0, 0))
    page.evaluate(GIVE, [kind, level])
    until(page, ".draw-canvas", 20, 20, (level, 0, 0))


def test_graphs_of_the_same_input_share_the_drawing(page: Any) -> None:
    page.get_by_role("radio", name="Emoji").click()
    until(page, ".draw-canvas", 100, 100, (0, 0, 0))
    stroke(page, (20, 30), (230, 30))
    until(page, ".draw-result", 100, 30, (255, 255, 255))
    page.get_by_role("radio", name="Sketch", exact=True).click()
    assert pixel(page, ".draw-canvas", 100, 30) == (0, 0, 0)
    until(page, ".draw-result", 100, 30, (255, 255, 255))
