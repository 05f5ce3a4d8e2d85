"""The camera by Gradio's own streaming: what arrives is checked, and a browser without the page's functions dances."""

import asyncio
import base64
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from synth.serve import dance_stream
from synth.serve.dance_stream import Stream
from synth.serve.live import PREFIX
from synth.serve.shelf import Shelf
from synth.serve.turns import Turns
from synth.serve.visitors import Visitors
from tests import dancers, pictures
from tests.conftest import PICTURES, running
from tests.live_page import jpeg, swaying
from tests.test_dance import opened


@pytest.fixture
def stream(troupe: Shelf) -> Stream:
    return Stream(troupe, Turns(1), Visitors(most=2))


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
    assert len(stream._visitors) == 1


def test_nobody_is_said_and_no_picture_is_nothing(stream: Stream):
    assert "Nobody is in view" in step(stream, np.zeros((240, 320, 3), np.uint8))[1]
    assert step(stream, None, token="x")[2] == "x"


@pytest.mark.parametrize("name", [None, "pose", "../dance-dots", ["dance-dots"]])
def test_an_unknown_character_ends_in_a_sentence(stream: Stream, name: Any):
    with pytest.raises(gr.Error, match="Reload"):
        step(stream, np.zeros((240, 320, 3), np.uint8), name)


def test_too_many_visitors_are_told(stream: Stream):
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
    weights = dancers.fill(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-lines")
    with running(weights, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


filmed = swaying
REFUSED = "**/component_server/**", "This is not allowed here."
STRICT = "script-src 'self' 'unsafe-inline'"
"""A policy under which pages may not compile code, as Gradio's HTML component does."""


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
        page.set_default_timeout(90_000)
        refuse(page, address, how)
        page.goto(f"{address}/")
        if how == "proxy":
            page.locator(".dance-bar").get_by_role("button", name="Start camera").click()
            page.get_by_text("open “The camera does not start?” below").wait_for()
        page.locator("#stream").get_by_text("The camera does not start?").click()
        assert (page.locator(".dance-graphs button").count() > 0) == (how == "proxy"), "the script never ran"
        page.locator("#stream-camera").get_by_text("Click to Access Webcam").click()
        page.locator("#stream-camera").get_by_label("capture photo").click()
        first = page.locator("#stream-shown img").get_attribute("src")
        page.wait_for_function("old => document.querySelector('#stream-shown img').src !== old", arg=first)
        page.get_by_text(dance_stream.NOBODY).wait_for(state="detached")
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"dance-stream-{how}.png", full_page=True)
    finally:
        page.context.close()
