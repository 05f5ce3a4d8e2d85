"""The Dance tab without a browser: its functions are public, so anything may arrive, from anybody, at any rate."""

import asyncio
import base64
import io
import json
import shutil
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from synth.pixels import skeleton
from synth.serve import dance, demo, live
from synth.serve.shelf import Shelf
from synth.serve.turns import Busy, Turns, workers
from synth.serve.visitors import Gone, Visitors
from tests import dancers, graphs, pictures
from tests.test_pose import moves


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(dancers.fill(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-lines"), "cpu", "synth")


class Page:
    """What the page does: calls by name, a token, frames that count up."""

    def __init__(self, shelf: Shelf, **given: Any):
        self.stage = dance.Stage(shelf, **given)
        self.functions = {function.__name__: function for function in self.stage.functions()}
        self.token, self.number = "", 0

    def call(self, name: str, data: Any) -> dict[str, Any]:
        return asyncio.run(self.functions[name](data))

    def begin(self, character: str = "dance-dots") -> dict[str, Any]:
        answer = self.call("dance_begin", {"character": character})
        self.token = answer.get("token", "")
        return answer

    def data(self, picture: np.ndarray | None = None, **given: Any) -> dict[str, Any]:
        self.number += 1
        frame = dancers.person()[0] if picture is None else picture
        usual = {
            "token": self.token, "character": "dance-dots", "jpeg": jpeg(frame), "number": self.number,
            "time": self.number / 30, "mirror": True, "smooth": 0.5, "again": 0,
        }  # fmt: skip
        return usual | given

    def frame(self, picture: np.ndarray | None = None, **given: Any) -> dict[str, Any]:
        return self.call("dance_frame", self.data(picture, **given))


@pytest.fixture
def page(shelf: Shelf) -> Page:
    page = Page(shelf)
    page.begin()
    return page


def jpeg(image: np.ndarray | Image.Image) -> str:
    opened = image if isinstance(image, Image.Image) else Image.fromarray(image)
    return live.PREFIX + base64.b64encode(pictures.saved(opened, "JPEG", quality=95, subsampling=0)).decode()


def waving() -> np.ndarray:
    """Return a frame of a person whose left arm is lifted."""
    joints = dancers.person()[1]
    joints[[7, 9]] = joints[5] + [[40, -70, 0], [60, -140, 0]]
    return dancers.paint(np.zeros((480, 640, 3), np.uint8), joints, 5)


def opened(address: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))))


# What a visitor gets


def test_a_person_moves_the_character(page: Page):
    _, joints = dancers.person()
    answer = [page.frame() for _ in range(8)][-1]
    assert answer["mode"] == "whole"
    assert np.abs(np.array(answer["joints"]) - joints)[5:, :2].max() < 3, "the person's joints, in the pixels sent"
    figure = skeleton.draw(np.array(answer["pose"], np.float32), 64, 64).astype(int)
    assert np.abs(opened(answer["picture"]).astype(int) - figure).mean() < 6, "the picture is that of the figure sent"
    assert set(answer["ms"]) == {"wait", "server", "pose", "generator"}
    assert all(value >= 0 for value in answer["ms"].values())
    assert answer["places"] == {"pose": "CPU", "generator": "CPU"}


def test_begin_says_who_finds_poses(page: Page):
    answer = page.begin()
    assert (answer["pose"], answer["warning"]) == ("synth pose", "")
    assert len(answer["token"]) >= 32


def test_nobody_lets_the_character_rest(page: Page):
    answer = page.frame(np.zeros((240, 320, 3), np.uint8))
    assert (answer["mode"], answer["joints"]) == ("rest", None)


def test_mirror_and_character_are_the_visitors(page: Page):
    frame = waving()
    elbows = [[page.frame(frame, mirror=mirror)["pose"][7:9] for _ in range(8)][-1] for mirror in (True, False)]
    lifted = [left[1] < right[1] for left, right in elbows]
    assert lifted == [False, True], "who lifts the left arm sees the right one of a mirror image rise"
    assert "picture" in page.frame(character="dance-lines")


def test_recalibration_takes_the_place_of_now_for_the_usual_one(page: Page):
    for _ in range(8):
        page.frame(dancers.person(x=250)[0])
    aside = [page.frame(dancers.person(x=390)[0]) for _ in range(4)][-1]["pose"][11][0]
    again = [page.frame(dancers.person(x=390)[0], again=1) for _ in range(8)][-1]["pose"][11][0]
    assert abs(aside - again) > 3


