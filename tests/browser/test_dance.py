"""Test the Dance tab in a real Chromium whose webcam shows a person made of coloured dots."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from synth.pixels.video_writer import SYNTHESIZED
from tests.support import dancers
from tests.support.browser_steps import closed, colors, dancing, noted, start, tab
from tests.support.live_page import swaying
from tests.support.paths import PICTURES
from tests.support.serving import running

pytestmark = pytest.mark.browser
filmed = swaying

CAMERA = """
([width, height]) => { navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height }), pen = canvas.getContext("2d");
  const paint = () => { pen.fillStyle = "rgb(" + Math.random() * 255 + ",9,9)"; pen.fillRect(0, 0, width, height); };
  setInterval(paint, 60);
  return canvas.captureStream(15);
}; }
"""
"""A camera of any size that shows nobody."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over a pose graph and two characters."""
    weights = dancers.stage(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-lines")
    with running(weights, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


@pytest.fixture
def probed(page: Any, address: str) -> Any:
    return dancing(noted(page, "dance_frame"), address)


def test_the_demo_moves_before_anybody_starts_and_rests_out_of_sight(probed: Any) -> None:
    probed.wait_for_function("() => document.querySelector('.dance').dataset.demo === 'on'")
    assert colors(probed, ".dance-character") > 50
    assert colors(probed, ".dance-skeleton") > 50
    read = "() => document.querySelector('.dance-character').toDataURL()"
    before = probed.evaluate(read)
    probed.wait_for_function("old => document.querySelector('.dance-character').toDataURL() !== old", arg=before)
    assert probed.locator(".dance-chip").is_visible()
    tab(probed, "Models")
    probed.wait_for_timeout(1200)
    before = probed.evaluate(read)
    probed.wait_for_timeout(500)
    assert probed.evaluate(read) == before
    assert probed.evaluate("() => window.streams.length") == 0, "no camera was asked for"


def test_dance(probed: Any) -> None:
    """A camera, three panels, figures; the settings reach the server; stop closes the camera."""
    start(probed)
    assert "joints" not in probed.locator(".dance-status").inner_text()
    probed.wait_for_function("() => document.querySelectorAll('.dance-stages div').length === 6")
    stages = probed.locator(".dance-stages").inner_text()
    for name in ("capture", "network", "server", "pose", "generator", "display", "synth pose · CPU", "browser"):
        assert name in stages
    for canvas in (".dance-you", ".dance-skeleton", ".dance-character"):
        assert colors(probed, canvas) > 50, canvas
    assert not probed.locator(".dance-chip").is_visible()
    probed.get_by_label("Mirror").uncheck()
    probed.get_by_label("Smoothness").fill("0.9")
    probed.get_by_role("button", name="Recalibrate").click()
    probed.get_by_role("radio", name="Lines").click()
    wanted = "d => d.mirror === false && d.smooth === 0.9 && d.again === 1 && d.character === 'dance-lines'"
    probed.wait_for_function(f"() => window.sent.slice(-1).every({wanted})")
    dots = colors(probed, ".dance-you")
    probed.get_by_label("Skeleton", exact=True).uncheck()
    probed.wait_for_timeout(1500)
    assert colors(probed, ".dance-you") < 0.8 * dots
    probed.locator(".dance-head").get_by_role("button", name="Stop").click()
    assert closed(probed)
    assert probed.locator(".dance-video").evaluate("v => v.srcObject") is None


def test_escape_stops_the_camera(probed: Any) -> None:
    start(probed)
    probed.get_by_label("Smoothness").press("Escape")
    probed.wait_for_function("() => document.querySelector('.dance').dataset.state === 'idle'")
    assert closed(probed)


def test_the_newest_frame_wins_however_slow_the_server(probed: Any) -> None:
    probed.evaluate("() => { window.wait = 400; }")
    start(probed)
    probed.wait_for_timeout(4000)
    assert probed.evaluate("() => window.most") <= 2
    numbers = probed.evaluate("() => window.sent.map((d) => d.number)")
    assert numbers == sorted(set(numbers))
    times = probed.evaluate("() => window.sent.map((d) => d.time)")
    assert min(np.diff(times)) > 0, "never the same picture twice"


def test_a_recording_says_that_it_is_synthesized(probed: Any, tmp_path: Path) -> None:
    start(probed)
    probed.get_by_role("button", name="Record").click()
    probed.get_by_text("Stop recording").wait_for()
    probed.wait_for_timeout(3000)
    with probed.expect_download() as download:
        probed.get_by_role("button", name="Stop recording").click()
    first = download.value.suggested_filename
    assert re.fullmatch(r"webcam-dots-synthesized-\d{8}-\d{6}\.(mp4|webm)", first)
    path = tmp_path / "film"
    download.value.save_as(path)
    with av.open(path) as file:
        comment = file.metadata.get("comment") or file.metadata.get("COMMENT", "")
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    assert comment.startswith(SYNTHESIZED)
    assert re.search(r"Characters: Dots\. Graph: dance-dots [0-9a-f]{12}\.", comment)
    assert len(frames) >= 3
    assert frames[-1].shape == (506, 1440, 3)
    for panel in range(3):
        assert (frames[-1][:480, 480 * panel : 480 * (panel + 1)].max(-1) > 90).sum() > 50, panel
    assert (frames[-1][480:] > 120).sum() > 100, "the caption"
    probed.get_by_role("button", name="Record").click()
    probed.get_by_text("Stop recording").wait_for()
    with probed.expect_download() as download:
        probed.get_by_role("button", name="Stop recording").click()
    assert download.value.suggested_filename != first


def test_out_of_sight_the_camera_is_off(probed: Any) -> None:
    start(probed)
    tab(probed, "Models")
    probed.wait_for_function("() => document.querySelector('.dance').dataset.state === 'idle'")
    assert closed(probed)
    before = probed.evaluate("() => window.sent.length")
    probed.wait_for_timeout(500)
    assert probed.evaluate("() => window.sent.length") == before
    tab(probed, "Dance")
    probed.get_by_text("was hidden").wait_for()
    start(probed)


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        ("new DOMException('', 'NotAllowedError')", "Allow it"),
        ("new DOMException('', 'NotFoundError')", "No camera was found"),
        ("new DOMException('', 'NotReadableError')", "other programs"),
        ("new Error('odd')", "could not be opened"),
    ],
)
def test_without_a_camera_there_is_a_sentence_and_the_demo(probed: Any, trouble: str, sentence: str) -> None:
    probed.evaluate(
        "([code]) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(eval(code)); }", [trouble]
    )
    probed.locator(".dance-invite button").click()
    probed.get_by_text(sentence).wait_for()
    probed.wait_for_function("() => document.querySelector('.dance').dataset.demo === 'on'")


