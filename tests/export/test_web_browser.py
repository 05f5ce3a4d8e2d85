"""Test the static page in a real Chromium with WebAssembly: same images as the session in Python."""

import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from export import runtime, web
from synth.benchmarks.static import serving
from synth.pixels import images
from synth.runtime.examples import find
from synth.runtime.registry import Registry
from synth.runtime.session import open_graph
from tests.pixels.test_profile import ADOBE, COLORS, GAMMA, profile, saved
from tests.support.browser_steps import stroke, until
from tests.support.paths import ROOT

pytestmark = pytest.mark.browser

WEIGHTS = ROOT / "weights"
CLOSE = 2  # grey levels: WebAssembly and this processor round differently


@pytest.fixture(scope="module")
def site(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page of tiny graphs that invert what they are given."""
    yield from page_of(weights, (), tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    yield from page_of(WEIGHTS, ("facades", "emoji"), tmp_path_factory.mktemp("page"))


def page_of(weights: Path, names: tuple[str, ...], out: Path) -> Iterator[str]:
    try:
        runtime.package()
    except ValueError as problem:
        pytest.skip(str(problem))
    web.write(out, names, weights)
    with serving(out) as address:
        yield address


@pytest.fixture
def visitor(browser: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    """A fresh visitor on a phone; ends with a picture of the page, and fails if anything was wrong on the console."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, accept_downloads=True)
    page, wrong = context.new_page(), []
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    home = ("http://127.0.0.1:", "data:", "blob:")
    page.on("request", lambda asked: None if asked.url.startswith(home) else wrong.append(asked.url))
    page.set_default_timeout(300_000)
    yield page
    (ROOT / "artefacts").mkdir(exist_ok=True)
    page.screenshot(path=ROOT / "artefacts" / f"{request.node.name}.png")
    context.close()
    assert wrong == []


def pixels(page: Any, canvas: str) -> np.ndarray:
    data = page.locator(canvas).evaluate("c => c.toDataURL('image/png').split(',')[1]")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def ran(page: Any, section: str) -> str:
    """Wait for a picture and return what the page says of it."""
    said = page.locator(f"#{section} [data-part=speed]").filter(has_text="ms")
    said.wait_for()
    return said.text_content()


def gap(found: np.ndarray, expected: np.ndarray) -> int:
    assert found.shape == expected.shape
    return int(np.abs(found.astype(int) - expected).max())


def test_a_drawing_becomes_the_picture_that_python_makes(visitor: Any, bundled: str):
    visitor.goto(bundled)
    assert re.fullmatch(r"[\d.]+ ms · WebAssembly, 1 thread", ran(visitor, "draw"))
    graph = open_graph(WEIGHTS / "facades.onnx", "cpu")
    drawing = pixels(visitor, ".draw-canvas")
    assert np.array_equal(drawing, find(Registry(WEIGHTS), "facades")[0].read())
    assert gap(pixels(visitor, ".draw-result"), graph.run(drawing)) <= CLOSE
    assert "research use" in visitor.locator("#draw .licence").inner_text()


def test_a_stroke_changes_the_picture_and_can_be_undone(visitor: Any, site: str):
    visitor.goto(site)
    ran(visitor, "draw")
    visitor.locator("#draw").get_by_label("Sketch → emoji", exact=True).check()
    visitor.wait_for_function("() => document.querySelector('#draw .task').textContent === 'Lines to an emoji'")
    until(visitor, ".draw-canvas", 100, 100, (0, 0, 0))
    until(visitor, ".draw-result", 100, 100, (255, 255, 255))
    before = pixels(visitor, ".draw-canvas")
    stroke(visitor, (20, 30), (230, 30))
    until(visitor, ".draw-result", 100, 30, (255, 255, 255))
    until(visitor, ".draw-result", 229, 30, (255, 255, 255))
    assert np.array_equal(pixels(visitor, ".draw-result"), 255 - pixels(visitor, ".draw-canvas"))
    visitor.keyboard.press("Control+z")
    until(visitor, ".draw-result", 100, 30, (0, 0, 0))
    assert np.array_equal(pixels(visitor, ".draw-canvas"), before)


def test_the_keyboard_draws(visitor: Any, site: str):
    visitor.goto(site)
    ran(visitor, "draw")
    visitor.get_by_role("button", name="Clear").click()
    visitor.locator(".draw-canvas").focus()
    for key in ("ArrowLeft", "Space", "ArrowUp", "Enter"):
        visitor.keyboard.press(key)
    sheet = pixels(visitor, ".draw-canvas")
    rows, columns = np.nonzero((sheet != sheet[0, 0]).any(-1))
    assert 110 <= rows.min() < rows.max() <= 140
    assert 110 <= columns.min() < columns.max() <= 130


def test_a_picture_of_odd_size_is_that_of_python_and_can_be_saved(visitor: Any, bundled: str, tmp_path: Path):
    given = np.random.default_rng(0).integers(0, 256, (45, 201, 3), np.uint8)
    Image.fromarray(given).save(tmp_path / "odd.png")
    visitor.goto(f"{bundled}#translate")
    visitor.locator("#translate").get_by_label("Sketch → emoji", exact=True).check()
    visitor.locator("#translate input[type=file]").set_input_files(tmp_path / "odd.png")
    visitor.get_by_text("201 × 45").wait_for()
    expected = open_graph(WEIGHTS / "emoji.onnx", "cpu").run(given)
    assert gap(pixels(visitor, ".translate-result"), expected) <= CLOSE
    with visitor.expect_download() as download:
        visitor.get_by_role("button", name="Save the picture").click()
    assert download.value.suggested_filename == "synth-emoji-odd.png"
    assert gap(np.asarray(Image.open(download.value.path()).convert("RGB")), expected) <= CLOSE


def test_colours_are_converted_by_a_profile_as_in_python(browser: Any):
    data = saved(Image.fromarray(np.repeat(COLORS[None], 4, 0)), icc_profile=profile(ADOBE, GAMMA))
    script = base64.b64encode((ROOT / "synth/app/web/pixels/read.js").read_bytes()).decode()
    page = browser.new_page()
    found = page.evaluate(
        """async ([script, data]) => {
          const { read } = await import("data:text/javascript;base64," + script);
          const file = await (await fetch("data:image/png;base64," + data)).blob();
          return Array.from((await read(file, "a.png", false)).image.data);
        }""",
        [script, base64.b64encode(data).decode()],
    )
    page.close()
    shown = np.array(found).reshape(4, len(COLORS), 4)[..., :3]
    assert np.abs(shown - images.read(data).astype(int)).max() <= 2
    assert np.abs(shown - COLORS.astype(int)).max() > 20, "the profile matters"


def test_what_is_no_picture_ends_in_a_sentence(visitor: Any, site: str, tmp_path: Path):
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    visitor.goto(f"{site}#translate")
    ran(visitor, "translate")
    visitor.locator("#translate input[type=file]").set_input_files(tmp_path / "bad.png")
    visitor.get_by_text("“bad.png” is not a picture that this browser can read.").wait_for()


def test_a_graph_that_is_missing_ends_in_a_sentence(browser: Any, site: str):
    page = browser.new_page()
    page.route("**/facades.onnx", lambda route: route.fulfill(status=404))
    page.goto(site)
    told = "The model Facade labels → photo could not be loaded (404). Reload the page to try again."
    page.get_by_text(told).wait_for()
    page.close()


def test_a_browser_without_webassembly_is_told(browser: Any, site: str):
    page = browser.new_page()
    page.add_init_script("delete globalThis.WebAssembly")
    page.goto(site)
    page.get_by_text("This browser has no WebAssembly").wait_for()
    page.close()
