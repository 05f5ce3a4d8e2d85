"""Test the whole chain from a frame to a character's image, on a person of dots."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from synth.card import Input
from synth.pixels.body import skeleton
from synth.pixels.body.body import Body
from synth.runtime.dance.perform import Performance, Role, SmoothTracker, check
from synth.runtime.dance.pose import poses
from synth.runtime.registry import Registry
from tests.support import dancers, graphs


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return Registry(dancers.fill(tmp_path_factory.mktemp("weights"), "dance-dots", "dance-spots"), "cpu", "synth")


@pytest.fixture
def show(registry: Registry) -> Performance:
    return Performance(registry.graph("dance-dots"), poses(registry).tracker())


def test_a_person_is_found_and_the_character_stands_on_its_own_ground(show: Performance, registry: Registry):
    frame, joints = dancers.person()
    moment = [show.step(frame, i / 20) for i in range(20)][-1]
    assert moment.person is not None
    assert np.abs(moment.person - joints)[5:, :2].max() < 2.5
    assert moment.mode == "whole"
    assert moment.drawn.shape == moment.picture.shape == (64, 64, 3)
    lowest = np.flatnonzero(moment.drawn.any((1, 2)))[-1]
    body = Body.from_json(registry.card("dance-dots").body)
    assert lowest == pytest.approx(body.at(0.5)[0], abs=2)
    assert set(moment.milliseconds) == {"pose", "draw", "picture"}
    assert min(moment.milliseconds.values()) > 0


def test_the_previous_picture_is_black_at_first_and_then_the_last_one(show: Performance):
    frame, _ = dancers.person()
    last = np.zeros((64, 64, 3), int)
    for i in range(4):
        moment = show.step(frame, i / 20)
        assert np.array_equal(moment.picture, (moment.drawn.astype(int) + last) // 2)
        last = moment.picture.astype(int)
    show.reset()
    again = show.step(frame, 0.2)
    assert np.array_equal(again.picture, again.drawn // 2)


def test_nobody_lets_the_character_rest(show: Performance):
    dark = np.zeros((240, 320, 3), np.uint8)
    moment = show.step(dark, 0)
    assert moment.person is None
    assert moment.mode == "rest"
    resting = skeleton.draw(show.role.follower.target.pose, 64, 64)
    assert np.array_equal(moment.drawn, resting)


def test_somebody_who_leaves_is_held_then_gone(show: Performance):
    frame, _ = dancers.person()
    for i in range(10):
        show.step(frame, i / 10)
    dark = np.zeros_like(frame)
    held = show.step(dark, 1.1)
    assert held.person is not None
    assert held.mode == "whole"
    gone = [show.step(dark, 1.1 + i / 10) for i in range(1, 12)][-1]
    assert gone.person is None
    assert gone.mode == "rest"


def test_mirrored_or_not(show: Performance):
    """The left arm, on the right of the frame, is raised; the character raises the one on the same side in a mirror."""
    _, joints = dancers.person()
    joints[7, :2], joints[9, :2] = joints[5, :2] + (70, 0), joints[5, :2] + (70, -80)
    frame = dancers.paint(np.zeros((480, 640, 3), np.uint8), joints, 5)

    def reach() -> tuple[int, int]:
        moment = [show.step(frame, i / 20) for i in range(30)][-1]
        columns = np.flatnonzero(moment.drawn.any((0, 2)))
        centre = show.role.follower.target.across[1]
        return int(centre - columns[0]), int(columns[-1] - centre)

    left, right = reach()
    assert left > right + 3
    show.reset()
    show.mirrored = False
    left, right = reach()
    assert right > left + 3


def test_another_character_keeps_the_person(show: Performance, registry: Registry):
    frame, _ = dancers.person()
    show.mirrored, show.smoothness = False, 0.8
    show.step(frame, 0)
    show.cast(registry.graph("dance-spots"))
    assert show.step(frame, 0.05).person is not None
    assert (show.mirrored, show.smoothness) == (False, 0.8)
    assert show.role.graph.card.name == "dance-spots"


def test_a_camera_that_is_turned_begins_anew(show: Performance):
    show.step(dancers.person()[0], 0)
    frame, joints = dancers.person(640, 360, 500)
    moment = show.step(frame, 0.05)
    assert moment.person is not None
    assert np.abs(moment.person - joints)[5:, :2].max() < 4, "not drawn out from where somebody was before"


def test_smoothness_calms(registry: Registry):
    _, joints = dancers.person()
    trembles = []
    for amount in (0.0, 1.0):
        watch = SmoothTracker(poses(registry).tracker(), amount)
        places = []
        for i in range(30):
            shifted = np.add(joints, (3 * (i % 2), 0, 0))
            found = watch(dancers.paint(np.zeros((480, 640, 3), np.uint8), shifted, 5), i / 20)
            assert found is not None
            places.append(found[11, 0])
        trembles.append(np.std(places[10:]))
    assert trembles[0] > 3 * trembles[1]


def test_a_character_is_drawn_at_its_own_size(tmp_path: Path):
    model = dancers.character(size=96)
    card = replace(_card(model), body=_card(dancers.character(size=64)).body)
    onnx.helper.set_model_props(model, {"synth.card": card.to_json()})
    onnx.save(model, tmp_path / "dance-other.onnx")
    role = Role(Registry(tmp_path, "cpu").graph("dance-other"))
    assert role.follower.target.size == (96, 96)
    assert role(None, 0, (10, 10)).picture.shape == (96, 96, 3)


def test_graphs_that_are_no_characters_are_refused():
    for card in (graphs.CARD, replace(graphs.CARD, inputs=(Input(kind="previous"),)), dancers.POSE):
        with pytest.raises(ValueError, match="not a character"):
            check(card)
    with pytest.raises(ValueError, match="no body proportions"):
        check(replace(graphs.CARD, inputs=(Input(kind="figure"),)))


def _card(model: onnx.ModelProto):
    from synth.runtime.graph_file import check as card_of

    return card_of(model, "graph")
