"""Test the character in the static page: skeletons as in Python, and the webcam replacing the stored dance."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from export import runtime, web
from synth.benchmarks.static import serving
from synth.pixels.body import skeleton
from tests.support import dancers
from tests.support.bodies import moves
from tests.support.live_page import swaying

pytestmark = pytest.mark.browser
filmed = swaying

# Mean grey levels over the pixels of a skeleton: a canvas smooths edges otherwise than OpenCV. What ``dance-ava``
# makes of the two differs by 0.2 to 0.3 grey levels in the mean.
STROKES = 6.0


@pytest.fixture(scope="module")
def page(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An empty page beside the scripts."""
    out = tmp_path_factory.mktemp("page")
    weights = dancers.fill(tmp_path_factory.mktemp("weights"))
    web.write(out, weights=weights, cdn=True)
    (out / "blank.html").write_text("<!doctype html><link rel=icon href=data:,><title>blank</title>")
    with serving(out) as address:
        page = browser.new_page()
        page.goto(f"{address}blank.html")
        yield page


def test_a_skeleton_looks_as_in_python(page: Any):
    pose = moves()[7]
    expected = skeleton.draw(pose, 256, 256)
    found = page.evaluate(
        """async (pose) => {
          const { drawSkeleton } = await import("./web/body/skeleton.js"), canvas = document.createElement("canvas");
          canvas.width = canvas.height = 256;
          drawSkeleton(canvas, pose, 256);
          return [...canvas.getContext("2d").getImageData(0, 0, 256, 256).data].filter((_, i) => i % 4 < 3);
        }""",
        pose.tolist(),
    )
    gaps = np.abs(np.array(found).reshape(expected.shape) - expected.astype(int)).mean(-1)
    drawn = expected.any(-1)
    assert gaps.sum() / drawn.sum() < STROKES


def test_the_stored_dance_plays_and_the_camera_takes_over(browser: Any, tmp_path: Path):
    try:
        runtime.package()
    except ValueError as problem:
        pytest.skip(str(problem))
    (tmp_path / "weights").mkdir()
    web.write(tmp_path / "page", weights=dancers.fill(tmp_path / "weights"))
    with serving(tmp_path / "page") as address:
        page, wrong = browser.new_page(), []
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.set_default_timeout(300_000)
        page.goto(address)
        page.locator("#dance .speed").filter(has_text="WebAssembly").wait_for()
        page.get_by_role("button", name="Start camera").click()
        page.locator("#dance[data-live=true] .speed").filter(has_text="pictures/s").wait_for()
        page.wait_for_function("() => document.querySelector('#dance .over-note').textContent === ''")
        page.get_by_role("button", name="Stop camera").click()
        page.locator("#dance[data-live=false] .speed").filter(has_text="pictures/s").wait_for()
        assert page.locator("#dance video").evaluate("video => video.srcObject") is None
        page.close()
    assert wrong == []
