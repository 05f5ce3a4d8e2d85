"""Test what the Dance tab shows of the webcam: its own frame, notes beside it, and the person who is clicked."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import onnx
import pytest

from tests.support import dancers
from tests.support.browser_steps import dancing, noted, start
from tests.support.live_page import swaying
from tests.support.serving import running

pytestmark = pytest.mark.browser
filmed = swaying

NOBODY = """
() => { navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const pen = canvas.getContext("2d");
  const paint = () => { pen.fillStyle = "rgb(" + Math.random() * 255 + ",9,9)"; pen.fillRect(0, 0, 320, 240); };
  setInterval(paint, 60);
  return canvas.captureStream(15);
}; }
"""
"""A camera that shows nobody."""
COLORED = """
() => { navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const pen = canvas.getContext("2d");
  const level = () => 40 * Math.floor(Math.random() * 7);
  setInterval(() => { pen.fillStyle = `rgb(${level()},${level()},${level()})`; pen.fillRect(0, 0, 320, 240); }, 40);
  return canvas.captureStream(25);
}; }
"""
"""A camera that shows another colour in every frame."""
SHOWN = """
async () => {
  const canvas = document.querySelector(".dance-you"), seen = [];
  const color = (source, x, y) => {
    const one = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
    one.drawImage(source, x, y, 1, 1, 0, 0, 1, 1);
    return [...one.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  for (let step = 0; step < 25; step++) {
    seen.push([color(canvas, canvas.width / 2, canvas.height / 2), window.sent.length]);
    await new Promise((done) => setTimeout(done, 60));
  }
  const sent = [];
  for (const { jpeg } of window.sent) {
    const image = Object.assign(new Image(), { src: jpeg });
    await image.decode();
    sent.push(color(image, image.width / 2, image.height / 2));
  }
  return { seen, sent };
}
"""
EXTENT = """
canvas => {
  const { width, height } = canvas, data = canvas.getContext("2d").getImageData(0, 0, width, height).data, rows = [];
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] + data[i + 1] + data[i + 2] > 150) rows.push(Math.floor(i / 4 / width));
  }
  return (Math.max(...rows) - Math.min(...rows)) / height;
}
"""
"""The height of what is drawn, as a share of the canvas."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app over a pose graph and two characters, one of twice the size."""
    weights = dancers.stage(tmp_path_factory.mktemp("weights"), "dance-dots")
    onnx.save(dancers.character("dance-wide", size=128), weights / "dance-wide.onnx")
    with running(weights, tmp_path_factory.mktemp("log") / "app.log", "--pose", "synth", seconds=180) as url:
        yield url


@pytest.fixture
def probed(page: Any, address: str) -> Any:
    return dancing(noted(page, "dance_frame"), address)


def test_the_camera_picture_is_the_one_that_the_skeleton_belongs_to(probed: Any) -> None:
    """However late an answer is: what is shown was sent, and neither the newest nor one that was never sent."""
    probed.evaluate(COLORED)
    probed.evaluate("() => { window.wait = 300; }")
    start(probed)
    probed.wait_for_timeout(1000)
    found = probed.evaluate(SHOWN)
    for color, count in found["seen"]:
        distances = [np.abs(np.subtract(color, one)).max() for one in found["sent"][max(0, count - 5) : count]]
        assert min(distances) <= 16, "a picture that was never sent"


def test_another_size_of_character_does_not_shrink_the_skeleton(probed: Any) -> None:
    """An answer of the last character that comes after the choice of another is drawn at its own scale."""
    start(probed)
    before = probed.locator(".dance-skeleton").evaluate(EXTENT)
    probed.evaluate("() => { window.wait = 800; window.least = 9; }")
    probed.evaluate(
        """read => setInterval(() => { window.least = Math.min(window.least,
        eval(read)(document.querySelector(".dance-skeleton"))); }, 20)""",
        EXTENT,
    )
    probed.get_by_role("radio", name="Wide").click()
    probed.wait_for_function("() => document.querySelector('.dance-character').width === 128")
    assert probed.evaluate("window.least") > 0.75 * before


def test_a_click_on_the_camera_picture_selects_a_person(probed: Any) -> None:
    """The place is that in the picture as the camera took it, not as the mirror shows it."""
    start(probed)
    box = probed.locator(".dance-you").bounding_box()
    click = {"x": 0.25 * box["width"], "y": 0.5 * box["height"]}
    probed.locator(".dance-you").click(position=click)
    probed.wait_for_function("() => window.sent.at(-1).select?.count === 1")
    select = probed.evaluate("() => window.sent.at(-1).select")
    assert (select["x"], select["y"]) == (pytest.approx(0.75, abs=0.02), pytest.approx(0.5, abs=0.02))
    probed.locator(".dance-you").click(position={"x": 0.5 * box["width"], "y": 4})
    probed.wait_for_timeout(500)
    assert probed.evaluate("() => window.sent.at(-1).select.count") == 1, "beside the picture"


def test_a_note_stands_beside_the_pictures_and_only_after_a_second(probed: Any) -> None:
    probed.evaluate(NOBODY)
    start(probed)
    began = probed.evaluate("() => performance.now()")
    note = probed.locator(".dance-note", has_text="Nobody is in view")
    note.wait_for()
    assert probed.evaluate("() => performance.now()") - began < 30_000
    for box in (panel.bounding_box() for panel in probed.locator(".dance-box").all()):
        text = note.bounding_box()
        assert text["y"] + text["height"] <= box["y"] or text["y"] >= box["y"] + box["height"]