def test_a_page_without_https_says_where_to_open_it(probed: Any) -> None:
    probed.evaluate("() => Object.defineProperty(window, 'isSecureContext', { value: false })")
    probed.locator(".dance-invite button").click()
    probed.get_by_text("http://localhost").wait_for()


@pytest.mark.parametrize(("width", "height", "sent"), [(1920, 1080, (320, 180)), (480, 640, (240, 320))])
def test_every_camera_is_sent_small_and_whole(probed: Any, width: int, height: int, sent: tuple[int, int]) -> None:
    probed.evaluate(CAMERA, [width, height])
    start(probed)
    probed.evaluate("() => { window.image = new Image(); window.image.src = window.sent[0].jpeg; }")
    size = probed.evaluate("() => window.image.decode().then(() => [window.image.width, window.image.height])")
    assert tuple(size) == sent
    probed.get_by_text("Nobody is in view").wait_for()


def test_two_users_at_once(probed: Any, browser: Any, address: str) -> None:
    other = browser.new_context().new_page()
    try:
        other.set_default_timeout(300_000)
        other.goto(address)
        other.locator(".dance-graphs button").first.wait_for()
        for page in (probed, other, probed, other):
            if page.locator(".dance").get_attribute("data-state") == "idle":
                start(page)
            page.bring_to_front()
            page.wait_for_function("() => Number(document.querySelector('[data-metric=fps]').textContent) > 0")
    finally:
        other.context.close()


@pytest.mark.parametrize("width", [360, 420, 820, 1320])
def test_no_window_is_too_narrow(probed: Any, width: int) -> None:
    probed.set_viewport_size({"width": width, "height": 860})
    probed.wait_for_timeout(500)
    assert probed.evaluate("document.documentElement.scrollWidth") <= width
    PICTURES.mkdir(exist_ok=True)
    probed.screenshot(path=PICTURES / f"dance-{width}.png", full_page=True)