def test_a_frame_older_than_the_newest_is_not_computed(page: Page):
    page.frame(number=10)
    assert page.frame(number=9) == {"late": True}
    assert page.frame(number=10) == {"late": True}
    assert "picture" in page.frame(number=11)


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320), (320, 240), (33, 500)])
def test_every_shape_of_camera_will_do(page: Page, width: int, height: int):
    assert "picture" in page.frame(np.zeros((height, width, 3), np.uint8))


def test_two_visitors_do_not_meet(shelf: Shelf):
    page = Page(shelf)
    tokens = [page.begin()["token"] for _ in range(2)]
    left, right = dancers.person(x=200)[0], dancers.person(x=440)[0]
    pairs = list(zip((left, right), tokens, strict=True))
    rounds = [[page.frame(frame, token=token) for frame, token in pairs] for _ in range(3)]
    found = rounds[-1]
    hips = [np.mean([answer["joints"][11][0], answer["joints"][12][0]]) for answer in found]
    assert hips == pytest.approx([200, 440], abs=5)


# Whatever arrives


@pytest.mark.parametrize("name", ["dance_begin", "dance_frame", "dance_end", "dance_demo"])
@pytest.mark.parametrize("data", [None, [], 7, "x", [{}], True])
def test_what_is_no_message_ends_in_a_sentence(page: Page, name: str, data: Any):
    answer = page.call(name, data)
    assert set(answer) == {"error"}
    assert answer["error"].endswith(".")


BOMB = Image.new("L", (20_000, 20_000))


@pytest.mark.parametrize(
    "given",
    [
        {"jpeg": None},
        {"jpeg": ["x"]},
        {"jpeg": ""},
        {"jpeg": live.PREFIX},
        {"jpeg": live.PREFIX + "###"},
        {"jpeg": live.PREFIX + base64.b64encode(b"no picture at all").decode()},
        {"jpeg": live.PREFIX + base64.b64encode(b"\xff\xd8\xff" * 9).decode()},
        {"jpeg": live.PREFIX + "A" * 10**7},
        {"jpeg": live.PREFIX + base64.b64encode(pictures.saved(Image.new("1", (30_000, 30_000)), "PNG")).decode()},
        {"jpeg": jpeg(Image.new("L", (700, 700)))},
        {"jpeg": jpeg(Image.new("L", (8, 8)))},
        {"jpeg": jpeg(Image.new("L", (60_000, 32)))},
        {"number": "1"},
        {"number": 1.5},
        {"number": True},
        {"number": -1},
        {"number": 10**400},
        {"time": float("nan")},
        {"time": float("inf")},
        {"time": None},
        {"smooth": 2},
        {"smooth": "0.5"},
        {"again": None},
        {"mirror": 1},
        {"character": "pose"},
        {"character": "../dance-dots"},
        {"character": None},
    ],
    ids=lambda given: f"{next(iter(given))}-{str(next(iter(given.values())))[:40]}",
)
def test_a_bad_frame_ends_in_a_sentence_and_the_next_one_works(page: Page, given: dict[str, Any]):
    answer = page.frame(**given)
    assert set(answer) == {"error"}
    assert answer["error"].endswith(".")
    assert "picture" in page.frame()


