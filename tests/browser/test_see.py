"""Test the See tab in a real Chromium whose webcam shows a person made of coloured dots."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support.browser_steps import noted, pixel, until, visit
from tests.support.live_page import swaying
from tests.support.paths import PICTURES
from tests.support.perception_models import perception_registry
from tests.support.serving import running

pytestmark = pytest.mark.browser
filmed = swaying
CANVAS = ".see-canvas"
ROWS = (
    "text => [...document.querySelectorAll('.see-legend li')]"
    ".map(row => row.innerText.replace(/\\s+/g, ' ').trim()).join() === text"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over a graph that sees dark as white, and one that sees people made of dots."""
    folder = perception_registry(tmp_path_factory.mktemp("weights")).folder
    with running(folder, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


@pytest.fixture
def seeing(page: Any, address: str) -> Any:
    return visit(noted(page, "see_look"), address, "See", ".see-legend li")


def give(page: Any, path: Path, image: Image.Image) -> None:
    image.save(path)
    page.locator(".see-file").set_input_files(path)


def test_a_dark_picture_is_seen_and_its_opacity_moves_without_the_server(seeing: Any, tmp_path: Path) -> None:
    """The tests' graph calls dark white: half of it over black is grey."""
    slider = seeing.locator(".see [data-set=opacity]")
    slider.fill("0.5")
    give(seeing, tmp_path / "dark.png", Image.new("RGB", (64, 40)))
    seeing.locator(".see-legend", has_text="white").get_by_text("100 %").wait_for()
    seeing.wait_for_function("() => document.querySelectorAll('.see-legend li').length === 1")
    until(seeing, CANVAS, 10, 10, (128, 128, 128))
    asked = seeing.evaluate("window.sent.length")
    slider.fill("0")
    assert pixel(seeing, CANVAS, 10, 10) == (0, 0, 0)
    slider.fill("1")
    assert pixel(seeing, CANVAS, 10, 10) == (255, 255, 255)
    assert seeing.evaluate("window.sent.length") == asked
    with seeing.expect_download() as download:
        seeing.locator(".see [data-do=save]").click()
    assert np.asarray(Image.open(download.value.path())).tolist() == np.full((40, 64, 3), 255).tolist()


@pytest.mark.parametrize(
    ("mode", "size"), [("RGBA", (300, 200)), ("RGB", (3, 2)), ("RGB", (6000, 4000)), ("L", (9, 900))]
)
def test_any_picture_of_any_size_is_seen(seeing: Any, tmp_path: Path, mode: str, size: tuple[int, int]) -> None:
    """What is transparent is white, which the tests' graph calls black."""
    give(seeing, tmp_path / "x.png", Image.new(mode, size))
    what = "black" if mode == "RGBA" else "white"
    seeing.wait_for_function(ROWS, arg=what + " 100 %")


def test_a_file_that_is_no_picture_ends_in_a_sentence(seeing: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.png").write_bytes(b"not a picture")
    seeing.locator(".see-file").set_input_files(tmp_path / "bad.png")
    seeing.get_by_text("is not a picture that this browser can read").wait_for()


def test_a_person_before_the_camera_and_the_belief_of_a_joint(seeing: Any) -> None:
    seeing.locator(".see-graphs button", has_text="Pose").click()
    seeing.get_by_text("Nobody was found in this picture.").wait_for()  # the example is black
    seeing.locator(".see [data-do=toggle]").click()
    seeing.wait_for_function("() => document.querySelector('.see').dataset.state === 'live'")
    seeing.locator(".see-legend li").nth(16).wait_for()
    seeing.locator("[data-set=joint]").select_option(label="left wrist")
    seeing.wait_for_function("() => Number(document.querySelector('.see [data-metric=fps]').textContent) > 0")
    seeing.screenshot(path=PICTURES / "see-live.png")
    seeing.locator(".see [data-do=toggle]").click()
    assert seeing.locator(".see [data-do=toggle]").inner_text() == "Start camera"
    assert seeing.evaluate("() => document.querySelector('.see-video').srcObject === null")


def test_a_person_before_the_camera_is_segmented_too(seeing: Any) -> None:
    seeing.locator(".see [data-do=toggle]").click()
    seeing.wait_for_function("() => Number(document.querySelector('.see [data-metric=fps]').textContent) > 0")
    assert seeing.locator(".see-stages").inner_text().count("ms") >= 4


@pytest.mark.parametrize("width", [390, 820])
def test_nothing_is_wider_than_a_narrow_window(seeing: Any, width: int) -> None:
    seeing.set_viewport_size({"width": width, "height": 860})
    seeing.wait_for_timeout(300)
    assert seeing.evaluate("document.documentElement.scrollWidth") <= width
    seeing.screenshot(path=PICTURES / f"See-{width}.png", full_page=True)


def test_what_was_seen_in_an_earlier_picture_is_gone_while_a_new_one_is_looked_at(seeing: Any, tmp_path: Path) -> None:
    """Nothing of it is left to be saved either."""
    seeing.locator(".see [data-do=save]:enabled").wait_for()
    seeing.evaluate("window.wait = 1500")
    give(seeing, tmp_path / "dark.png", Image.new("RGB", (64, 40)))
    seeing.wait_for_function("() => document.querySelectorAll('.see-legend li').length === 0")
    assert seeing.locator(".see [data-do=save]").is_disabled()
    assert pixel(seeing, CANVAS, 10, 10) == (0, 0, 0)
    seeing.locator(".see [data-do=save]:enabled").wait_for()
    assert pixel(seeing, CANVAS, 10, 10) != (0, 0, 0)
