"""Test cycle consistency and the webcam of the Translate tab in a real Chromium, with graphs that invert."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.support import returning
from tests.support.browser_steps import closed, noted, tab, visit
from tests.support.paths import PICTURES
from tests.support.serving import running

pytestmark = pytest.mark.browser
CAMERA = (200, 150, 100)
READ = (
    "([panel, x, y]) => { const c = document.querySelectorAll('.panels canvas')[panel];"
    " return [c.width, c.height, ...c.getContext('2d').getImageData(x * c.width, y * c.height, 1, 1).data]; }"
)
LIVE = "() => Number(document.querySelector('.panels [data-metric=fps]').textContent) > 0"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    weights = returning.fill(tmp_path_factory.mktemp("weights"))
    with running(weights, tmp_path_factory.mktemp("log") / "app.log", seconds=180) as url:
        yield url


def filmed() -> list[np.ndarray]:
    return [np.full((480, 640, 3), CAMERA, np.uint8) for _ in range(3)]


@pytest.fixture
def night(page: Any, address: str) -> Any:
    """The tab with the graph that has a way back."""
    visit(noted(page, "translate_frame"), address, "Translate", "text=96 × 64 pixels")
    choose(page, "Night")
    page.get_by_text("Day to night").locator("visible=true").wait_for()
    return page


def choose(page: Any, label: str) -> None:
    page.get_by_label(label, exact=True).locator("visible=true").first.check(force=True)


def toggle(page: Any) -> Any:
    return page.get_by_label("Translate back")


def near(page: Any, panel: int, color: tuple[int, int, int], size: tuple[int, int]) -> None:
    """Wait until the middle of a panel has a colour, about, and the panel a size in pixels."""
    seen: list[int] = []
    for _ in range(150):
        seen = page.evaluate(READ, [panel, 0.5, 0.9])
        if tuple(seen[:2]) == size and np.abs(np.array(seen[2:5]) - color).max() <= 6:
            return
        page.wait_for_timeout(100)
    assert seen == [*size, *color, 255]


def upload(page: Any, path: Path, size: tuple[int, int], color: tuple[int, int, int]) -> None:
    Image.new("RGB", size, color).save(path)
    page.locator("input[type=file]:not(.draw-file)").first.set_input_files(path)


def test_an_example_goes_there_and_back(night: Any) -> None:
    assert not night.locator(".panels").is_visible()
    toggle(night).check(force=True)
    night.locator(".panels-told").get_by_text("grey levels").wait_for()
    assert night.locator(".panels figcaption").all_inner_texts() == ["Input", "Translation", "Reconstruction"]
    near(night, 0, (200, 150, 100), (96, 64))
    near(night, 1, (55, 105, 155), (96, 64))
    near(night, 2, (160, 110, 60), (96, 64))
    told = f"Input and reconstruction differ by {returning.LOSS:.1f} of 255 grey levels"
    assert told in night.locator(".panels-told").inner_text()
    tops = [figure.bounding_box()["y"] for figure in night.locator(".panels figure").all()]
    assert len(set(tops)) == 1, "side by side"
    toggle(night).uncheck(force=True)
    night.locator(".panels").wait_for(state="hidden")


@pytest.mark.parametrize("size", [(1, 1), (70, 51)])
def test_an_own_picture_of_any_size_and_its_translation_to_fetch(
    night: Any, tmp_path: Path, size: tuple[int, int]
) -> None:
    toggle(night).check(force=True)
    upload(night, tmp_path / "own.png", size, (250, 100, 50))
    night.get_by_text(f"{size[0]} × {size[1]} pixels").wait_for()
    near(night, 2, (210, 60, 10), size)
    with night.expect_download() as download:
        night.get_by_text("Download result").locator("visible=true").click()
    made = np.asarray(Image.open(download.value.path()))
    assert np.array_equal(made, np.full((size[1], size[0], 3), (5, 155, 205)))


def test_a_snapshot_of_the_webcam_goes_there_and_back(night: Any) -> None:
    toggle(night).check(force=True)
    night.locator(".panels-told").get_by_text("grey levels").wait_for()
    night.get_by_label("Capture from camera").click()
    night.get_by_text("Click to Access Webcam").or_(night.locator("button[title='grant webcam access']")).first.click()
    night.wait_for_function("() => [...document.querySelectorAll('video')].some((v) => v.readyState === 4)")
    night.get_by_label("capture photo").click()
    night.get_by_text("640 × 480 pixels").wait_for()
    near(night, 2, (160, 110, 60), (640, 480))


def test_the_toggle_is_there_for_graphs_with_a_way_back_alone(night: Any) -> None:
    toggle(night).check(force=True)
    night.locator(".panels-told").get_by_text("The model for the way back is “Day").wait_for()
    choose(night, "Alone")
    toggle(night).wait_for(state="hidden")
    night.locator(".panels").wait_for(state="hidden")
    assert night.get_by_label("Live webcam").is_visible()
    choose(night, "Labels")
    night.get_by_label("Live webcam").wait_for(state="hidden")
    choose(night, "Day")
    night.locator(".panels-told").get_by_text("The model for the way back is “Night").wait_for()
    near(night, 2, (100, 120, 140), (96, 64))


def test_live_one_way_then_there_and_back_then_a_picture_again(night: Any) -> None:
    choose(night, "Live webcam")
    night.wait_for_function(LIVE)
    near(night, 0, CAMERA, (320, 240))
    near(night, 1, (55, 105, 155), (64, 48))
    assert not night.locator(".panels figure").nth(2).is_visible()
    assert not night.locator("input[type=file]:not(.draw-file)").first.is_visible()
    toggle(night).check(force=True)
    near(night, 2, (160, 110, 60), (64, 48))
    night.locator(".panels-told").get_by_text("grey levels").wait_for()
    night.locator(".panels-stages").get_by_text("way back").wait_for()
    night.screenshot(path=PICTURES / "cycle-live.png", full_page=True)
    numbers = night.evaluate("() => window.sent.map((d) => d.number)")
    assert numbers == sorted(set(numbers))
    choose(night, "Day")
    night.wait_for_function("() => window.sent.slice(-1).every((d) => d.graph === 'night2day' && d.cycle)")
    choose(night, "Picture")
    night.get_by_text("96 × 64 pixels").wait_for()
    assert closed(night)
    near(night, 2, (100, 120, 140), (96, 64))


def test_a_graph_of_label_maps_turns_the_camera_off(night: Any) -> None:
    choose(night, "Live webcam")
    night.wait_for_function(LIVE)
    choose(night, "Labels")
    night.get_by_text("96 × 64 pixels").wait_for()
    night.wait_for_function("() => document.querySelector('.panels').dataset.state === 'idle'")
    assert closed(night)


def test_out_of_sight_the_camera_is_off_and_can_be_started_again(night: Any) -> None:
    choose(night, "Live webcam")
    night.wait_for_function(LIVE)
    tab(night, "Models")
    night.wait_for_function("() => document.querySelector('.panels').dataset.state === 'idle'")
    assert closed(night)
    tab(night, "Translate")
    night.get_by_text("was hidden").wait_for()
    night.locator(".panels").get_by_role("button", name="Start camera").click()
    night.wait_for_function(LIVE)
    night.locator(".panels").get_by_role("button", name="Stop").click()
    assert closed(night)


def test_a_camera_that_is_refused_ends_in_a_sentence(night: Any) -> None:
    refuse = (
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', 'NotFoundError')); }"
    )
    night.evaluate(refuse)
    choose(night, "Live webcam")
    night.get_by_text(re.compile("No camera was found")).wait_for()


@pytest.mark.parametrize("width", [390, 820])
def test_nothing_is_wider_than_a_narrow_window(night: Any, width: int) -> None:
    night.set_viewport_size({"width": width, "height": 860})
    toggle(night).check(force=True)
    night.locator(".panels-told").get_by_text("grey levels").wait_for()
    assert night.evaluate("document.documentElement.scrollWidth") <= width
    night.screenshot(path=PICTURES / f"Cycle-{width}.png", full_page=True)
