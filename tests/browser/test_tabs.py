"""Test one action in each of the other tabs in a real Chromium, and narrow windows."""

import io
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support import graphs
from tests.support.browser_steps import tab
from tests.support.paths import PICTURES

pytestmark = pytest.mark.browser


def test_translate(page: Any, tmp_path: Path) -> None:
    """Opens with a result; an own picture keeps its size, can be fetched, and is exact."""
    tab(page, "Translate")
    page.get_by_text("256 × 256 pixels").wait_for()
    page.get_by_label("Invert").locator("visible=true").first.check(force=True)
    page.get_by_text("A picture's negative").locator("visible=true").wait_for()
    pixels = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    page.locator("input[type=file]:not(.draw-file)").first.set_input_files(tmp_path / "cat.png")
    page.get_by_text("70 × 50 pixels").wait_for()
    with page.expect_download() as download:
        page.get_by_text("Download result").locator("visible=true").click()
    assert np.array_equal(np.asarray(Image.open(download.value.path())), 255 - pixels)


def test_a_webcam_snapshot_is_translated(page: Any) -> None:
    tab(page, "Translate")
    page.get_by_text("256 × 256 pixels").wait_for()
    page.get_by_label("Capture from camera").click()
    page.get_by_text("Click to Access Webcam").or_(page.locator("button[title='grant webcam access']")).first.click()
    page.wait_for_function("() => (document.querySelector('video') || {}).readyState === 4")
    page.get_by_label("capture photo").click()
    page.get_by_text(re.compile(r"\d{3,} × \d{3,} pixels")).filter(has_not_text="256 × 256").wait_for()


def test_a_bad_picture_ends_in_a_sentence(page: Any, tmp_path: Path) -> None:
    tab(page, "Translate")
    page.get_by_text("256 × 256 pixels").wait_for()
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    page.locator("input[type=file]:not(.draw-file)").first.set_input_files(tmp_path / "bad.png")
    page.get_by_text("is not a picture that can be read here").first.wait_for()


def test_many_files(page: Any, tmp_path: Path) -> None:
    tab(page, "Translate")
    page.get_by_text("256 × 256 pixels").wait_for()
    page.get_by_text("Many files at once").click()
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        Image.new("RGB", (20, 10), "red").save(path)
    page.locator("input[type=file][multiple]").set_input_files(paths)
    page.locator("tr.file").nth(2).wait_for()
    page.get_by_role("button", name="Run all").click()
    page.get_by_text("3 done.").wait_for()
    with page.expect_download() as download:
        page.locator("a[download]").filter(has_text=re.compile("B")).last.click()
    assert download.value.suggested_filename == "0-and-2-more-facades.zip"
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as file:
        assert sorted(file.namelist()) == ["0.png", "1.png", "2.png"]


def test_compare(page: Any) -> None:
    """Opens with a filled grid; another example fills it again."""
    tab(page, "Compare")
    page.locator("#grid figure img").nth(3).wait_for()
    assert page.locator("#grid figcaption").all_inner_texts()[:2] == ["Input", "Ground truth"]
    before = page.locator("#grid img").first.get_attribute("src")
    page.locator(".strip button").locator("visible=true").nth(1).click()
    page.wait_for_function("old => document.querySelector('#grid img').src !== old", arg=before)
    page.locator("#grid figure img").nth(3).wait_for()


def test_models(page: Any, tmp_path: Path) -> None:
    """Lists every card; opens a dropped graph and runs it; a file that is none ends in a sentence."""
    tab(page, "Models")
    page.locator(".cards summary", has_text="facades-l1").click()
    page.locator(".cards details[open] dd", has_text="parameters").wait_for()
    assert page.locator(".cards").evaluate("e => e.scrollWidth <= e.clientWidth")
    right = "e => Math.max(...[...e.querySelectorAll('dd')].map(d => d.getBoundingClientRect().right))"
    assert page.locator(".cards").evaluate(right) <= 1320
    drop = page.locator("input[type=file][accept='.onnx']")
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    drop.set_input_files(tmp_path / "bad.onnx")
    page.get_by_text("is not an ONNX graph").first.wait_for()
    page.get_by_label("Remove this file").or_(page.get_by_label("Clear")).locator("visible=true").first.click()
    drop.set_input_files(graphs.save(tmp_path, replace(graphs.CARD, name="mine", title="My own graph")))
    page.get_by_text("My own graph").wait_for()
    Image.new("RGB", (21, 13), "red").save(tmp_path / "red.png")
    page.locator("input[type=file][accept*=image]").locator("visible=true").or_(
        page.locator("#third-party input[type=file]")
    ).last.set_input_files(tmp_path / "red.png")
    page.get_by_text("21 × 13 pixels").wait_for()


@pytest.mark.parametrize("width", [420, 820])
def test_nothing_is_wider_than_a_narrow_window(page: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 860})
    for name in ("Translate", "Compare", "Models", "Draw"):
        tab(page, name)
        page.wait_for_timeout(300)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)


def test_every_tab_is_in_sight_on_a_phone(page: Any) -> None:
    """Gradio hides what does not fit behind a menu."""
    shown = page.get_by_role("tab").all_inner_texts()
    page.set_viewport_size({"width": 360, "height": 844})
    page.reload()
    page.locator(".draw").wait_for()
    assert [text for text in shown if page.get_by_role("tab", name=text, exact=True).is_visible()] == shown
    assert page.locator(".overflow-menu").count() == 0 or not page.locator(".overflow-menu").is_visible()
