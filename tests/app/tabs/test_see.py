"""Test the See tab without a browser: requests and answers, tracking, refusals."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import onnx
import pytest

from synth.app.live import frame_request
from synth.app.tabs import see
from synth.card import Input
from synth.pixels.body.pose import COCO
from synth.runtime import perception
from synth.runtime.registry import Registry
from tests.support import dancers, graphs
from tests.support.live_page import jpeg
from tests.support.perception_models import STREET, perception_registry
from tests.support.pictures import opened


class Page:
    """What the page does: calls by name, a token, pictures that count up."""

    def __init__(self, folder: Path, graph: str = "see-street"):
        self.stage = see.SeeEndpoints(perception_registry(folder))
        self.functions = {function.__name__: function for function in self.stage.functions()}
        self.graph, self.number = graph, 0
        self.token = self.call("see_begin", {"graph": graph}).get("token", "")

    def call(self, name: str, data: Any) -> dict[str, Any]:
        return asyncio.run(self.functions[name](data))

    def look(self, image: np.ndarray, **given: Any) -> dict[str, Any]:
        self.number += 1
        usual = {"token": self.token, "graph": self.graph, "jpeg": jpeg(image), "number": self.number, "time": 0.0}
        return self.call("see_look", {**usual, "smooth": 0, "again": 0, "joint": -1, "still": True, **given})


def test_areas_have_the_pictures_size_and_shares_that_sum_up(tmp_path: Path) -> None:
    image = np.zeros((48, 80, 3), np.uint8)
    image[:12] = 255
    answer = Page(tmp_path).look(image)
    assert opened(answer["labels"]).shape == (48, 80, 3)
    assert answer["shares"] == [0.25, 0.75]
    assert answer["place"] == "CPU"
    assert set(answer["ms"]) == {"wait", "server", "graph"}


def test_somebody_is_found_with_the_belief_of_a_joint(tmp_path: Path) -> None:
    frame, joints = dancers.person()
    answer = Page(tmp_path, "pose").look(frame, joint=COCO.index("left_wrist"))
    assert dancers.error(np.array(answer["joints"], np.float32), joints) < 4
    assert answer["note"] == ""
    left, top, width, height = answer["box"]
    assert left < joints[9, 0] < left + width
    assert top < joints[9, 1] < top + height
    assert opened(answer["belief"]).ndim == 3


def test_nobody_is_an_empty_answer_and_a_word(tmp_path: Path) -> None:
    page = Page(tmp_path, "pose")
    assert page.look(dancers.person()[0])["joints"] is not None
    answer = page.look(np.full((240, 320, 3), 90, np.uint8))
    assert answer["joints"] is None
    assert answer["note"] == see.NOBODY
    assert page.look(np.full((240, 320, 3), 90, np.uint8), still=False)["note"] == see.NOBODY_LIVE
    assert "belief" not in answer


def test_a_person_in_a_corner_of_a_still_picture_is_found_at_once(tmp_path: Path) -> None:
    frame, joints = dancers.person(height=240, width=640, tall=200, x=560)
    assert dancers.error(np.array(Page(tmp_path, "pose").look(frame)["joints"], np.float32), joints) < 4


def test_the_belief_lies_where_the_window_was(tmp_path: Path) -> None:
    tracker = perception.PersonTracker(perception_registry(tmp_path).graph("pose"))
    found = tracker.find(dancers.person()[0], still=True)
    assert found is not None
    for joint in (perception.ALL, 0):
        answer = tracker.belief(joint)
        assert answer is not None
        assert answer[0].dtype == np.uint8
    assert tracker.find(np.zeros((100, 100, 3), np.uint8), still=True) is None
    assert tracker.belief(0) is None


def test_a_graph_without_beliefs_gives_joints_alone(tmp_path: Path) -> None:
    onnx.save(dancers.finder(card=replace(dancers.POSE, tabs=("see",))), tmp_path / "pose.onnx")
    tracker = perception.PersonTracker(Registry(tmp_path, "cpu").graph("pose"))
    assert tracker.find(dancers.person()[0], still=True) is not None
    assert tracker.belief(0) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"graph": "invert"}, "no model"), ({"graph": 3}, "no model"), ({"joint": 17}, "no joint"),
        ({"joint": True}, "no joint"), ({"joint": "nose"}, "no joint"), ({"jpeg": "data:,"}, "damaged"),
        ({"jpeg": frame_request.PREFIX + "AAAA"}, "damaged"), ({"number": -1}, "damaged"),
    ],
)  # fmt: skip
def test_what_a_page_would_not_send_ends_in_a_sentence(tmp_path: Path, given: dict[str, Any], said: str) -> None:
    assert said in Page(tmp_path).look(graphs.noise(40, 40, 3), **given)["error"]


@pytest.mark.parametrize("shape", [(31, 64, 3), (900, 900, 3)])
def test_sizes_that_the_page_never_sends_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    assert "is not accepted" in Page(tmp_path).look(np.zeros(shape, np.uint8))["error"]


def test_unknown_tokens_and_old_frames(tmp_path: Path) -> None:
    page, image = Page(tmp_path), graphs.noise(40, 40, 3)
    assert page.look(image, token="x") == {"gone": True}
    assert "labels" in page.look(image)
    assert page.look(image, number=1) == {"late": True}
    page.call("see_end", {"token": page.token})
    assert page.look(image) == {"gone": True}
    assert "could not read this request" in page.call("see_look", ["x"])["error"]


def test_examples_are_those_of_the_graph(tmp_path: Path) -> None:
    page = Page(tmp_path)
    assert opened(page.call("see_example", {"graph": "see-street", "index": 0})["picture"]).shape == (20, 30, 3)
    assert "no example 5" in page.call("see_example", {"graph": "see-street", "index": 5})["error"]


def test_only_graphs_that_see_are_offered_areas_first(tmp_path: Path) -> None:
    registry = perception_registry(tmp_path)
    assert see.names(registry) == ["see-street", "pose"]
    assert see.kind(graphs.CARD) == ""
    assert see.kind(replace(STREET, inputs=(Input(kind="labels"),))) == ""
    assert see.kind(replace(STREET, scale=2)) == ""


def test_what_is_not_the_same_in_the_mirror_is_nobody(tmp_path: Path) -> None:
    """A graph that sees a person wherever it looks, always the same one, whatever the picture holds."""
    tracker = perception.PersonTracker(perception_registry(tmp_path).graph("pose"))
    frame, joints = dancers.person(x=120)
    ghost = joints * np.array([160 / 640, 160 / 480, 1], np.float32)
    tracker.graph = SimpleNamespace(card=dancers.POSE, run_all=lambda _: {"k": ghost}, run=lambda _: ghost)  # type: ignore[assignment]
    assert tracker.find(frame, still=True) is None
    assert tracker.find(frame) is None


def test_two_bodies_lie_apart_by_shares_of_their_extent() -> None:
    joints = dancers.person()[1]
    assert perception.distance(joints, joints) == 0
    extent = np.ptp(joints[:, :2], axis=0).max()
    moved = joints + np.array([0.3 * extent, 0, 0], np.float32)
    assert perception.distance(joints, moved) == pytest.approx(0.3, abs=1e-3)
