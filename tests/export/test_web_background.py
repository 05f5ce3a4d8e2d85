"""Other backgrounds in the page without a server: a character is cut out as in Python, and stands before them."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from export import runtime, web
from synth.benchmarks.static import serving
from synth.pixels.matte import Matte
from tests.pixels.test_matte import disc, mixed
from tests.support import dancers
from tests.support.live_page import swaying
from tests.support.visitor import until

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


def faulty(number: int, side: int) -> np.ndarray:
    """Return a cover of somebody who moves, with noise, pits, a view past an elbow and a hole that is none."""
    cover = np.roll(disc(0.42 * side, 9, side), 3 * number, axis=1).astype(int)
    middle, hole = side // 2, side // 9
    cover[middle - hole : middle, middle - hole : middle] = 0
    cover[middle + 4 : middle + 4 + hole, middle - hole : middle] = 60
    cover[middle - 2 * hole : middle - 2 * hole + 2, middle : middle + 2] = 0
    cover[:9, :30] = 255
    cover += np.random.default_rng(number).integers(-12, 13, cover.shape)
    return cover.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("side", [64, 256])
def test_a_character_is_cut_out_as_in_python(page: Any, side: int) -> None:
    plate = np.random.default_rng(5).integers(0, 256, (side, side, 3)).astype(np.uint8)
    covers = [faulty(number, side) for number in range(4)]
    pictures = [mixed(cover, (200, 90, 30), plate) for cover in covers]
    matte = Matte()
    expected = [matte(a, b[..., None], plate) for a, b in zip(pictures, covers, strict=True)]
    found = page.evaluate(
        """async ([pictures, covers, plate, side]) => {
          const { makeMatte } = await import("./web/pixels/matte.js"), matte = makeMatte();
          const read = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
          const write = (data) => btoa(Array.from(data, (value) => String.fromCharCode(value)).join(""));
          return pictures.map((picture, i) => {
            const given = { data: read(picture), width: side, height: side };
            const { alone, gap } = matte(given, read(covers[i]), read(plate));
            return [write(alone.data), write(gap)];
          });
        }""",
        [*[[coded(one) for one in many] for many in (pictures, covers)], coded(plate), side],
    )
    for (alone, gap), (wanted, open_) in zip(found, expected, strict=True):
        assert np.abs(decoded(gap, open_.shape) - open_).max() <= 1
        assert np.abs(decoded(alone, wanted.shape) - wanted).max() <= 2
    gap = expected[0][1]
    assert (gap[:40] < 5).any(), "somebody"
    assert gap[side // 2 - 4, side // 2 - 4] > 250, "a view past an elbow"
    assert gap[side // 2 + 8, side // 2 - 4] == 0, "a hole that is none"


def coded(array: np.ndarray) -> str:
    return base64.b64encode(array.tobytes()).decode()


def decoded(text: str, shape: tuple[int, ...]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(shape).astype(int)


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
    told.filter(has_text="not a picture that the browser can read").wait_for()
    page.wait_for_timeout(1000)
    assert "not a picture" in told.inner_text()
    page.evaluate(REFUSE)
    page.get_by_role("button", name="Start camera").click()
    told.filter(has_text="camera").wait_for()
    page.wait_for_timeout(1000)
    assert "camera" in told.inner_text(), "while the stored dance goes on"
