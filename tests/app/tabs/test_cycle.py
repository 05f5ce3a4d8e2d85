"""Test cycle consistency and the webcam of the Translate tab without a browser."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from synth.app.live import frame_request
from synth.app.tabs import translate
from synth.app.tabs import translate_live as lens
from synth.card import Input
from synth.pixels import images
from synth.runtime import cycle, run
from synth.runtime.registry import Registry
from tests.support import graphs, returning
from tests.support.live_page import jpeg
from tests.support.pictures import opened

pytestmark = pytest.mark.usefixtures("cache")
BRIGHT = (200, 150, 100)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(returning.fill(tmp_path_factory.mktemp("weights")), "cpu")


def plain(height: int, width: int, color: tuple[int, int, int] = BRIGHT) -> np.ndarray:
    return np.full((height, width, 3), color, np.uint8)


def travel(home: Registry, image: np.ndarray, size: str = run.OWN) -> cycle.Cycle:
    return cycle.travel(home.graph("day2night"), home.graph("night2day"), image, size)


# There and back


@pytest.mark.parametrize(("height", "width"), [(1, 1), (33, 47), (64, 64), (1, 300)])
def test_what_comes_back_is_as_much_darker_as_the_way_back_takes_off(home: Registry, height: int, width: int) -> None:
    """The two graphs work in blocks of 32 and of 8 pixels: no size need be a multiple of either."""
    trip = travel(home, plain(height, width))
    assert trip.back.result.shape == trip.there.result.shape == (height, width, 3)
    assert np.array_equal(trip.there.result, 255 - trip.there.input)
    assert trip.back.input is trip.there.result
    assert trip.difference == returning.LOSS


def test_a_difference_is_of_pixels_and_channels_and_has_no_sign(home: Registry) -> None:
    assert travel(home, plain(8, 8, (255, 10, 0))).difference == pytest.approx((40 + 10 + 0) / 3)
    assert cycle.difference(plain(2, 2, (0, 0, 0)), plain(2, 2, (255, 255, 255))) == 255


def test_shrunk_pictures_are_compared_with_what_went_in(home: Registry) -> None:
    trip = travel(home, plain(100, 200), run.TRAINED)
    assert trip.back.result.shape == trip.there.input.shape == (32, 64, 3)
    assert trip.difference == returning.LOSS


def test_too_large_for_the_way_back_is_said_before_anything_ran(tmp_path: Path, monkeypatch: Any) -> None:
    """The way there takes a line of 4 megapixels, the way back would have to pad it to 64 times as many."""
    graphs.save(tmp_path, replace(returning.THERE, multiple=1))
    graphs.save(tmp_path, replace(returning.BACK, multiple=64))
    registry = Registry(tmp_path, "cpu")
    there, back = registry.graph("day2night"), registry.graph("night2day")
    monkeypatch.setattr(there, "run", lambda *_: pytest.fail("this ran"))
    with pytest.raises(ValueError, match=r"padded to .* megapixels .*Shrink to 64"):
        cycle.travel(there, back, np.zeros((1, 100_000, 3), np.uint8))


# Who has a way back


def test_only_graphs_whose_partner_is_there_have_a_way_back(home: Registry) -> None:
    assert {name: cycle.partner(home, name) for name in home.entries} == {
        "labels": "", "alone": "", "day2night": "night2day", "night2day": "day2night",
    }  # fmt: skip
    assert cycle.names(home) == ["day2night", "night2day"]
    with pytest.raises(ValueError, match="no model"):
        cycle.partner(home, "../x")


@pytest.mark.parametrize(
    "odd", [{"scale": 2}, {"inputs": (Input(), Input("mask", kind="mask"))}], ids=["larger", "with a mask"]
)
def test_a_partner_that_is_of_another_kind_is_no_way_back(tmp_path: Path, odd: dict[str, Any]) -> None:
    graphs.save(tmp_path, returning.THERE)
    model = graphs.invert(replace(returning.BACK, **odd))
    if "inputs" in odd:
        model = graphs.green(replace(returning.BACK, **odd))
    onnx.save(model, tmp_path / "night2day.onnx")
    registry = Registry(tmp_path, "cpu")
    assert "night2day" in registry.entries
    assert cycle.partner(registry, "day2night") == ""
    assert cycle.names(registry) == []


# The tab


def shown(update: Any) -> Any:
    return update["visible"] if isinstance(update, dict) else update.visible


def test_the_cycle_view_shows_three_pictures_and_their_difference(home: Registry) -> None:
    panels, slider, fetch, status = translate.Page(home).result("day2night", plain(40, 60), run.OWN, True, "picture")
    first, second, third = map(opened, panels["value"]["pictures"])
    assert first.shape == second.shape == third.shape == (40, 60, 3)
    assert np.abs(first.astype(int) - third).mean() == pytest.approx(returning.LOSS, abs=3)
    assert panels["value"]["difference"] == returning.LOSS
    assert panels["value"]["back"] == "Day"
    assert (shown(panels), slider.visible, fetch["visible"]) == (True, False, True)
    assert "to translate back" in status
    assert "60 × 40 pixels" in status
    assert np.array_equal(images.read(fetch["value"]), 255 - plain(40, 60))


def test_large_pictures_are_shown_smaller_and_given_whole(home: Registry) -> None:
    panels, _, fetch, _ = translate.Page(home).result("day2night", plain(900, 1600), run.OWN, True, "picture")
    assert opened(panels["value"]["pictures"][2]).shape == (432, 768, 3)
    assert images.read(fetch["value"]).shape == (900, 1600, 3)


@pytest.mark.parametrize("name", ["alone", "labels"])
def test_without_a_way_back_there_is_the_slider(home: Registry, name: str) -> None:
    """Also if “Translate back” is still on from another model."""
    page = translate.Page(home)
    panels, slider, _, _ = page.result(name, plain(40, 60, (0, 85, 255)), run.OWN, True, "picture")
    assert (shown(panels), slider.visible) == ("hidden", True)
    assert panels["value"] == {}


def test_going_from_graph_to_graph_keeps_an_own_picture_alone(home: Registry) -> None:
    page, image = translate.Page(home), plain(40, 60)
    *_, again, given = page.switch("night2day", image, "picture", True)
    assert again.visible
    assert "value" not in given, "the picture stays"
    *_, source, _, again, given = page.switch("labels", image, "picture", False)
    assert (source.visible, again.visible) == (False, False)
    assert images.read(given["value"]).shape == (64, 96, 3), "its own example"


def test_before_the_camera_what_has_to_do_with_pictures_is_hidden(home: Registry) -> None:
    page = translate.Page(home)
    assert [shown(part) for part in page.change_source("day2night", "live")] == [False] * 3
    panels, slider, fetch, status = page.result("day2night", None, run.OWN, True, "live")
    assert panels["value"] == {"live": "day2night", "title": "Night", "cycle": True, "back": "Day"}
    assert (shown(panels), slider.visible, fetch["visible"], status) == (True, False, False, "")
    strip, _, source, size, again, given = page.switch("labels", None, "live", False)
    assert [shown(part) for part in (strip, source, size, again, given)] == [True, False, True, False, True]
    assert page.result("labels", plain(40, 60), run.OWN, True, "live")[0]["value"] == {}
    assert page.result("alone", None, run.OWN, True, "live")[0]["value"]["cycle"] is False


def test_no_picture_is_nothing_to_show(home: Registry) -> None:
    _, slider, fetch, status = translate.Page(home).result("day2night", None, run.OWN, True, "picture")
    assert (slider.value, fetch["value"], status) == (None, None, "")


# Live


class Visit:
    """What the panels do: call by name, a token, pictures that count up."""

    def __init__(self, home: Registry, **given: Any):
        self.functions = {
            function.__name__: function for function in lens.TranslateEndpoints(home, **given).functions()
        }
        self.number = 0
        self.token = self.call("translate_begin", {"graph": "day2night"})["token"]

    def call(self, name: str, data: Any) -> dict[str, Any]:
        return asyncio.run(self.functions[name](data))

    def data(self, image: np.ndarray, **given: Any) -> dict[str, Any]:
        self.number += 1
        usual = {"token": self.token, "graph": "day2night", "cycle": True, "jpeg": jpeg(image), "number": self.number}
        return {**usual, "time": 0.0, "smooth": 0, "again": 0, **given}

    def frame(self, image: np.ndarray, **given: Any) -> dict[str, Any]:
        return self.call("translate_frame", self.data(image, **given))


def test_a_camera_picture_goes_there_and_back_at_the_size_of_the_training(home: Registry) -> None:
    answer = Visit(home).frame(plain(240, 320))
    there, back = map(opened, answer["pictures"])
    assert there.shape == back.shape == (48, 64, 3)
    assert np.abs(there.astype(int) - (255 - np.array(BRIGHT))).max() <= 3
    assert answer["difference"] == pytest.approx(returning.LOSS, abs=1)
    assert set(answer["ms"]) == {"wait", "server", "graph", "way back"}
    assert answer["place"] == "CPU"


def test_one_way_is_one_picture(home: Registry) -> None:
    answer = Visit(home).frame(plain(240, 320), cycle=False)
    assert len(answer["pictures"]) == 1
    assert "difference" not in answer
    assert "way back" not in answer["ms"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"graph": "pose"}, "no model"), ({"graph": None}, "no model"), ({"graph": ["x"]}, "no model"),
        ({"graph": "labels"}, "does not take webcam images"), ({"graph": "alone"}, "of this one back"),
        ({"cycle": 1}, "of this one back"), ({"cycle": "yes"}, "of this one back"), ({"jpeg": "data:,"}, "damaged"),
        ({"jpeg": frame_request.PREFIX + "AAAA"}, "damaged"), ({"number": -1}, "damaged"), ({"time": None}, "damaged"),
    ],
)  # fmt: skip
def test_what_a_page_would_not_send_ends_in_a_sentence(home: Registry, given: dict[str, Any], said: str) -> None:
    visit = Visit(home)
    assert said in visit.frame(plain(40, 40), **given)["error"]
    assert "pictures" in visit.frame(plain(40, 40))


@pytest.mark.parametrize("name", ["translate_begin", "translate_frame", "translate_end"])
@pytest.mark.parametrize("data", [None, [], 7, "x", [{}], True])
def test_what_is_no_message_ends_in_a_sentence(home: Registry, name: str, data: Any) -> None:
    assert Visit(home).call(name, data)["error"].endswith(".")


def test_unknown_tokens_old_frames_and_sizes_that_no_webcam_has(home: Registry) -> None:
    visit = Visit(home)
    assert visit.frame(plain(40, 40), token="x") == {"gone": True}
    assert "pictures" in visit.frame(plain(40, 40))
    assert visit.frame(plain(40, 40), number=1) == {"late": True}
    for size in ((31, 64), (900, 900)):
        assert "is not accepted" in visit.frame(plain(*size))["error"]
    visit.call("translate_end", {"token": visit.token})
    assert visit.frame(plain(40, 40)) == {"gone": True}


def test_the_newest_picture_wins_and_two_are_held(home: Registry) -> None:
    visit = Visit(home)

    async def flood() -> list[dict[str, Any]]:
        return await asyncio.gather(*(visit.functions["translate_frame"](visit.data(plain(40, 40))) for _ in range(9)))

    answers = asyncio.run(flood())
    assert sum("pictures" in answer for answer in answers) == 2
    assert sum(answer == {"busy": True} for answer in answers) == 7