def test_a_jpeg_that_breaks_off_harms_nobody(page: Page):
    whole = base64.b64decode(jpeg(graphs.noise(240, 320, 3)).removeprefix(live.PREFIX))
    answer = page.frame(jpeg=live.PREFIX + base64.b64encode(whole[: len(whole) // 2]).decode())
    assert set(answer) == {"error"} or answer["joints"] is None


@pytest.mark.parametrize("token", [None, "", "x", 5, ["a"], "é" * 1000])
def test_a_wrong_token_opens_nothing(page: Page, token: Any):
    assert page.frame(token=token) == {"gone": True}
    assert page.call("dance_end", {"token": token}) == {}


def test_after_the_end_the_token_is_worth_nothing(page: Page):
    page.call("dance_end", {"token": page.token})
    assert page.frame() == {"gone": True}


def test_without_poses_the_tab_says_what_to_do(tmp_path: Path):
    (dancers.fill(tmp_path) / "pose.onnx").unlink()
    page = Page(Shelf(tmp_path, "cpu", "synth"))
    assert "pose.onnx" in page.begin()["error"]
    assert page.call("dance_demo", {"character": "dance-dots", "first": 0})["total"] == 1, "the demo needs none"
    assert "pose.onnx" in dance.blind(Shelf(tmp_path, "cpu", "synth"))


def test_where_poses_are_found_nothing_is_warned_of(shelf: Shelf):
    assert dance.blind(shelf) == ""


# How many at a time


def test_hundreds_of_visitors_are_bounded_and_the_idle_make_room():
    now = [0.0]
    visitors = Visitors(most=32, clock=lambda: now[0])
    tokens = [visitors.begin() for _ in range(32)]
    assert len(set(tokens)) == 32
    for _ in range(300):
        with pytest.raises(ValueError, match="Try again"):
            visitors.begin()
    now[0] = 6
    for token in tokens[1:]:
        visitors.find(token)
    fresh = visitors.begin()
    with pytest.raises(Gone):
        visitors.find(tokens[0])
    with pytest.raises(ValueError, match="Try again"):
        visitors.begin()
    now[0] = 6 + 31
    assert len(visitors) == 0
    with pytest.raises(Gone):
        visitors.find(fresh)


def test_who_comes_when_too_much_waits_hears_so_at_once():
    gate = threading.Event()

    async def crowd() -> list[Any]:
        turns = Turns(1, waiting=2)
        tasks = [asyncio.create_task(turns(gate.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await turns(gate.wait)
        tasks[1].cancel()
        gate.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert await turns(lambda: 7) == 7, "a place that nobody waits for is free again"
        return done

    assert [value is True for value in asyncio.run(crowd())] == [True, False, True]


def test_one_visitor_holds_two_places_and_no_more(page: Page):
    async def flood() -> list[dict[str, Any]]:
        frames = [page.functions["dance_frame"](page.data()) for _ in range(20)]
        return await asyncio.gather(*frames)

    answers = asyncio.run(flood())
    assert sum("picture" in answer for answer in answers) == 2
    assert sum(answer == {"busy": True} for answer in answers) == 18
    assert "picture" in page.frame()


def test_few_frames_at_a_time(monkeypatch: pytest.MonkeyPatch):
    for cores, expected in ((1, 1), (2, 1), (4, 2), (64, 4)):
        monkeypatch.setattr("synth.serve.providers.cores", lambda cores=cores: cores)
        assert workers("cpu") == expected


# The demo


def test_the_demo_goes_round_and_is_rendered_once(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "weights"
    shutil.copytree(shelf.folder, folder)
    (folder / demo.FILE).parent.mkdir(parents=True)
    points = moves(12)[..., :2].tolist()
    (folder / demo.FILE).write_text(json.dumps({"fps": 20, "size": [256, 256], "points": points}))
    page = Page(Shelf(folder, "cpu", "synth"))
    answer = page.call("dance_demo", {"character": "dance-dots", "first": 0})
    frames = answer["frames"]
    while len(frames) < answer["total"]:
        frames += page.call("dance_demo", {"character": "dance-dots", "first": len(frames)})["frames"]
    assert (len(frames), answer["fps"], answer["place"]) == (12 + demo.JOIN, 20, "CPU")
    poses = np.array([frame["pose"] for frame in frames])
    assert np.abs(np.diff(poses[11:], axis=0)).max() < 6, "no jump from the end to the beginning"
    monkeypatch.setattr(demo.Demo, "_render", lambda self: pytest.fail("rendered twice"))
    assert page.call("dance_demo", {"character": "dance-dots", "first": 0})["frames"] == frames[: demo.CHUNK]


@pytest.mark.parametrize("first", [None, -1, "0", 1.0, True, [0]])
def test_parts_of_the_demo_that_are_not_there(page: Page, first: Any):
    assert page.call("dance_demo", {"character": "dance-dots", "first": first})["error"].endswith(".")
    assert page.call("dance_demo", {"character": "dance-dots", "first": 10**9})["frames"] == []


def test_the_page_draws_the_same_limbs_as_the_network_sees():
    assert len(dance.limbs()) == 18
    assert dance.limbs()[0] == (17, 18, "rgb(255, 0, 0)", False)
