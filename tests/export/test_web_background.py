"""Test background replacement in the static page, by a colour or an image."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from export import runtime, web
from synth.benchmarks.static import serving
from tests.support import dancers
from tests.support.browser_steps import until
from tests.support.live_page import swaying

pytestmark = pytest.mark.browser
filmed = swaying

CHARACTER, CORNER = ".dance-character", (2, 2)
VIOLET = (120, 40, 200)
REFUSE = """() => {
  navigator.mediaDevices.getUserMedia = async () => { throw new DOMException("no", "NotAllowedError"); };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        runtime.package()
    except ValueError as problem:
        pytest.skip(str(problem))
    out = tmp_path_factory.mktemp("page")
    web.write(out, weights=dancers.stage(tmp_path_factory.mktemp("weights"), "dance-layers", "dance-spots"))
    with serving(out) as address:
        yield address


@pytest.fixture
def page(browser: Any, site: str) -> Iterator[Any]:
    """The page with its stored dance playing; fails if anything was wrong on the console."""
    opened, wrong = browser.new_page(viewport={"width": 390, "height": 844}), []
    opened.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.set_default_timeout(180_000)
    opened.goto(site)
    opened.locator("#dance .speed").filter(has_text="WebAssembly").wait_for()
    yield opened
    opened.close()
    assert wrong == []


def test_the_stored_dance_and_the_camera_before_a_colour_and_a_picture(page: Any, tmp_path: Path) -> None:
    choice, file = page.locator("#dance .background select"), page.locator("#dance .background [type=file]")
    Image.new("RGB", (300, 200), VIOLET).save(tmp_path / "wall.png")
    until(page, CHARACTER, *CORNER, (0, 0, 0))
    choice.select_option("color")
    until(page, CHARACTER, *CORNER, (0, 255, 0))
    page.get_by_role("button", name="Start camera").click()
    page.locator("#dance[data-live=true]").wait_for()
    choice.select_option("picture")
    file.set_input_files(tmp_path / "wall.png")
    until(page, CHARACTER, *CORNER, VIOLET)
    choice.select_option("")
    until(page, CHARACTER, *CORNER, (0, 0, 0))
    page.locator("#dance [data-part=graphs] input[value=dance-spots]").check()
    assert choice.is_disabled()
    page.get_by_role("button", name="Stop camera").click()
    page.locator("#dance[data-live=false]").wait_for()


def test_what_is_wrong_with_a_file_or_the_camera_stays_to_be_read(page: Any, tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("Dear reader")
    page.locator("#dance .background select").select_option("picture")
    page.locator("#dance .background [type=file]").set_input_files(tmp_path / "letter.png")
    told = page.locator("#trouble")
    told.filter(has_text="not a picture that this browser can read").wait_for()
    page.wait_for_timeout(1000)
    assert "not a picture" in told.inner_text()
    page.evaluate(REFUSE)
    page.get_by_role("button", name="Start camera").click()
    told.filter(has_text="camera").wait_for()
    page.wait_for_timeout(1000)
    assert "camera" in told.inner_text(), "while the stored dance goes on"
