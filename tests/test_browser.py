"""A real Chromium through every tab: one action each, no errors on the console, pictures kept in ``artefacts/``."""

import io
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests import graphs

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "artefacts"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
FLAGS = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
BLUE = (0, 85, 255)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return graphs.shelf(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def address(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the app as a visitor would find it, on a free port."""
    port = free_port()
    log = tmp_path_factory.mktemp("log") / "app.log"
    command = [sys.executable, "app.py", "--port", str(port), "--weights", str(weights), "--provider", "cpu"]
    with log.open("w") as file, subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=file) as process:
        try:
            yield wait_for(f"http://127.0.0.1:{port}", log)
        finally:
            process.terminate()


def wait_for(url: str, log: Path, seconds: float = 60) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url):
                return url
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the app did not start:\n{log.read_text()}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Any]:
    """A fresh visitor; ends with a picture of the page, and fails if anything was wrong on the console."""
    width, height = 1320, 900
    context = browser.new_context(viewport={"width": width, "height": height}, accept_downloads=True)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request", lambda asked: None if asked.url.startswith((address, "data:", "blob:")) else wrong.append(asked.url)
    )
    page.set_default_timeout(30_000)
    page.goto(address)
    yield page
    PICTURES.mkdir(exist_ok=True)
    page.screenshot(path=PICTURES / f"{request.node.name}.png", full_page=True)
    context.close()
    assert wrong == []


def tab(page: Any, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def pixel(page: Any, canvas: str, x: int, y: int) -> tuple[int, ...]:
    read = "(c, [x, y]) => [...c.getContext('2d').getImageData(x, y, 1, 1).data].slice(0, 3)"
    return tuple(page.locator(canvas).evaluate(read, [x, y]))


def until(page: Any, canvas: str, x: int, y: int, color: tuple[int, ...]) -> None:
    """Wait until a pixel of a canvas has a colour."""
    read = (
        "([s, x, y, c]) => [...document.querySelector(s).getContext('2d').getImageData(x, y, 1, 1).data]"
        ".slice(0, 3).join() === c.join()"
    )
    page.wait_for_function(read, arg=[canvas, x, y, list(color)])


def stroke(page: Any, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Draw a line; places are in pixels of the 256x256 canvas."""
    box = page.locator(".draw-canvas").bounding_box()
    scale = box["width"] / 256
    page.mouse.move(box["x"] + start[0] * scale, box["y"] + start[1] * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * scale, box["y"] + end[1] * scale, steps=8)
    page.mouse.up()


def test_draw(page: Any) -> None:
    """Opens with a result; a stroke in a named colour, fill, undo, clear and an example change it live."""
    page.get_by_role("radio", name="Facades").click()
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
    page.get_by_role("radio", name="Facades").click()
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
    page.get_by_role("radio", name="Facades").click()
    until(page, ".draw-canvas", 100, 100, BLUE)
    tab(page, "Models")
    tab(page, "Draw")
    page.get_by_role("radio", name="Emoji").click()
    assert pixel(page, ".draw-canvas", 100, 30) == (0, 0, 0)
    until(page, ".draw-result", 100, 30, (255, 255, 255))


def test_translate(page: Any, tmp_path: Path) -> None:
    """Opens with a result; an own picture keeps its size, can be fetched, and is exact."""
    tab(page, "Translate")
    page.get_by_text("256 × 256 pixels").wait_for()
    page.get_by_label("Invert").locator("visible=true").first.check(force=True)
    page.get_by_text("A picture's negative").locator("visible=true").wait_for()
    pixels = np.random.default_rng(0).integers(0, 256, (50, 70, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "cat.png")
    page.locator("input[type=file]").first.set_input_files(tmp_path / "cat.png")
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
    page.locator("input[type=file]").first.set_input_files(tmp_path / "bad.png")
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
    page.get_by_role("button", name="Run all of them").click()
    page.get_by_text("3 done.").wait_for()
    with page.expect_download() as download:
        page.locator("a[download]").filter(has_text=re.compile("B")).last.click()
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
    page.locator(".cards td", has_text="facades-l1").wait_for()
    drop = page.locator("input[type=file][accept='.onnx']")
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    drop.set_input_files(tmp_path / "bad.onnx")
    page.get_by_text("is not an ONNX graph").first.wait_for()
    page.get_by_label("Remove this file").or_(page.get_by_label("Clear")).locator("visible=true").first.click()
    drop.set_input_files(graphs.save(tmp_path, replace(graphs.CARD, name="mine", title="My own graph")))
    page.get_by_text("My own graph").wait_for()
    Image.new("RGB", (21, 13), "red").save(tmp_path / "red.png")
    page.locator("input[type=file][accept*=image]").locator("visible=true").or_(
        page.locator("#guest input[type=file]")
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
