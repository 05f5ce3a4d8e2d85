"""Test the Dance tab's public functions with arbitrary input at any rate."""

import asyncio
import base64
import threading
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from synth.app.live import frame_request
from synth.app.live.live_sessions import Gone, LiveSessions
from synth.app.tabs import dance
from synth.runtime.registry import Registry
from synth.runtime.worker_pool import Busy, WorkerPool, workers
from tests.support import dancers, graphs, pictures
from tests.support.live_page import Page, jpeg

# Whatever arrives


@pytest.mark.parametrize("name", ["dance_begin", "dance_frame", "dance_end", "dance_demo"])
@pytest.mark.parametrize("data", [None, [], 7, "x", [{}], True])
def test_what_is_no_message_ends_in_a_sentence(visit: Page, name: str, data: Any):
    answer = visit.call(name, data)
    assert set(answer) == {"error"}
    assert answer["error"].endswith(".")


@pytest.mark.parametrize(
    "given",
    [
        {"jpeg": None},
        {"jpeg": ["x"]},
        {"jpeg": ""},
        {"jpeg": frame_request.PREFIX},
        {"jpeg": frame_request.PREFIX + "###"},
        {"jpeg": frame_request.PREFIX + base64.b64encode(b"no picture at all").decode()},
        {"jpeg": frame_request.PREFIX + base64.b64encode(b"\xff\xd8\xff" * 9).decode()},
        {"jpeg": frame_request.PREFIX + "A" * 10**7},
        {
            "jpeg": frame_request.PREFIX
            + base64.b64encode(pictures.saved(Image.new("1", (30_000, 30_000)), "PNG")).decode()
        },
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
        {"select": [0.5, 0.5, 1]},
        {"select": {"x": 0.5, "y": 1.5, "count": 1}},
        {"select": {"x": float("nan"), "y": 0.5, "count": 1}},
        {"select": {"x": 0.5, "y": 0.5, "count": "1"}},
        {"select": {"x": 0.5, "y": 0.5, "count": 10**400}},
        {"character": "pose"},
        {"character": "../dance-dots"},
        {"character": None},
    ],
    ids=lambda given: f"{next(iter(given))}-{str(next(iter(given.values())))[:40]}",
)
def test_a_bad_frame_ends_in_a_sentence_and_the_next_one_works(visit: Page, given: dict[str, Any]):
    answer = visit.frame(**given)
    assert set(answer) == {"error"}
    assert answer["error"].endswith(".")
    assert "picture" in visit.frame()


def test_a_jpeg_that_breaks_off_harms_nobody(visit: Page):
    whole = base64.b64decode(jpeg(graphs.noise(240, 320, 3)).removeprefix(frame_request.PREFIX))
    answer = visit.frame(jpeg=frame_request.PREFIX + base64.b64encode(whole[: len(whole) // 2]).decode())
    assert set(answer) == {"error"} or answer["joints"] is None


@pytest.mark.parametrize("token", [None, "", "x", 5, ["a"], "é" * 1000])
def test_a_wrong_token_opens_nothing(visit: Page, token: Any):
    assert visit.frame(token=token) == {"gone": True}
    assert visit.call("dance_end", {"token": token}) == {}


def test_after_the_end_the_token_is_worth_nothing(visit: Page):
    visit.call("dance_end", {"token": visit.token})
    assert visit.frame() == {"gone": True}


def test_without_poses_the_tab_says_what_to_do(tmp_path: Path):
    (dancers.fill(tmp_path) / "pose.onnx").unlink()
    visit = Page(Registry(tmp_path, "cpu", "synth"))
    assert "pose.onnx" in visit.begin()["error"]
    assert visit.call("dance_demo", {"character": "dance-dots", "first": 0})["total"] == 1, "the demo needs none"
    assert "pose.onnx" in dance.missing_pose(Registry(tmp_path, "cpu", "synth"))


def test_where_poses_are_found_nothing_is_warned_of(troupe: Registry):
    assert dance.missing_pose(troupe) == ""


# How many at a time


def test_live_sessions_are_bounded_and_idle_ones_make_room():
    now = [0.0]
    sessions = LiveSessions(most=32, clock=lambda: now[0])
    tokens = [sessions.begin() for _ in range(32)]
    assert len(set(tokens)) == 32
    for _ in range(300):
        with pytest.raises(ValueError, match="Try again"):
            sessions.begin()
    now[0] = 6
    for token in tokens[1:]:
        sessions.find(token)
    fresh = sessions.begin()
    with pytest.raises(Gone):
        sessions.find(tokens[0])
    with pytest.raises(ValueError, match="Try again"):
        sessions.begin()
    now[0] = 6 + 31
    assert len(sessions) == 0
    with pytest.raises(Gone):
        sessions.find(fresh)


def test_a_full_worker_pool_rejects_work_at_once():
    gate = threading.Event()

    async def crowd() -> list[Any]:
        pool = WorkerPool(1, waiting=2)
        tasks = [asyncio.create_task(pool(gate.wait)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await pool(gate.wait)
        tasks[1].cancel()
        gate.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.01)
        assert await pool(lambda: 7) == 7, "a place that nobody waits for is free again"
        return done

    assert [value is True for value in asyncio.run(crowd())] == [True, False, True]


def test_one_session_holds_two_places_and_no_more(visit: Page):
    async def flood() -> list[dict[str, Any]]:
        frames = [visit.functions["dance_frame"](visit.data()) for _ in range(20)]
        return await asyncio.gather(*frames)

    answers = asyncio.run(flood())
    assert sum("picture" in answer for answer in answers) == 2
    assert sum(answer == {"busy": True} for answer in answers) == 18
    assert "picture" in visit.frame()


def test_few_frames_at_a_time(monkeypatch: pytest.MonkeyPatch):
    for cores, expected in ((1, 1), (2, 1), (4, 2), (64, 4)):
        monkeypatch.setattr("synth.runtime.providers.cores", lambda cores=cores: cores)
        assert workers("cpu") == expected
