"""Test the Dance tab without a browser: what a live session receives."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synth.app import constants
from synth.pixels.body import skeleton
from synth.runtime.dance import demo
from synth.runtime.registry import Registry
from tests.support import dancers
from tests.support.bodies import moves
from tests.support.live_page import Page
from tests.support.pictures import opened


def waving() -> np.ndarray:
    """Return a frame of a person whose left arm is lifted."""
    joints = dancers.person()[1]
    joints[[7, 9]] = joints[5] + [[40, -70, 0], [60, -140, 0]]
    return dancers.paint(np.zeros((480, 640, 3), np.uint8), joints, 5)


def test_a_person_moves_the_character(visit: Page):
    _, joints = dancers.person()
    answer = [visit.frame() for _ in range(8)][-1]
    assert answer["mode"] == "whole"
    assert np.abs(np.array(answer["joints"]) - joints)[5:, :2].max() < 3, "the person's joints, in the pixels sent"
    figure = skeleton.draw(np.array(answer["pose"], np.float32), 64, 64).astype(int)
    assert np.abs(opened(answer["picture"]).astype(int) - figure).mean() < 6, "the picture is that of the figure sent"
    assert set(answer["ms"]) == {"wait", "server", "pose", "generator"}
    assert all(value >= 0 for value in answer["ms"].values())
    assert answer["places"] == {"pose": "CPU", "generator": "CPU"}


def test_begin_says_who_finds_poses(visit: Page):
    answer = visit.begin()
    assert (answer["pose"], answer["warning"]) == ("synth pose", "")
    assert len(answer["token"]) >= 32


def test_nobody_lets_the_character_rest(visit: Page):
    answer = visit.frame(np.zeros((240, 320, 3), np.uint8))
    assert (answer["mode"], answer["joints"]) == ("rest", None)


def test_mirror_and_character_belong_to_the_session(visit: Page):
    frame = waving()
    elbows = [[visit.frame(frame, mirror=mirror)["pose"][7:9] for _ in range(8)][-1] for mirror in (True, False)]
    lifted = [left[1] < right[1] for left, right in elbows]
    assert lifted == [False, True], "who lifts the left arm sees the right one of a mirror image rise"
    assert "picture" in visit.frame(character="dance-lines")


def test_recalibration_takes_the_place_of_now_for_the_usual_one(visit: Page):
    for _ in range(8):
        visit.frame(dancers.person(x=250)[0])
    aside = [visit.frame(dancers.person(x=390)[0]) for _ in range(4)][-1]["pose"][11][0]
    again = [visit.frame(dancers.person(x=390)[0], again=1) for _ in range(8)][-1]["pose"][11][0]
    assert abs(aside - again) > 3


def test_a_click_is_a_place_of_the_picture_and_acts_once(visit: Page, monkeypatch: pytest.MonkeyPatch):
    visit.frame()
    performance = visit.stage._sessions.find(visit.token).performance
    places: list[tuple[float, float]] = []
    monkeypatch.setattr(performance.tracker.tracker, "select", lambda x, y: places.append((x, y)))
    frame = dancers.person()[0]
    for count in (1, 1, 2):
        assert "picture" in visit.frame(frame, select={"x": 0.25, "y": 0.5, "count": count})
    assert places == [(0.25 * frame.shape[1], 0.5 * frame.shape[0])] * 2


def test_a_frame_older_than_the_newest_is_not_computed(visit: Page):
    visit.frame(number=10)
    assert visit.frame(number=9) == {"late": True}
    assert visit.frame(number=10) == {"late": True}
    assert "picture" in visit.frame(number=11)


@pytest.mark.parametrize(("width", "height"), [(320, 180), (180, 320), (320, 240), (33, 500)])
def test_every_shape_of_camera_will_do(visit: Page, width: int, height: int):
    assert "picture" in visit.frame(np.zeros((height, width, 3), np.uint8))


def test_two_sessions_do_not_mix(troupe: Registry):
    visit = Page(troupe)
    tokens = [visit.begin()["token"] for _ in range(2)]
    left, right = dancers.person(x=200)[0], dancers.person(x=440)[0]
    pairs = list(zip((left, right), tokens, strict=True))
    rounds = [[visit.frame(frame, token=token) for frame, token in pairs] for _ in range(3)]
    found = rounds[-1]
    hips = [np.mean([answer["joints"][11][0], answer["joints"][12][0]]) for answer in found]
    assert hips == pytest.approx([200, 440], abs=5)


# The demo


def test_the_demo_goes_round_and_is_rendered_once(troupe: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "weights"
    shutil.copytree(troupe.folder, folder)
    (folder / demo.FILE).parent.mkdir(parents=True)
    points = moves(12)[..., :2].tolist()
    (folder / demo.FILE).write_text(json.dumps({"fps": 20, "size": [256, 256], "points": points}))
    visit = Page(Registry(folder, "cpu", "synth"))
    answer = visit.call("dance_demo", {"character": "dance-dots", "first": 0})
    frames = answer["frames"]
    while len(frames) < answer["total"]:
        frames += visit.call("dance_demo", {"character": "dance-dots", "first": len(frames)})["frames"]
    assert (len(frames), answer["fps"], answer["place"]) == (12 + demo.JOIN, 20, "CPU")
    poses = np.array([frame["pose"] for frame in frames])
    assert np.abs(np.diff(poses[11:], axis=0)).max() < 6, "no jump from the end to the beginning"
    monkeypatch.setattr(demo.Demo, "_render", lambda self: pytest.fail("rendered twice"))
    assert visit.call("dance_demo", {"character": "dance-dots", "first": 0})["frames"] == frames[: demo.CHUNK]


@pytest.mark.parametrize("first", [None, -1, "0", 1.0, True, [0]])
def test_parts_of_the_demo_that_are_not_there(visit: Page, first: Any):
    assert visit.call("dance_demo", {"character": "dance-dots", "first": first})["error"].endswith(".")
    assert visit.call("dance_demo", {"character": "dance-dots", "first": 10**9})["frames"] == []


def test_the_page_draws_the_same_limbs_as_the_network_sees():
    limbs = constants.anatomy()["LIMBS"]
    assert len(limbs) == 18
    assert limbs[0] == (17, 18, "rgb(255, 0, 0)", False)
