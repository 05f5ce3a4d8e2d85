"""Test background replacement in a real Chromium: stored dance, webcam, recording and video file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from synth.pixels.video_reader import VideoFrames
from tests.support import dancers
from tests.support.browser_steps import colors, dancing, give_film, noted, pixel, start, tab, until
from tests.support.live_page import swaying
from tests.support.serving import running
from tests.support.walks import film, pictures

pytestmark = pytest.mark.browser
filmed = swaying

CHARACTER, CORNER = ".dance-character", (2, 2)
GREEN, VIOLET = (0, 255, 0), (120, 40, 200)
NEAR = (
    "([s, x, y, c]) => [...document.querySelector(s).getContext('2d').getImageData(x, y, 1, 1).data]"
    ".slice(0, 3).every((level, i) => Math.abs(level - c[i]) <= 3)"
)
"""Whether a pixel has a colour, but for JPEG."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over a character that can be cut out, and one that cannot."""
    weights = dancers.stage(tmp_path_factory.mktemp("weights"), "dance-layers", "dance-spots")
    with running(weights, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


@pytest.fixture
def probed(page: Any, address: str) -> Any:
    return dancing(noted(page, "dance_frame"), address)


def choose(page: Any, what: str) -> None:
    page.locator(".dance-background select").select_option(what)


def picture_of(path: Path) -> Path:
    Image.new("RGB", (300, 200), VIOLET).save(path)
    return path


@pytest.mark.slow
def test_the_stored_dance_before_a_colour_and_a_picture(probed: Any, tmp_path: Path) -> None:
    until(probed, CHARACTER, *CORNER, (0, 0, 0))
    choose(probed, "color")
    until(probed, CHARACTER, *CORNER, GREEN)
    assert colors(probed, CHARACTER) > 3000, "nearly all of it is green"
    probed.locator(".dance-background [type=color]").fill("#ff8000")
    until(probed, CHARACTER, *CORNER, (255, 128, 0))
    choose(probed, "picture")
    probed.locator(".dance-background [type=file]").set_input_files(picture_of(tmp_path / "wall.png"))
    until(probed, CHARACTER, *CORNER, VIOLET)
    probed.reload()
    probed.locator(".dance-graphs button").first.wait_for()
    probed.wait_for_function(NEAR, arg=[CHARACTER, *CORNER, list(VIOLET)])
    assert probed.locator(".dance-background [type=color]").input_value() == "#ff8000"
    choose(probed, "")
    until(probed, CHARACTER, *CORNER, (0, 0, 0))
    probed.get_by_role("radio", name="Spots").click()
    assert probed.locator(".dance-background select").is_disabled()
    assert "export the character again" in probed.locator(".dance-background").get_attribute("title")


def test_before_the_camera_and_in_a_recording(probed: Any, tmp_path: Path) -> None:
    choose(probed, "color")
    start(probed)
    until(probed, CHARACTER, *CORNER, GREEN)
    assert probed.evaluate("() => window.sent.slice(-1)[0].cut")
    assert not any("00ff00" in str(one) for one in probed.evaluate("() => window.sent")), "it stays in the browser"
    probed.get_by_label("What to record").select_option("character")
    probed.get_by_role("button", name="Record").click()
    probed.wait_for_timeout(2500)
    with probed.expect_download() as download:
        probed.get_by_role("button", name="Stop recording").click()
    download.value.save_as(tmp_path / "film")
    with av.open(tmp_path / "film") as file:
        last = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)][-1].astype(int)
    assert np.abs(last[4:60, 4:60] - GREEN).mean() < 12
    choose(probed, "")
    until(probed, CHARACTER, *CORNER, (0, 0, 0))


def test_a_file_that_is_no_picture_is_told(probed: Any, tmp_path: Path) -> None:
    (tmp_path / "letter.png").write_text("Dear reader")
    choose(probed, "picture")
    probed.locator(".dance-background [type=file]").set_input_files(tmp_path / "letter.png")
    probed.get_by_text("not a picture that this browser can read").wait_for()
    assert pixel(probed, CHARACTER, *CORNER) == (0, 0, 0)


def test_a_film_before_a_colour(page: Any, tmp_path: Path) -> None:
    page.set_default_timeout(300_000)
    tab(page, "Dance")
    give_film(page, film(tmp_path / "walk.mp4", pictures(12)))
    page.get_by_text("A colour", exact=True).click()
    page.locator("#film-color").wait_for()
    page.get_by_text("Characters only").click()
    page.locator("#film-start").click()
    page.locator("#film-report b").wait_for()
    with page.expect_download() as fetched:
        page.locator("#film [aria-label=Download]").click()
    fetched.value.save_as(tmp_path / "fetched.mp4")
    last = [picture.astype(int) for _, picture in VideoFrames(tmp_path / "fetched.mp4")][-1]
    assert np.abs(last[:4] - GREEN).max() < 12
