"""Test the webcam through Gradio's streaming: input is checked, and a browser without the page's scripts works."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from synth.app.live.frame_request import PREFIX
from synth.app.live.live_sessions import LiveSessions
from synth.app.tabs import dance_stream
from synth.app.tabs.dance_background import COLOR, OWN, PICTURE
from synth.app.tabs.dance_stream import Stream, background_choice
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import WorkerPool
from tests.support import dancers, pictures
from tests.support.live_page import jpeg, swaying
from tests.support.paths import PICTURES
from tests.support.pictures import opened
from tests.support.serving import running


@pytest.fixture
def stream(troupe: Registry) -> Stream:
    return Stream(troupe, WorkerPool(1), LiveSessions(most=2))


def step(stream: Stream, image: np.ndarray | None, name: Any = "dance-dots", token: Any = "") -> tuple[Any, Any, str]:
    return asyncio.run(stream.step(image, name, token))


def test_a_person_moves_the_character_and_is_known_again(stream: Stream):
    frames, token, shown, note = swaying(12, 240, 320), "", "", ""
    for frame in frames:
        shown, note, again = step(stream, frame, token=token)
        assert again == (token or again)
        token = again
    assert note == ""
    picture = opened(shown)
    assert (picture.max(-1) > 90).sum() > 50
    assert len(stream._sessions) == 1


def test_nobody_is_said_and_no_picture_is_nothing(stream: Stream):
    assert "Nobody is in view" in step(stream, np.zeros((240, 320, 3), np.uint8))[1]
    assert step(stream, None, token="x")[2] == "x"


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Stream:
    weights = dancers.fill(tmp_path_factory.mktemp("cut"), "dance-layers", "dance-dots")
    return Stream(Registry(weights, "cpu", "synth"), WorkerPool(1), LiveSessions())


def test_the_character_stands_before_what_was_chosen(cut: Stream, tmp_path: Path):
    wall, token = tmp_path / "wall.png", ""
    Image.new("RGB", (90, 60), (120, 40, 200)).save(wall)
    frames = swaying(8, 240, 320)
    for behind, color in (("", (0, 0, 0)), ("#00ff00", (0, 255, 0)), (str(wall), (120, 40, 200)), ("", (0, 0, 0))):
        picture = np.zeros((64, 64, 3), int)
        for frame in frames:
            shown, _, token = asyncio.run(cut.step(frame, "dance-layers", token, behind))
            picture = opened(shown).astype(int)
        assert np.abs(picture[:4, :4] - color).max() < 12, behind
        assert (np.abs(picture - color).max(-1) > 90).sum() > 50, "the character is there"
    shown, note, _ = asyncio.run(cut.step(frames[0], "dance-dots", token, "#00ff00"))
    assert "only its own background" in note
    assert opened(shown)[:4].max() < 12


def test_what_is_chosen_is_checked_and_a_picture_stays_a_file():
    assert background_choice(COLOR, "rgba(0, 255, 0, 1)", "/some/file") == "#00ff00"
    assert background_choice(PICTURE, "#00ff00", "/some/file") == "/some/file"
    assert background_choice(PICTURE, "#00ff00", None) == background_choice(OWN, "#00ff00", "/some/file") == ""
    assert dance_stream._uploaded(SimpleNamespace(path="/some/file", url="x")) == "/some/file"
    for kind, color in (("sky", "#00ff00"), (COLOR, "green"), (COLOR, None)):
        with pytest.raises(gr.Error):
            background_choice(kind, color, None)


@pytest.mark.parametrize("name", [None, "pose", "../dance-dots", ["dance-dots"]])
def test_an_unknown_character_ends_in_a_sentence(stream: Stream, name: Any):
    with pytest.raises(gr.Error, match="Reload"):
        step(stream, np.zeros((240, 320, 3), np.uint8), name)


def test_a_full_house_is_an_error_with_a_sentence(stream: Stream):
    for _ in range(2):
        step(stream, np.zeros((240, 320, 3), np.uint8))
    with pytest.raises(gr.Error, match="Try again"):
        step(stream, np.zeros((240, 320, 3), np.uint8))


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "/etc/passwd",
        "http://127.0.0.1/x.jpg",
        PREFIX + "###",
        PREFIX + "A" * dance_stream.MAX_LETTERS,
        PREFIX + base64.b64encode(b"no picture").decode(),
        PREFIX + base64.b64encode(pictures.saved(Image.new("1", (9000, 9000)), "PNG")).decode(),
    ],
    ids=["none", "empty", "path", "address", "letters", "long", "text", "large"],
)
def test_what_is_no_camera_picture_ends_in_a_sentence(url: Any):
    with pytest.raises(gr.Error):
        dance_stream._received(SimpleNamespace(url=url))


def test_a_large_camera_is_made_small():
    payload = SimpleNamespace(url=jpeg(np.zeros((1080, 1920, 3), np.uint8)))
    assert dance_stream._received(payload).shape == (180, 320, 3)  # type: ignore[union-attr]
    assert dance_stream._received(None) is None


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    weights = dancers.fill(tmp_path_factory.mktemp("weights"), "dance-layers", "dance-spots")
    with running(weights, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


filmed = swaying
REFUSED = "**/component_server/**", "This is not allowed here."
STRICT = "script-src 'self' 'unsafe-inline'"
"""A policy under which pages may not compile code, as Gradio's HTML component does."""

CORNER = """(color) => {
  const image = document.querySelector("#stream-shown img");
  const context = document.createElement("canvas").getContext("2d");
  if (!image.complete || !image.naturalWidth) return false;
  context.drawImage(image, 0, 0);
  const found = context.getImageData(2, 2, 1, 1).data;
  return color.every((value, i) => Math.abs(found[i] - value) < 20);
}"""


def refuse(page: Any, address: str, how: str) -> None:
    """Let the page's functions be refused, or its scripts be forbidden."""

    def strict(route: Any) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": STRICT})

    if how == "policy":
        page.route(f"{address}/", strict)
    else:
        page.route(REFUSED[0], lambda route: route.fulfill(status=403, body=REFUSED[1]))


@pytest.mark.browser
@pytest.mark.parametrize("how", ["proxy", "policy"])
def test_where_the_page_cannot_work_the_stream_moves_the_character(browser: Any, address: str, how: str) -> None:
    page = browser.new_context(viewport={"width": 1320, "height": 900}).new_page()
    try:
        page.set_default_timeout(300_000)
        refuse(page, address, how)
        page.goto(f"{address}/")
        if how == "proxy":
            page.locator(".dance-head").get_by_role("button", name="Start camera").click()
            page.get_by_text("open “The camera does not start?” below").wait_for()
        page.locator("#stream").get_by_text("The camera does not start?").click()
        assert (page.locator(".dance-graphs button").count() > 0) == (how == "proxy"), "the script never ran"
        page.locator("#stream").get_by_text("A colour").click()
        page.locator("#stream-color").wait_for()
        page.locator("#stream-camera").get_by_text("Click to Access Webcam").click()
        page.locator("#stream-camera").get_by_label("capture photo").click()
        first = page.locator("#stream-shown img").get_attribute("src")
        page.wait_for_function("old => document.querySelector('#stream-shown img').src !== old", arg=first)
        page.get_by_text(dance_stream.NOBODY).wait_for(state="detached")
        page.wait_for_function(CORNER, arg=[0, 255, 0])
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"dance-stream-{how}.png", full_page=True)
    finally:
        page.context.close()
